// Lists of TCP and UDP parts: Traefik's shapes, found and sorted as those of HTTP.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../../src/api/create-api.ts";
import type { ApiSnapshot } from "../../../src/api/snapshot.ts";

const snapshot: ApiSnapshot = {
  ...{ entryPoints: [], routers: [], services: [], middlewares: [], providers: ["File"] },
  ...{ certificates: [], problems: [] },
  features: { tracing: "", metrics: "", accessLog: false },
  tcp: {
    routers: [
      {
        ...{ name: "db@file", status: "enabled", errors: [], entryPoints: ["mysql"], using: ["mysql"] },
        ...{ middlewares: ["few@file"], service: "db@file", rule: "HostSNI(`db.test`)", priority: 18 },
        tls: { passthrough: false, options: "strict@file", certificates: ["hidden"] },
      },
      {
        ...{ name: "all@kubernetescrd", status: "disabled", errors: ["not served"], entryPoints: ["mysql"], using: [] },
        ...{ middlewares: [], service: "split@file", rule: "HostSNI(`*`)", priority: -1 },
      },
    ],
    services: [
      {
        ...{ name: "db@file", status: "enabled", errors: [], usedBy: ["db@file"] },
        service: {
          kind: "loadBalancer",
          servers: [{ address: "10.0.0.5:3306", tls: false }, { address: "10.0.0.6:3306", tls: true, fenced: true }],
          serversTransport: "slow@file",
          healthCheck: {
            port: 0,
            send: "PING",
            expect: "",
            intervalMs: 90_000,
            unhealthyIntervalMs: 500,
            timeoutMs: 1_000,
          },
          proxyProtocol: { version: 2 },
          terminationDelayMs: 100,
        },
      },
      {
        ...{ name: "split@file", status: "warning", errors: ["gone"], usedBy: [] },
        service: { kind: "weighted", services: [{ name: "db@file", weight: 2 }] },
      },
    ],
    middlewares: [
      {
        ...{ name: "few@file", status: "enabled", errors: [], usedBy: ["db@file"] },
        ...{ kind: "inFlightConn", options: { amount: 3 } },
      },
    ],
  },
  udp: {
    routers: [
      { name: "dns@file", status: "enabled", errors: [], entryPoints: ["dns"], service: "dns@file", using: ["dns"] },
    ],
    services: [
      {
        ...{ name: "dns@file", status: "enabled", errors: [], usedBy: ["dns@file"] },
        service: { kind: "loadBalancer", servers: [{ address: "10.0.0.7:53" }] },
      },
    ],
  },
};

async function askJson(path: string): Promise<unknown> {
  const startDate = new Date("2026-11-20T10:00:00Z");
  const api = createApi({ snapshot: () => snapshot, version: "0.1.0", startDate, isStopping: () => false });
  const response = await api.fetch(new Request(`http://weir.test${path}`));
  assert.equal(response.status, 200);
  return await response.json();
}

const listed: readonly [path: string, names: readonly string[]][] = [
  ["/api/tcp/routers", ["all@kubernetescrd", "db@file"]],
  ["/api/tcp/routers?sortBy=priority&direction=desc", ["db@file", "all@kubernetescrd"]],
  ["/api/tcp/routers?search=DB.test", ["db@file"]],
  ["/api/tcp/routers?status=disabled", ["all@kubernetescrd"]],
  ["/api/tcp/routers?middlewareName=few", ["db@file"]],
  ["/api/tcp/routers?serviceName=split@file", ["all@kubernetescrd"]],
  ["/api/tcp/routers?per_page=1&page=2", ["db@file"]],
  ["/api/tcp/services?search=10.0.0.6", ["db@file"]],
  ["/api/tcp/services?sortBy=servers", ["split@file", "db@file"]],
  ["/api/tcp/middlewares?search=inflight", ["few@file"]],
  ["/api/udp/routers?search=dns", ["dns@file"]],
  ["/api/udp/routers?serviceName=other", []],
  ["/api/udp/services?sortBy=type", ["dns@file"]],
];

for (const [path, names] of listed) {
  test(`GET ${path} finds what HTTP lists would`, async () => {
    const parts = await askJson(path);
    assert.ok(Array.isArray(parts));
    assert.deepEqual(parts.map((part) => part.name), names);
  });
}

const singles: readonly [path: string, wanted: unknown][] = [
  ["/api/tcp/routers/db@file", {
    ...{ entryPoints: ["mysql"], middlewares: ["few@file"], service: "db@file", rule: "HostSNI(`db.test`)" },
    ...{ priority: 18, tls: { passthrough: false, options: "strict@file" }, status: "enabled", using: ["mysql"] },
    ...{ name: "db@file", provider: "file", priorityStr: "18" },
  }],
  ["/api/tcp/services/db@file", {
    loadBalancer: {
      servers: [{ address: "10.0.0.5:3306" }, { address: "10.0.0.6:3306", tls: true }],
      serversTransport: "slow@file",
      healthCheck: { send: "PING", interval: "1m30s", unhealthyInterval: "500ms", timeout: "1s" },
      proxyProtocol: { version: 2 },
      terminationDelay: 100,
    },
    ...{ status: "enabled", usedBy: ["db@file"], name: "db@file", provider: "file", type: "loadbalancer" },
  }],
  ["/api/tcp/services/split@file", {
    weighted: { services: [{ name: "db@file", weight: 2 }] },
    ...{ error: ["gone"], status: "warning", name: "split@file", provider: "file", type: "weighted" },
  }],
  ["/api/tcp/middlewares/few@file", {
    inFlightConn: { amount: 3 },
    ...{ status: "enabled", usedBy: ["db@file"], name: "few@file", provider: "file", type: "inflightconn" },
  }],
  ["/api/udp/routers/dns@file", {
    ...{ entryPoints: ["dns"], service: "dns@file", status: "enabled", using: ["dns"] },
    ...{ name: "dns@file", provider: "file" },
  }],
  ["/api/udp/services/dns@file", {
    loadBalancer: { servers: [{ address: "10.0.0.7:53" }] },
    ...{ status: "enabled", usedBy: ["dns@file"], name: "dns@file", provider: "file", type: "loadbalancer" },
  }],
];

for (const [path, wanted] of singles) {
  test(`GET ${path} has Traefik's shape`, async () => {
    assert.deepEqual(await askJson(path), wanted);
  });
}

test("GET /api/rawdata and /api/overview tell of TCP and UDP", async () => {
  const raw = await askJson("/api/rawdata");
  assert.ok(typeof raw === "object" && raw !== null);
  assert.deepEqual(Object.keys(raw), [
    ...["tcpRouters", "tcpMiddlewares", "tcpServices", "udpRouters", "udpServices"],
  ]);
  assert.deepEqual(Reflect.get(raw, "udpRouters"), {
    "dns@file": { entryPoints: ["dns"], service: "dns@file", status: "enabled", using: ["dns"] },
  });
  const overview = await askJson("/api/overview");
  assert.ok(typeof overview === "object" && overview !== null);
  assert.deepEqual(Reflect.get(overview, "tcp"), {
    routers: { total: 2, warnings: 0, errors: 1 },
    services: { total: 2, warnings: 1, errors: 0 },
    middlewares: { total: 1, warnings: 0, errors: 0 },
  });
  assert.deepEqual(Reflect.get(overview, "udp"), {
    routers: { total: 1, warnings: 0, errors: 0 },
    services: { total: 1, warnings: 0, errors: 0 },
  });
});
