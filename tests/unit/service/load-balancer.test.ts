// The load balancer: who gets a request, and when another server is tried.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesBody } from "../../../src/http/body.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { answer, Bench, failure, FedBody, loadBalancer, request, server, settled, tally, textOf } from "./fakes.ts";

const A = "http://10.0.0.1:80";
const B = "http://10.0.0.2:80";
const C = "http://10.0.0.3:80";

test("createService() sends to the only server, and fills the record", async () => {
  const bench = new Bench();
  const { service, problems } = bench.build({ app: loadBalancer([A]) }, "app");
  const one = request();
  assert.equal((await service.handler(one)).status, 200);
  assert.deepEqual(problems, []);
  assert.equal(one.record.serverUrl, A);
  assert.equal(one.record.serviceName, "app@file");
  assert.equal(one.record.retries, 0);
  assert.deepEqual(bench.transport.sent[0]?.target, {
    url: A,
    protocol: "http",
    host: "10.0.0.1",
    port: 80,
    authority: "10.0.0.1",
    pathPrefix: "",
    passHostHeader: true,
  });
});

test("createService() counts weights exactly per aligned block", async () => {
  const bench = new Bench();
  const servers = [server(A, { weight: 1 }), server(B, { weight: 2 })];
  const { service } = bench.build({ app: loadBalancer(servers) }, "app");
  for (let count = 0; count < 30; count++) await service.handler(request());
  for (let start = 0; start < 30; start += 3) {
    assert.deepEqual(tally(bench.transport.urls.slice(start, start + 3)), { [A]: 1, [B]: 2 });
  }
});

test("createService() goes on with its turn after a reload", async () => {
  const bench = new Bench();
  const config = { app: loadBalancer([A, B, C]) };
  for (let count = 0; count < 9; count++) await bench.build(config, "app").service.handler(request());
  for (let start = 0; start < 9; start += 3) {
    assert.deepEqual(tally(bench.transport.urls.slice(start, start + 3)), { [A]: 1, [B]: 1, [C]: 1 });
  }
});

test("createService() answers 503 without servers", async () => {
  const { service } = new Bench().build({ app: loadBalancer([]) }, "app");
  const response = await service.handler(request());
  assert.equal(response.status, 503);
  assert.equal(textOf(response), "no available server\n");
  assert.equal(response.headers.first("content-type"), "text/plain; charset=utf-8");
  assert.equal(response.headers.first("x-content-type-options"), "nosniff");
  assert.equal(service.available(), false);
});

const badServers = [
  { url: "ws://10.0.0.9", code: "bad-server-url" },
  { url: "h2c://", code: "bad-server-url" },
  { url: "ftp://10.0.0.9", code: "bad-server-url" },
  { url: "10.0.0.9:80", code: "bad-server-url" },
  { url: "http://", code: "bad-server-url" },
];

for (const { url, code } of badServers) {
  test(`createService() leaves out ${url} with ${code} and keeps the other server`, async () => {
    const bench = new Bench();
    const { service, problems } = bench.build({ app: loadBalancer([url, A]) }, "app");
    assert.deepEqual(problems.map((problem) => problem.code), [code]);
    assert.deepEqual(problems[0]?.path, ["servers", 0, "url"]);
    assert.ok(problems[0]?.message.includes(`"${url}"`));
    await service.handler(request());
    await service.handler(request());
    assert.deepEqual(bench.transport.urls, [A, A]);
  });
}

test("createService() works out targets of IPv6 servers and preserved paths", async () => {
  const bench = new Bench();
  const servers = [server("http://[2001:db8::1]:8080/api/", { preservePath: true })];
  await bench.build({ app: loadBalancer(servers, { passHostHeader: false }) }, "app").service.handler(request());
  assert.deepEqual(bench.transport.sent[0]?.target, {
    url: "http://[2001:db8::1]:8080/api/",
    protocol: "http",
    host: "2001:db8::1",
    port: 8080,
    authority: "[2001:db8::1]:8080",
    pathPrefix: "/api",
    passHostHeader: false,
  });
});

const targets = [
  ["https://app.test", "https", "app.test", 443, "app.test"],
  ["https://[2001:db8::1]:8443", "https", "2001:db8::1", 8443, "[2001:db8::1]:8443"],
  ["h2c://App.Test:80", "h2c", "app.test", 80, "app.test"],
  ["h2c://10.0.0.1:9000/x", "h2c", "10.0.0.1", 9000, "10.0.0.1:9000"],
] as const;

for (const [url, protocol, host, port, authority] of targets) {
  test(`createService() speaks ${protocol} to ${url}`, async () => {
    const bench = new Bench();
    await bench.build({ app: loadBalancer([url]) }, "app").service.handler(request());
    const target = bench.transport.sent[0]?.target;
    assert.deepEqual([target?.protocol, target?.host, target?.port, target?.authority], [
      protocol,
      host,
      port,
      authority,
    ]);
  });
}

interface RetryCase {
  readonly name: string;
  readonly method: string;
  readonly retry: "unsent" | "idempotent" | "never";
  readonly body?: "untouched" | "read";
  readonly servers: number;
  readonly failures: number;
  /** Tries in all. */
  readonly tries: number;
  readonly status: number | "error";
}

