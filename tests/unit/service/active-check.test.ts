// Active health checks: probes, verdicts, and what outlives a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthCheck, LoadBalancer } from "../../../src/config/dynamic.ts";
import type { ProxyResponse } from "../../../src/http/response.ts";
import type { Sent } from "./fakes.ts";
import { answer, Bench, cookie, failure, healthCheck, loadBalancer, request, server, settled } from "./fakes.ts";

const A = "http://10.0.0.1:8080";
const B = "http://10.0.0.2:8080";

function checked(more: Partial<HealthCheck> = {}, rest: Partial<LoadBalancer> = {}): Record<string, LoadBalancer> {
  return { app: loadBalancer([A, B], { healthCheck: { ...healthCheck, ...more }, ...rest }) };
}

/** Probes of A and what they ask. */
function probesOf(bench: Bench, url = A): Sent[] {
  return bench.transport.sent.filter((sent) => sent.url === url && sent.request.path !== "/x");
}

test("ActiveCheck probes at once, then once per interval", async () => {
  const bench = new Bench();
  bench.build(checked(), "app");
  assert.equal(probesOf(bench).length, 1);
  await bench.clock.advance(29_999);
  assert.equal(probesOf(bench).length, 1);
  await bench.clock.advance(1);
  assert.equal(probesOf(bench).length, 2);
});

test("ActiveCheck spreads its probes by a tenth of the interval", async () => {
  const bench = new Bench();
  bench.random = 0;
  bench.build(checked(), "app");
  await bench.clock.advance(27_000);
  assert.equal(probesOf(bench).length, 2);
});

test("ActiveCheck asks as configured", () => {
  const bench = new Bench();
  const headers = { "X-Probe": "1", "user-agent": "mine" };
  const config = checked({ path: "/h/%7Ea?q=1?2", method: "HEAD", port: 9000, hostname: "h.test", headers });
  bench.build(config, "app");
  const [probe] = probesOf(bench);
  assert.ok(probe !== undefined);
  assert.equal(probe.request.method, "HEAD");
  assert.equal(probe.request.path + probe.request.search, "/h/~a?q=1?2");
  assert.equal(probe.request.authority, "h.test");
  assert.deepEqual([...probe.request.headers], [["Host", "h.test"], ["user-agent", "mine"], ["X-Probe", "1"]]);
  assert.deepEqual([probe.target.host, probe.target.port, probe.target.pathPrefix], ["10.0.0.1", 9000, ""]);
});

test("ActiveCheck sends the server's own authority without a hostname", () => {
  const bench = new Bench();
  bench.build(checked(), "app");
  assert.equal(probesOf(bench)[0]?.request.headers.first("host"), "10.0.0.1:8080");
});

test("ActiveCheck takes a server out and brings it back, saying so once each", async () => {
  let well = false;
  const bench = new Bench(({ url }) => answer(url === B || well ? 200 : 500));
  const { service } = bench.build(checked({ unhealthyIntervalMs: 1_000 }), "app");
  await bench.clock.advance(3_500);
  assert.equal(probesOf(bench).length, 4);
  assert.deepEqual(service.serverStatus(), { [A]: "DOWN", [B]: "UP" });
  for (let count = 0; count < 4; count++) {
    await service.handler(request());
    assert.equal(bench.transport.urls.at(-1), B);
  }
  well = true;
  await bench.clock.advance(1_000);
  assert.deepEqual(service.serverStatus(), { [A]: "UP", [B]: "UP" });
  assert.deepEqual(bench.logger.at("warn"), ["server is down"]);
  assert.deepEqual(bench.logger.at("info"), ["server is up again"]);
  assert.equal(bench.logger.lines[0]?.fields?.["reason"], "status 500 instead of 200 to 399");
  assert.deepEqual(bench.statuses, [`${A} up`, `${B} up`, `${A} down`, `${A} up`]);
});

test("ActiveCheck leaves a service unavailable when all servers are down", async () => {
  const bench = new Bench(() => answer(500));
  const { service } = bench.build(checked(), "app");
  assert.equal(service.available(), true);
  await settled();
  assert.equal(service.available(), false);
  assert.equal((await service.handler(request())).status, 503);
});

interface Verdict {
  readonly name: string;
  readonly check: Partial<HealthCheck>;
  readonly script: () => ProxyResponse | Promise<ProxyResponse>;
  readonly up: boolean;
}

const redirect = (location: string): ProxyResponse => answer(302, [["Location", location]]);

