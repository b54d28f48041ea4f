// The API's answers: Traefik's shapes, its query parameters, its errors, and what protects it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../../src/api/create-api.ts";
import type { ApiOptions } from "../../../src/api/create-api.ts";
import type { ApiRouter, ApiSnapshot } from "../../../src/api/snapshot.ts";
import { MetricsRegistry } from "../../../src/telemetry/metrics-registry.ts";

function router(name: string, over: Partial<ApiRouter> = {}): ApiRouter {
  return {
    name,
    status: "enabled",
    errors: [],
    entryPoints: ["web"],
    middlewares: [],
    service: "app@file",
    rule: "Host(`a.test`)",
    priority: 14,
    using: ["web"],
    ...over,
  };
}

const snapshot: ApiSnapshot = {
  entryPoints: [
    { name: "web", address: ":80", definition: { asDefault: true } },
    { name: "traefik", address: ":8080", definition: {} },
  ],
  routers: [
    router("b@file", { priority: 20, middlewares: ["auth@file"], status: "warning", errors: ["slow"] }),
    router("a@file", { priority: 30, service: "other@file" }),
    router("c@kubernetescrd", { status: "disabled", errors: ["no such service"], using: [], rule: "Path(`/c`)" }),
  ],
  services: [
    {
      ...{ name: "app@file", status: "enabled", errors: [], usedBy: ["b@file"] },
      serverStatus: { "http://10.0.0.1:80": "UP" },
      service: {
        kind: "loadBalancer",
        strategy: "wrr",
        passHostHeader: true,
        servers: [{ url: "http://10.0.0.1:80", weight: 1, preservePath: false }],
        passiveHealthCheck: { failureWindowMs: 90_000, maxFailedAttempts: 2 },
      },
    },
    {
      ...{ name: "split@file", status: "enabled", errors: [], usedBy: [], serverStatus: {} },
      service: { kind: "weighted", services: [{ name: "app@file", weight: 3 }] },
    },
  ],
  middlewares: [
    {
      ...{ name: "auth@file", status: "enabled", errors: [], usedBy: ["b@file"] },
      ...{ kind: "basicAuth", options: { users: ["me:$2y$05$hash"], realm: "r" } },
    },
  ],
  tcp: { routers: [], services: [], middlewares: [] },
  udp: { routers: [], services: [] },
  certificates: [],
  problems: [
    {
      severity: "error",
      code: "missing-service",
      message: 'router "c" refers to service "d"',
      hint: 'did you mean "app"?',
      source: { type: "file", file: "dyn.yml", line: 3 },
      path: ["http", "routers", "c"],
    },
  ],
  providers: ["File"],
  features: { tracing: "", metrics: "Prometheus", accessLog: true },
};

const empty: ApiSnapshot = { ...snapshot, routers: [], services: [], middlewares: [], problems: [], entryPoints: [] };

function ask(path: string, over: Partial<ApiOptions> = {}, init: RequestInit = {}): Promise<Response> {
  const startDate = new Date("2026-11-20T10:00:00Z");
  const api = createApi({ snapshot: () => snapshot, version: "0.1.0", startDate, isStopping: () => false, ...over });
  return Promise.resolve(api.fetch(new Request(`http://weir.test${path}`, init)));
}

async function askJson(path: string, over: Partial<ApiOptions> = {}): Promise<unknown> {
  return await (await ask(path, over)).json();
}

const routerA = {
  entryPoints: ["web"],
  service: "other@file",
  rule: "Host(`a.test`)",
  priority: 30,
  observability: { accessLogs: true, metrics: true, tracing: true },
  status: "enabled",
  using: ["web"],
};
const app = {
  loadBalancer: {
    servers: [{ url: "http://10.0.0.1:80" }],
    strategy: "wrr",
    passiveHealthCheck: { failureWindow: "1m30s", maxFailedAttempts: 2 },
    passHostHeader: true,
  },
  status: "enabled",
  usedBy: ["b@file"],
  serverStatus: { "http://10.0.0.1:80": "UP" },
};
const auth = { basicAuth: { users: ["xxxx"], realm: "r" }, status: "enabled", usedBy: ["b@file"] };
const split = { weighted: { services: [{ name: "app@file", weight: 3 }] }, status: "enabled" };
const none = { total: 0, warnings: 0, errors: 0 };