const retryCases: readonly RetryCase[] = [
  {
    name: "a GET that broke off is sent once more",
    method: "GET",
    retry: "idempotent",
    servers: 3,
    failures: 1,
    tries: 2,
    status: 200,
  },
  {
    name: "a GET is sent twice at most",
    method: "GET",
    retry: "idempotent",
    servers: 5,
    failures: 9,
    tries: 2,
    status: "error",
  },
  {
    name: "a POST that broke off is not sent again",
    method: "POST",
    retry: "idempotent",
    servers: 3,
    failures: 1,
    tries: 1,
    status: "error",
  },
  {
    name: "a PATCH that broke off is not sent again",
    method: "PATCH",
    retry: "idempotent",
    servers: 3,
    failures: 1,
    tries: 1,
    status: "error",
  },
  {
    name: "an unsent POST goes elsewhere",
    method: "POST",
    retry: "unsent",
    body: "untouched",
    servers: 2,
    failures: 1,
    tries: 2,
    status: 200,
  },
  {
    name: "an unsent request is tried four times at most",
    method: "GET",
    retry: "unsent",
    servers: 9,
    failures: 9,
    tries: 4,
    status: "error",
  },
  {
    name: "no server is tried twice",
    method: "GET",
    retry: "unsent",
    servers: 2,
    failures: 9,
    tries: 2,
    status: "error",
  },
  {
    name: "a PUT whose body was read is not sent again",
    method: "PUT",
    retry: "idempotent",
    body: "read",
    servers: 3,
    failures: 1,
    tries: 1,
    status: "error",
  },
  {
    name: "a PUT whose body is untouched is sent again",
    method: "PUT",
    retry: "idempotent",
    body: "untouched",
    servers: 3,
    failures: 1,
    tries: 2,
    status: 200,
  },
  {
    name: "what must not be repeated is not",
    method: "GET",
    retry: "never",
    servers: 3,
    failures: 1,
    tries: 1,
    status: "error",
  },
  {
    name: "with one server there is no other",
    method: "GET",
    retry: "unsent",
    servers: 1,
    failures: 1,
    tries: 1,
    status: "error",
  },
];

for (const row of retryCases) {
  test(`createService() retries: ${row.name}`, async () => {
    const bench = new Bench((sent, index) => {
      if (index >= row.failures) return answer(200);
      if (row.body === "read") sent.request.body?.cancel();
      throw failure(row.retry);
    });
    const servers = Array.from({ length: row.servers }, (_, index) => `http://10.0.1.${index}:80`);
    const { service } = bench.build({ app: loadBalancer(servers) }, "app");
    const one = request({ method: row.method, ...(row.body === undefined ? {} : { body: new FedBody().body }) });
    const outcome = await Promise.resolve(service.handler(one)).then(({ status }) => status, () => "error");
    assert.equal(outcome, row.status);
    assert.equal(bench.transport.sent.length, row.tries);
    assert.equal(new Set(bench.transport.urls).size, row.tries);
    assert.equal(one.record.retries, row.tries - 1);
  });
}

test("createService() does not retry for a client that is gone", async () => {
  const bench = new Bench((sent) => {
    sent.request.abort(new ProxyError("gone", { code: "client-gone", source: "downstream", status: 499 }));
    throw failure("unsent");
  });
  const { service } = bench.build({ app: loadBalancer([A, B]) }, "app");
  await assert.rejects(Promise.resolve(service.handler(request())), ProxyError);
  assert.equal(bench.transport.sent.length, 1);
});

test("createService() keeps requests sent twice within the budget when everything is down", async () => {
  const bench = new Bench(() => {
    throw failure("idempotent");
  });
  const { service } = bench.build({ app: loadBalancer([A, B]) }, "app");
  for (let count = 0; count < 2000; count++) await Promise.resolve(service.handler(request())).catch(() => undefined);
  const second = bench.transport.sent.length - 2000;
  assert.ok(second >= 400 && second <= 500, `${second} requests were sent twice`);
});

test("createService() sends no new request to a fenced server while another is there", async () => {
  const bench = new Bench();
  const { service } = bench.build({ app: loadBalancer([server(A, { fenced: true }), B]) }, "app");
  for (let count = 0; count < 4; count++) await service.handler(request());
  assert.deepEqual(bench.transport.urls, [B, B, B, B]);
});

test("createService() uses fenced servers as a last resort", async () => {
  const bench = new Bench();
  const { service } = bench.build({ app: loadBalancer([server(A, { fenced: true })]) }, "app");
  assert.equal(service.available(), true);
  assert.equal((await service.handler(request())).status, 200);
});

test("createService() never picks a server of weight 0, and is then unavailable", async () => {
  const { service } = new Bench().build({ app: loadBalancer([server(A, { weight: 0 })]) }, "app");
  assert.equal(service.available(), false);
  assert.equal((await service.handler(request())).status, 503);
});