const verdicts: readonly Verdict[] = [
  { name: "200", check: {}, script: () => answer(200), up: true },
  { name: "399", check: {}, script: () => answer(399), up: true },
  { name: "404", check: {}, script: () => answer(404), up: false },
  { name: "the status asked for", check: { status: 404 }, script: () => answer(404), up: true },
  { name: "another than the status asked for", check: { status: 204 }, script: () => answer(200), up: false },
  { name: "a failure", check: {}, script: () => Promise.reject(failure("unsent")), up: false },
  {
    name: "a redirect that is not followed",
    check: { followRedirects: false },
    script: () => redirect("/y"),
    up: true,
  },
  { name: "redirects without end", check: {}, script: () => redirect("/again"), up: false },
  { name: "a redirect to https", check: {}, script: () => redirect("https://10.0.0.1/"), up: false },
  { name: "a redirect to nowhere", check: {}, script: () => redirect("http://[bad"), up: false },
];

for (const { name, check, script, up } of verdicts) {
  test(`ActiveCheck finds a server ${up ? "up" : "down"} after ${name}`, async () => {
    const bench = new Bench(script);
    const { service } = bench.build(checked(check), "app");
    await bench.clock.advance(1);
    await settled();
    assert.equal(service.serverStatus()[A], up ? "UP" : "DOWN");
    assert.ok(probesOf(bench).length <= 11);
  });
}

test("ActiveCheck follows a redirect on the same server, and to another", async () => {
  const script = [redirect("/next?q"), redirect("http://10.0.0.7:81/there"), answer(204)];
  const bench = new Bench((_, index) => script[index] ?? answer(200));
  bench.build({ app: loadBalancer([A], { healthCheck: { ...healthCheck, hostname: "h.test" } }) }, "app");
  await settled();
  const seen = bench.transport.sent.map(({ target, request: { path, search, authority } }) =>
    `${target.host}:${target.port} ${authority} ${path}${search}`
  );
  assert.deepEqual(seen, [
    "10.0.0.1:8080 h.test /health",
    "10.0.0.1:8080 h.test /next?q",
    "10.0.0.7:81 10.0.0.7:81 /there",
  ]);
});

test("ActiveCheck gives up after the timeout, and aborts the probe", async () => {
  const bench = new Bench(() => new Promise<ProxyResponse>(() => undefined));
  const { service } = bench.build(checked({ timeoutMs: 100 }), "app");
  await bench.clock.advance(100);
  assert.deepEqual(service.serverStatus(), { [A]: "DOWN", [B]: "DOWN" });
  assert.equal(probesOf(bench)[0]?.request.aborted?.code, "probe-timeout");
  await bench.clock.advance(30_000);
  assert.equal(probesOf(bench).length, 2);
});

test("ActiveCheck keeps its verdict and its rhythm over a reload", async () => {
  const bench = new Bench(({ url }) => answer(url === A ? 500 : 200));
  bench.build(checked(), "app");
  await settled();
  await bench.clock.advance(10_000);
  const { service } = bench.build(checked(), "app");
  assert.deepEqual(service.serverStatus(), { [A]: "DOWN", [B]: "UP" });
  assert.equal(probesOf(bench).length, 1);
  await bench.clock.advance(20_000);
  assert.equal(probesOf(bench).length, 2);
});

test("ActiveCheck begins anew when its settings change", async () => {
  const bench = new Bench();
  bench.build(checked(), "app");
  await settled();
  bench.build(checked({ path: "/other" }), "app");
  assert.deepEqual(probesOf(bench).map(({ request: { path } }) => path), ["/health", "/other"]);
  await settled();
  assert.equal(bench.clock.pending, 2);
});

test("ActiveCheck stops when the server or the service is dropped", () => {
  const bench = new Bench(() => new Promise<ProxyResponse>(() => undefined));
  bench.build(checked(), "app");
  assert.equal(bench.clock.pending, 2);
  bench.build({ app: loadBalancer([B], { healthCheck }) }, "app");
  assert.equal(bench.clock.pending, 1);
  bench.build({ app: loadBalancer([B]) }, "app");
  assert.equal(bench.clock.pending, 0);
  assert.ok(bench.transport.sent.every((sent) => sent.request.aborted?.code === "probe-ended"));
});

test("ActiveCheck stays with what it was before a build that is given up", async () => {
  const bench = new Bench();
  const { service } = bench.build(checked(), "app");
  await settled();
  bench.state.begin();
  bench.services = checked({ path: "/other" });
  bench.create("app");
  bench.state.rollback();
  await settled();
  assert.equal(bench.clock.pending, 2);
  assert.equal(service.available(), true);
});