const shapes: readonly (readonly [path: string, wanted: unknown])[] = [
  ["/api/version", { Version: "0.1.0", Codename: "weir", startDate: "2026-11-20T10:00:00.000Z" }],
  ["/api/entrypoints/web", { asDefault: true, address: ":80", name: "web" }],
  ["/api/http/routers/a@file", { ...routerA, name: "a@file", provider: "file", priorityStr: "30" }],
  ["/api/http/routers/a%40file", { ...routerA, name: "a@file", provider: "file", priorityStr: "30" }],
  ["/api/http/services/app@file", { ...app, name: "app@file", provider: "file", type: "loadbalancer" }],
  ["/api/http/middlewares/auth@file", { ...auth, name: "auth@file", provider: "file", type: "basicauth" }],
  ["/api/http/services", [
    { ...app, name: "app@file", provider: "file", type: "loadbalancer" },
    { ...split, name: "split@file", provider: "file", type: "weighted" },
  ]],
  ["/api/problems", snapshot.problems],
  ["/api/tcp/routers", []],
  ["/api/tcp/services", []],
  ["/api/tcp/middlewares", []],
  ["/api/udp/routers", []],
  ["/api/udp/services", []],
  ["/api/overview", {
    http: {
      routers: { total: 3, warnings: 1, errors: 1 },
      services: { total: 2, warnings: 0, errors: 0 },
      middlewares: { total: 1, warnings: 0, errors: 0 },
    },
    tcp: { routers: none, services: none, middlewares: none },
    udp: { routers: none, services: none },
    certificates: none,
    features: { tracing: "", metrics: "Prometheus", accessLog: true },
    providers: ["File"],
  }],
];

for (const [path, wanted] of shapes) {
  test(`GET ${path} has Traefik's shape`, async () => assert.deepEqual(await askJson(path), wanted));
}

test("GET /api/rawdata keys parts by qualified name, with status, error, using and usedBy", async () => {
  assert.deepEqual(await askJson("/api/rawdata"), {
    routers: {
      "a@file": routerA,
      "b@file": {
        ...{ ...routerA, service: "app@file", priority: 20 },
        ...{ middlewares: ["auth@file"], status: "warning", error: ["slow"] },
      },
      "c@kubernetescrd": {
        ...{ ...routerA, service: "app@file", priority: 14, rule: "Path(`/c`)" },
        ...{ status: "disabled", error: ["no such service"], using: [] },
      },
    },
    middlewares: { "auth@file": auth },
    services: { "app@file": app, "split@file": split },
  });
});

test("GET /api/rawdata leaves empty kinds out", async () => {
  assert.deepEqual(await askJson("/api/rawdata", { snapshot: () => empty }), {});
});

const lists: readonly (readonly [query: string, names: readonly string[], nextPage: string])[] = [
  ["", ["a@file", "b@file", "c@kubernetescrd"], "1"],
  ["?per_page=2", ["a@file", "b@file"], "2"],
  ["?per_page=2&page=2", ["c@kubernetescrd"], "1"],
  ["?sortBy=priority", ["c@kubernetescrd", "b@file", "a@file"], "1"],
  ["?sortBy=priority&direction=desc", ["a@file", "b@file", "c@kubernetescrd"], "1"],
  ["?sortBy=nonsense&direction=desc", ["c@kubernetescrd", "b@file", "a@file"], "1"],
  ["?sortBy=constructor", ["a@file", "b@file", "c@kubernetescrd"], "1"],
  ["?search=PATH(", ["c@kubernetescrd"], "1"],
  ["?search=other", ["a@file"], "1"],
  ["?status=disabled", ["c@kubernetescrd"], "1"],
  ["?serviceName=app", ["b@file", "c@kubernetescrd"], "1"],
  ["?serviceName=app@file&status=warning", ["b@file"], "1"],
  ["?middlewareName=auth@file", ["b@file"], "1"],
  ["?search=nothing", [], "1"],
];

for (const [query, names, nextPage] of lists) {
  test(`GET /api/http/routers${query} lists the right page`, async () => {
    const response = await ask(`/api/http/routers${query}`);
    assert.equal(response.headers.get("X-Next-Page"), nextPage);
    const items: { name: string }[] = await response.json();
    assert.deepEqual(items.map((item) => item.name), names);
  });
}

const errors: readonly (readonly [path: string, status: number, message: string])[] = [
  ["/api/http/routers/x@file", 404, "router not found: x@file"],
  ["/api/http/services/x@file", 404, "service not found: x@file"],
  ["/api/http/middlewares/x@file", 404, "middleware not found: x@file"],
  ["/api/entrypoints/x", 404, "entry point not found: x"],
  ["/api/tcp/routers/x@file", 404, "router not found: x@file"],
  ["/api/http/routers?page=2", 400, "invalid request: page: 2, per_page: 100"],
  ["/api/http/routers?page=0", 400, "invalid request: page: 0"],
  ["/api/http/routers?per_page=x", 400, "invalid request: per_page: x"],
  ["/api/nothing", 404, "no such path: /api/nothing"],
];

for (const [path, status, message] of errors) {
  test(`GET ${path} answers ${status}`, async () => {
    const response = await ask(path);
    assert.equal(response.status, status);
    assert.deepEqual(await response.json(), { message });
  });
}

test("the API is read-only, and says so", async () => {
  const response = await ask("/api/rawdata", {}, { method: "PUT", body: "{}" });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("Allow"), "GET, HEAD");
});

test("HEAD answers as GET does, without a body", async () => {
  const response = await ask("/api/version", {}, { method: "HEAD" });
  assert.deepEqual([response.status, await response.text()], [200, ""]);
});