test("createService() with p2c prefers the server with fewer exchanges, until their bodies are through", async () => {
  const bodies: FedBody[] = [];
  const bench = new Bench(() => {
    const fed = new FedBody();
    bodies.push(fed);
    return answer(200, [], fed.body);
  });
  bench.random = 0; // draws the first two servers, and the first of them when they are equal
  const { service } = bench.build({ app: loadBalancer([A, B], { strategy: "p2c" }) }, "app");
  const first = await service.handler(request());
  const second = await service.handler(request());
  assert.equal(new Set(bench.transport.urls).size, 2);
  first.body?.cancel();
  await service.handler(request());
  assert.equal(bench.transport.urls[2], bench.transport.urls[0]);
  bodies[1]?.body.finish();
  second.body?.start({ chunk: () => true, end: () => undefined, fail: () => undefined });
  await service.handler(request());
  assert.equal(bench.transport.urls[3], bench.transport.urls[1]);
});

test("createService() with leasttime prefers the server that answers sooner", async () => {
  const bench = new Bench(async ({ url }) => {
    await bench.clock.advance(url === A ? 100 : 10);
    return answer(200);
  });
  const { service } = bench.build({ app: loadBalancer([A, B], { strategy: "leasttime" }) }, "app");
  for (let count = 0; count < 10; count++) await service.handler(request());
  const counts = tally(bench.transport.urls);
  assert.ok((counts[B] ?? 0) >= 8, JSON.stringify(counts));
});

test("createService() with hrw keeps a client at its server", async () => {
  const bench = new Bench();
  const { service } = bench.build({ app: loadBalancer([A, B, C], { strategy: "hrw" }) }, "app");
  const homes = new Set<string>();
  for (let client = 0; client < 20; client++) {
    const ip = `192.0.2.${client}`;
    await service.handler(request({ ip }));
    await service.handler(request({ ip }));
    const [one, two] = bench.transport.urls.slice(-2);
    assert.equal(one, two);
    homes.add(one ?? "");
  }
  assert.ok(homes.size > 1);
});

test("createService() takes a server out after passive failures, and back after the window", async () => {
  let broken = true;
  const bench = new Bench(({ url }) => answer(url === A && broken ? 500 : 200));
  const passiveHealthCheck = { failureWindowMs: 10_000, maxFailedAttempts: 2 };
  const config = { app: loadBalancer([A, B], { passiveHealthCheck }) };
  const { service } = bench.build(config, "app");
  for (let count = 0; count < 4; count++) await service.handler(request());
  assert.deepEqual(service.serverStatus(), { [A]: "DOWN", [B]: "UP" });
  assert.deepEqual(bench.logger.at("warn"), ["server is down"]);
  const after = bench.transport.sent.length;
  const reloaded = bench.build(config, "app").service;
  for (let count = 0; count < 4; count++) await reloaded.handler(request());
  assert.deepEqual(new Set(bench.transport.urls.slice(after)), new Set([B]));
  broken = false;
  await bench.clock.advance(10_000);
  assert.deepEqual(reloaded.serverStatus(), { [A]: "UP", [B]: "UP" });
  assert.deepEqual(bench.statuses.slice(2), [`${A} down`, `${A} down`, `${B} up`, `${A} up`]);
});

test("createService() forgets passive failures after one success, and outside the window", async () => {
  const script = [500, 200, 500, 200, 500];
  const bench = new Bench((_, index) => answer(script[index] ?? 500));
  const passiveHealthCheck = { failureWindowMs: 1_000, maxFailedAttempts: 2 };
  const { service } = bench.build({ app: loadBalancer([A], { passiveHealthCheck }) }, "app");
  for (let count = 0; count < 5; count++) await service.handler(request());
  assert.deepEqual(service.serverStatus(), { [A]: "UP" });
  await bench.clock.advance(2_000);
  await service.handler(request());
  assert.deepEqual(service.serverStatus(), { [A]: "UP" });
  await service.handler(request());
  assert.deepEqual(service.serverStatus(), { [A]: "DOWN" });
  assert.equal((await service.handler(request())).status, 503);
});

test("createService() does not blame a server for a client that left", async () => {
  const bench = new Bench((sent) => {
    sent.request.abort(new ProxyError("gone", { code: "client-gone", source: "downstream", status: 499 }));
    throw failure("never");
  });
  const passiveHealthCheck = { failureWindowMs: 1_000, maxFailedAttempts: 1 };
  const { service } = bench.build({ app: loadBalancer([A], { passiveHealthCheck }) }, "app");
  await assert.rejects(Promise.resolve(service.handler(request())));
  assert.equal(service.available(), true);
});

test("createService() stops passive timers when the service is dropped", async () => {
  const bench = new Bench(() => answer(503));
  const passiveHealthCheck = { failureWindowMs: 1_000, maxFailedAttempts: 1 };
  const { service } = bench.build({ app: loadBalancer([A], { passiveHealthCheck }) }, "app");
  await service.handler(request({ method: "POST", body: new BytesBody(new Uint8Array(3)) }));
  assert.equal(bench.clock.pending, 1);
  bench.build({ app: loadBalancer([A]) }, "app");
  await settled();
  assert.equal(bench.clock.pending, 0);
});