test("ActiveCheck moves sticky clients of a server that is down", async () => {
  const bench = new Bench(({ url }) => answer(url === A ? 500 : 200));
  const { service } = bench.build(checked({}, { sticky: { ...cookie, name: "s" } }), "app");
  await settled();
  const response = await service.handler(request({ headers: [["Cookie", `s=${A}`]] }));
  assert.equal(bench.transport.urls.at(-1), B);
  assert.equal(response.headers.all("set-cookie").length, 1);
});

test("ActiveCheck ends a passive break with its next success", async () => {
  let broken = true;
  const bench = new Bench(({ url, request: { path } }) => answer(url === A && path === "/x" && broken ? 500 : 200));
  const passiveHealthCheck = { failureWindowMs: 1_000, maxFailedAttempts: 1 };
  const { service } = bench.build(checked({}, { passiveHealthCheck }), "app");
  await settled();
  for (let count = 0; count < 2; count++) await service.handler(request());
  assert.equal(service.serverStatus()[A], "DOWN");
  await bench.clock.advance(20_000);
  assert.equal(service.serverStatus()[A], "DOWN");
  broken = false;
  await bench.clock.advance(10_000);
  assert.equal(service.serverStatus()[A], "UP");
});

test("ActiveCheck clears the passive count with its success", async () => {
  const bench = new Bench(({ request: { path } }) => answer(path === "/x" ? 500 : 200));
  const passiveHealthCheck = { failureWindowMs: 60_000, maxFailedAttempts: 2 };
  const app = loadBalancer([A], { healthCheck, passiveHealthCheck });
  const { service } = bench.build({ app }, "app");
  await service.handler(request());
  await bench.clock.advance(30_000);
  await service.handler(request());
  assert.equal(service.serverStatus()[A], "UP");
  await service.handler(request());
  assert.equal(service.serverStatus()[A], "DOWN");
});

const probes: readonly [url: string, check: Partial<HealthCheck>, asked: string][] = [
  ["https://10.0.0.1", {}, "https 443 10.0.0.1 GET / https"],
  ["https://10.0.0.1:8443", { port: 9443 }, "https 9443 10.0.0.1:9443 GET / https"],
  ["https://10.0.0.1:8443", { scheme: "http", port: 80 }, "http 80 10.0.0.1 GET / http"],
  ["http://10.0.0.1", { scheme: "https", port: 443 }, "https 443 10.0.0.1 GET / https"],
  ["h2c://10.0.0.1", {}, "h2c 80 10.0.0.1 GET / http"],
  ["h2c://10.0.0.1", { scheme: "http" }, "http 80 10.0.0.1 GET / http"],
  ["http://10.0.0.1", { mode: "grpc" }, "h2c 80 10.0.0.1 POST /grpc.health.v1.Health/Check http"],
  ["https://10.0.0.1", { mode: "grpc" }, "https 443 10.0.0.1 POST /grpc.health.v1.Health/Check https"],
];

for (const [url, check, asked] of probes) {
  test(`createLoadBalancer() probes ${url} with ${JSON.stringify(check)} by ${asked}`, () => {
    const bench = new Bench();
    bench.build({ app: loadBalancer([url], { healthCheck: { ...healthCheck, path: "/", ...check } }) }, "app");
    const [{ target, request: probe } = {}] = bench.transport.sent;
    assert.equal(
      `${target?.protocol} ${target?.port} ${target?.authority} ${probe?.method} ${probe?.path} ${probe?.scheme}`,
      asked,
    );
  });
}

const unusable: readonly { readonly check: Partial<HealthCheck>; readonly field: string }[] = [
  { check: { scheme: "ftp" }, field: "scheme" },
  { check: { path: "//evil.test/" }, field: "path" },
  { check: { path: "/%zz" }, field: "path" },
  { check: { path: "/a b" }, field: "path" },
];

for (const { check, field } of unusable) {
  test(`createLoadBalancer() serves without the check for ${JSON.stringify(check)}, and says why`, async () => {
    const bench = new Bench();
    const { service, problems } = bench.build(checked(check), "app");
    assert.deepEqual(problems.map(({ code, path }) => ({ code, path })), [
      { code: "unusable-health-check", path: ["healthCheck", field] },
    ]);
    assert.equal((await service.handler(request())).status, 200);
    assert.equal(bench.transport.sent.length, 1);
  });
}

test("createLoadBalancer() never loops when only a fenced server is up", async () => {
  const bench = new Bench(({ url }) => answer(url === A ? 200 : 500));
  const servers = [server(A, { fenced: true }), server(B)];
  const { service } = bench.build({ app: loadBalancer(servers, { healthCheck }) }, "app");
  await settled();
  assert.equal((await service.handler(request())).status, 200);
  assert.equal(bench.transport.urls.at(-1), A);
});