test("every answer forbids framing and sniffing", async () => {
  for (const path of ["/api/version", "/api/nothing", "/dashboard/", "/"]) {
    const { headers } = await ask(path);
    assert.equal(headers.get("X-Frame-Options"), "DENY", path);
    assert.equal(headers.get("X-Content-Type-Options"), "nosniff", path);
    assert.match(headers.get("Content-Security-Policy") ?? "", /frame-ancestors 'none'/, path);
  }
});

const sites: readonly (readonly [site: string, mode: string, status: number])[] = [
  ["cross-site", "cors", 403],
  ["cross-site", "no-cors", 403],
  ["cross-site", "navigate", 200],
  ["same-origin", "cors", 200],
];

for (const [site, mode, status] of sites) {
  test(`a ${mode} request of a ${site} page is answered ${status}`, async () => {
    const headers = { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode };
    const response = await ask("/api/version", {}, { headers });
    assert.equal(response.status, status);
  });
}

const redirects: readonly (readonly [path: string, prefix: string, location: string])[] = [
  ["/", "", "/dashboard/"],
  ["/dashboard", "", "/dashboard/"],
  ["/", "/admin", "/admin/dashboard/"],
  ["/", "/admin/", "/admin/dashboard/"],
  ["/", "//evil.test", "/dashboard/"],
  ["/", "/\\evil.test", "/dashboard/"],
  ["/", "https://evil.test", "/dashboard/"],
];

for (const [path, prefix, location] of redirects) {
  test(`GET ${path} with prefix ${JSON.stringify(prefix)} goes to ${location}`, async () => {
    const headers: Record<string, string> = prefix === "" ? {} : { "X-Forwarded-Prefix": prefix };
    const response = await ask(path, {}, { headers });
    assert.deepEqual([response.status, response.headers.get("Location")], [302, location]);
  });
}

test("GET /dashboard/ is a page with links", async () => {
  const response = await ask("/dashboard/");
  assert.match(response.headers.get("Content-Type") ?? "", /^text\/html/);
  assert.match(await response.text(), /href="\.\.\/api\/problems"/);
});

test("the dashboard can be switched off", async () => {
  assert.equal((await ask("/dashboard/", { dashboard: false })).status, 404);
});

test("a base path moves the API and the dashboard", async () => {
  assert.equal((await ask("/base/api/version", { basePath: "/base/" })).status, 200);
  assert.equal((await ask("/api/version", { basePath: "/base/" })).status, 404);
  assert.equal((await ask("/base/dashboard", { basePath: "/base" })).headers.get("Location"), "/base/dashboard/");
});

const pings: readonly (readonly [stopping: boolean, code: number | undefined, status: number, body: string])[] = [
  [false, undefined, 200, "OK"],
  [true, undefined, 503, "Service Unavailable"],
  [true, 429, 429, "Service Unavailable"],
  [true, 204, 204, ""],
];

for (const [stopping, terminatingStatusCode, status, body] of pings) {
  test(`GET /ping answers ${status} when ${stopping ? "stopping" : "serving"}`, async () => {
    const response = await ask("/ping", { isStopping: () => stopping, terminatingStatusCode });
    assert.deepEqual([response.status, await response.text()], [status, body]);
  });
}

test("GET /ping answers 503 and says what is waited for while weir starts, unless it stops", async () => {
  const awaited = () => "the first configuration of kubernetescrd";
  const starting = await ask("/ping", { awaited });
  assert.deepEqual([starting.status, await starting.text()], [503, `weir starts: waiting for ${awaited()}`]);
  const stopping = await ask("/ping", { awaited, isStopping: () => true, terminatingStatusCode: 429 });
  assert.equal(stopping.status, 429);
  assert.equal((await ask("/ping", { awaited: () => undefined })).status, 200);
});

test("GET /metrics exposes the registry, in the format asked for", async () => {
  const metrics = new MetricsRegistry();
  metrics.counter("x_total", "X").add();
  const text = await ask("/metrics", { metrics });
  assert.match(text.headers.get("Content-Type") ?? "", /^text\/plain; version=0\.0\.4/);
  assert.match(await text.text(), /x_total 1\n/);
  const open = await ask("/metrics", { metrics }, { headers: { Accept: "application/openmetrics-text" } });
  assert.match(await open.text(), /# EOF\n$/);
  assert.equal((await ask("/metrics")).status, 404);
});

test("internal services answer whatever is routed to them", async () => {
  const { services } = createApi({
    ...{ snapshot: () => snapshot, version: "0", startDate: new Date(), isStopping: () => false },
    metrics: new MetricsRegistry(),
  });
  assert.equal((await services["ping@internal"](new Request("http://a/health"))).status, 200);
  assert.equal((await services["prometheus@internal"](new Request("http://a/m"))).status, 200);
  assert.equal((await services["api@internal"](new Request("http://a/dashboard/"))).status, 200);
});
