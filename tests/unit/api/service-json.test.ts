// Services in Traefik's JSON.

import assert from "node:assert/strict";
import { test } from "node:test";
import { toServiceJson } from "../../../src/api/service-json.ts";
import { toGoDuration } from "../../../src/schema/duration.ts";
import type { HttpService } from "../../../src/config/dynamic.ts";

const cookie = { name: "c", secure: true, httpOnly: false, maxAge: 0, path: "/" };

const rows: readonly (readonly [service: HttpService, wanted: unknown])[] = [
  [
    {
      kind: "loadBalancer",
      strategy: "p2c",
      passHostHeader: false,
      serversTransport: "t@file",
      sticky: cookie,
      servers: [{ url: "http://a", weight: 2, preservePath: true, fenced: true }],
      healthCheck: {
        ...{ mode: "http", path: "/h", method: "GET", status: 0, port: 81, followRedirects: true, headers: {} },
        ...{ intervalMs: 30_000, unhealthyIntervalMs: 500, timeoutMs: 5000 },
      },
    },
    {
      loadBalancer: {
        sticky: { cookie },
        servers: [{ url: "http://a", weight: 2, preservePath: true, fenced: true }],
        strategy: "p2c",
        healthCheck: {
          ...{ mode: "http", path: "/h", method: "GET", port: 81, followRedirects: true },
          ...{ interval: "30s", unhealthyInterval: "500ms", timeout: "5s" },
        },
        passHostHeader: false,
        serversTransport: "t@file",
      },
    },
  ],
  [
    { kind: "mirroring", service: "a", mirrors: [{ name: "b", percent: 10 }], mirrorBody: true, maxBodySize: -1 },
    { mirroring: { service: "a", mirrorBody: true, maxBodySize: -1, mirrors: [{ name: "b", percent: 10 }] } },
  ],
  [
    {
      ...{ kind: "failover", service: "a", fallback: "b" },
      errors: { status: [[500, 599], [404, 404]], maxRequestBodyBytes: -1 },
    },
    { failover: { service: "a", fallback: "b", errors: { status: ["500-599", "404"], maxRequestBodyBytes: -1 } } },
  ],
  [
    { kind: "highestRandomWeight", services: [{ name: "a", weight: 1 }] },
    { highestRandomWeight: { services: [{ name: "a", weight: 1 }] } },
  ],
];

for (const [service, wanted] of rows) {
  test(`toServiceJson() writes ${service.kind}`, () => assert.deepEqual(toServiceJson(service), wanted));
}

const durations: readonly (readonly [ms: number, text: string])[] = [
  [0, "0s"],
  [100, "100ms"],
  [1500, "1.5s"],
  [30_000, "30s"],
  [90_000, "1m30s"],
  [3_600_000, "1h0m0s"],
  [3_661_500, "1h1m1.5s"],
  [-5000, "-5s"],
];

for (const [ms, text] of durations) {
  test(`toGoDuration() writes ${ms} ms as ${text}`, () => assert.equal(toGoDuration(ms), text));
}
