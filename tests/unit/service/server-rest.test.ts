// Resting: a server that fails several times in a row is left alone for a moment, and never when it is the last one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILURES_BEFORE_REST, FIRST_REST_MS, LONGEST_REST_MS, ServerRest } from "../../../src/service/server-rest.ts";
import { ProxyError } from "../../../src/net/error.ts";
import type { ProxyRequest } from "../../../src/http/request.ts";
import type { Service } from "../../../src/service/service.ts";
import { answer, Bench, cookie, failure, healthCheck, loadBalancer, request } from "./fakes.ts";

const A = "http://10.0.0.1:80";
const B = "http://10.0.0.2:80";

test("ServerRest rests after three failures in a row, twice as long each time, five seconds at most", () => {
  const rest = new ServerRest();
  const error = failure("idempotent");
  let now = 0;
  const rests: number[] = [];
  for (let round = 0; round < 5; round++) {
    for (let count = 0; count < (round === 0 ? FAILURES_BEFORE_REST - 1 : 0); count++) {
      assert.equal(rest.failed(error, now), undefined);
    }
    const restMs = rest.failed(error, now);
    assert.ok(restMs !== undefined);
    rests.push(restMs);
    assert.equal(rest.isResting(() => now + restMs - 1), true);
    assert.equal(rest.isResting(() => now + restMs), false);
    now += restMs;
  }
  assert.deepEqual(rests, [FIRST_REST_MS, 2_000, 4_000, LONGEST_REST_MS, LONGEST_REST_MS]);
});

test("ServerRest counts anew after an answer, and hands the answer on", () => {
  const rest = new ServerRest();
  for (let count = 0; count < 10; count++) {
    assert.equal(rest.failed(failure("unsent"), count), undefined);
    assert.equal(rest.failed(failure("idempotent"), count), undefined);
    assert.equal(rest.passOn(count), count);
  }
  for (let count = 0; count < FAILURES_BEFORE_REST; count++) rest.failed(failure("unsent"), 0);
  rest.passOn(undefined);
  assert.equal(rest.isResting(() => 0), false);
  assert.equal(rest.failed(failure("unsent"), 0), undefined);
});

test("ServerRest does not count late answers, nor clients that left", () => {
  const rest = new ServerRest();
  const gone = new ProxyError("the client is gone", { code: "client-gone", source: "downstream", status: 499 });
  for (let count = 0; count < 10; count++) {
    assert.equal(rest.failed(failure("never", 504), 0), undefined);
    assert.equal(rest.failed(gone, 0), undefined);
  }
  assert.equal(rest.isResting(() => 0), false);
});

/** Statuses of one request after the other; 0 for a failure. */
async function ask(service: Service, count: number, make: () => ProxyRequest = request): Promise<number[]> {
  const statuses: number[] = [];
  for (let at = 0; at < count; at++) {
    try {
      statuses.push((await service.handler(make())).status);
    } catch {
      statuses.push(0);
    }
  }
  return statuses;
}

function failsAt(url: string): (sent: { readonly url: string }) => ReturnType<typeof answer> {
  return (sent) => {
    if (sent.url === url) throw failure("idempotent");
    return answer(200);
  };
}

test("createLoadBalancer() fails none of 1,000 GETs while one of two servers breaks every exchange", async () => {
  const bench = new Bench(failsAt(A));
  const { service } = bench.build({ app: loadBalancer([A, B]) }, "app");
  const statuses = await ask(service, 1_000);
  assert.equal(statuses.filter((status) => status !== 200).length, 0);
  assert.equal(bench.transport.urls.filter((url) => url === A).length, FAILURES_BEFORE_REST);
  assert.equal(bench.logger.at("warn").length, 1);
});

test("createLoadBalancer() fails three POSTs at most before the broken server rests", async () => {
  const bench = new Bench(failsAt(A));
  const { service } = bench.build({ app: loadBalancer([A, B]) }, "app");
  const statuses = await ask(service, 100, () => request({ method: "POST" }));
  assert.equal(statuses.filter((status) => status === 0).length, FAILURES_BEFORE_REST);
});

test("createLoadBalancer() tries a rested server again, and uses it once it answers", async () => {
  const bench = new Bench(failsAt(A));
  const { service } = bench.build({ app: loadBalancer([A, B]) }, "app");
  await ask(service, 10);
  bench.transport.script = () => answer(200);
  bench.clock.time = FIRST_REST_MS;
  bench.transport.sent.length = 0;
  await ask(service, 10);
  assert.equal(bench.transport.urls.filter((url) => url === A).length, 5);
});

test("createLoadBalancer() keeps a rest over a reload", async () => {
  const bench = new Bench(failsAt(A));
  const config = { app: loadBalancer([A, B]) };
  await ask(bench.build(config, "app").service, 10);
  bench.transport.sent.length = 0;
  await ask(bench.build(config, "app").service, 10);
  assert.equal(bench.transport.urls.includes(A), false);
});

test("createLoadBalancer() never rests the last server, and stays available", async () => {
  const bench = new Bench(() => {
    throw failure("unsent");
  });
  const { service } = bench.build({ app: loadBalancer([A, B]) }, "app");
  await ask(service, 20);
  assert.equal(service.available(), true);
  bench.transport.sent.length = 0;
  await ask(service, 4);
  assert.equal(bench.transport.sent.length, 8);
  bench.transport.script = () => answer(200);
  assert.deepEqual(await ask(service, 4), [200, 200, 200, 200]);
});

test("createLoadBalancer() leaves sticky clients at a resting server", async () => {
  const bench = new Bench(failsAt(A));
  const { service } = bench.build({ app: loadBalancer([A, B], { sticky: { ...cookie, name: "s" } }) }, "app");
  await ask(service, 10);
  bench.transport.script = () => answer(200);
  bench.transport.sent.length = 0;
  await ask(service, 3, () => request({ headers: [["Cookie", `s=${A}`]] }));
  assert.deepEqual(bench.transport.urls, [A, A, A]);
});

test("createLoadBalancer() leaves resting to a passive health check where there is one", async () => {
  const bench = new Bench(failsAt(A));
  const passiveHealthCheck = { failureWindowMs: 1_000_000, maxFailedAttempts: 8 };
  const { service } = bench.build({ app: loadBalancer([A, B], { passiveHealthCheck }) }, "app");
  await ask(service, 100);
  assert.equal(bench.transport.urls.filter((url) => url === A).length, 8);
});

test("createLoadBalancer() rests a server that an active health check calls up", async () => {
  const bench = new Bench((sent) => sent.request.path === "/health" ? answer(200) : failsAt(A)(sent));
  const { service } = bench.build({ app: loadBalancer([A, B], { healthCheck }) }, "app");
  await ask(service, 100);
  const asked = bench.transport.sent.filter(({ url, request: { path } }) => url === A && path !== "/health");
  assert.equal(asked.length, FAILURES_BEFORE_REST);
});
