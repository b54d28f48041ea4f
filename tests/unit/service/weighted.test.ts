// Services made of services: shares, empty children, sticky sessions on both levels.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpService, Weighted } from "../../../src/config/dynamic.ts";
import {
  answer,
  Bench,
  cookie,
  customService,
  failure,
  loadBalancer,
  request,
  settled,
  tally,
  textOf,
} from "./fakes.ts";

const A = "http://10.0.0.1:80";
const B = "http://10.0.0.2:80";

function weighted(children: Readonly<Record<string, number>>, more: Partial<Weighted> = {}): Weighted {
  const services = Object.entries(children).map(([name, weight]) => ({ name, weight }));
  return { kind: "weighted", services, ...more };
}

function canary(more: Partial<Weighted> = {}): Record<string, HttpService> {
  return {
    wrr: weighted({ "default-app-v1-80": 1, "default-app-v2-80": 2 }, more),
    "default-app-v1-80": loadBalancer([A]),
    "default-app-v2-80": loadBalancer([B]),
  };
}

test("createWeighted() splits 1:2 as a rotation of B A B", async () => {
  const bench = new Bench();
  const { service } = bench.build(canary(), "wrr");
  for (let count = 0; count < 30; count++) await service.handler(request());
  const order = bench.transport.urls.map((url) => (url === A ? "A" : "B")).join("");
  assert.ok(["BAB", "ABB", "BBA"].some((cycle) => order === cycle.repeat(10)), order);
});

test("createWeighted() names the child that served in the record", async () => {
  const one = request();
  await new Bench().build(canary(), "wrr").service.handler(one);
  assert.match(one.record.serviceName, /^default-app-v[12]-80@file$/);
});

test("createWeighted() skips an empty child", async () => {
  const bench = new Bench();
  const services = { ...canary(), "default-app-v2-80": loadBalancer([]) };
  const { service, problems } = bench.build(services, "wrr");
  for (let count = 0; count < 6; count++) assert.equal((await service.handler(request())).status, 200);
  assert.deepEqual(problems, []);
  assert.deepEqual(tally(bench.transport.urls), { [A]: 6 });
});

test("createWeighted() leaves a missing child out with a problem", async () => {
  const bench = new Bench();
  const { service, problems } = bench.build(
    { ...canary(), wrr: weighted({ nobody: 5, "default-app-v1-80": 1 }) },
    "wrr",
  );
  assert.deepEqual(problems.map(({ code, path }) => ({ code, path })), [
    { code: "missing-service", path: ["services", 0, "name"] },
  ]);
  assert.equal((await service.handler(request())).status, 200);
  assert.equal(service.available(), true);
});

test("createWeighted() answers 503 at once when every child is down", async () => {
  const bench = new Bench();
  const services = { wrr: weighted({ a: 1, b: 3 }), a: loadBalancer([]), b: loadBalancer([]) };
  const { service } = bench.build(services, "wrr");
  const response = await service.handler(request());
  assert.equal(response.status, 503);
  assert.equal(textOf(response), "no available server\n");
  assert.equal(service.available(), false);
});

test("createWeighted() goes on with its turn after a reload", async () => {
  const bench = new Bench();
  for (let count = 0; count < 9; count++) await bench.build(canary(), "wrr").service.handler(request());
  for (let start = 0; start < 9; start += 3) {
    assert.deepEqual(tally(bench.transport.urls.slice(start, start + 3)), { [A]: 1, [B]: 2 });
  }
});

const seedCookies = [
  { form: "plain name of Traefik 2", value: "default-app-v2-80", rewritten: true },
  { form: "quoted plain name", value: '"default-app-v2-80"', rewritten: true },
];

for (const { form, value, rewritten } of seedCookies) {
  test(`createWeighted() accepts a sticky cookie: ${form}`, async () => {
    const bench = new Bench();
    const { service } = bench.build(canary({ sticky: { ...cookie, name: "cookie" } }), "wrr");
    for (let count = 0; count < 5; count++) {
      const response = await service.handler(request({ headers: [["Cookie", `a=1; cookie=${value}; b=2`]] }));
      assert.equal(response.headers.first("set-cookie") !== undefined, rewritten);
    }
    assert.deepEqual(tally(bench.transport.urls), { [B]: 5 });
  });
}

test("createWeighted() sets the cookie once and then keeps the client", async () => {
  const bench = new Bench();
  const sticky = { ...cookie, name: "test-cookie" };
  const services = {
    wrr: weighted({ "default-myapp1-80": 1, "default-myapp2-80": 0 }, { sticky }),
    "default-myapp1-80": loadBalancer([A]),
    "default-myapp2-80": loadBalancer([B]),
  };
  const { service } = bench.build(services, "wrr");
  const first = await service.handler(request());
  assert.deepEqual(first.headers.all("set-cookie"), ["test-cookie=9c95d45b96623357; Path=/"]);
  const headers = [["Cookie", "test-cookie=9c95d45b96623357"]] as const;
  const second = await service.handler(request({ headers }));
  assert.deepEqual(second.headers.all("set-cookie"), []);
});

test("createWeighted() derives the cookie's name from the service", async () => {
  const { service } = new Bench().build({
    ...canary({ sticky: cookie }),
    app: canary({ sticky: cookie })["wrr"] ?? loadBalancer([]),
  }, "app");
  const response = await service.handler(request());
  assert.match(response.headers.first("set-cookie") ?? "", /^_fb0b0=[0-9a-f]{16}; Path=\/$/);
});

for (const value of ["nobody", "", "default-app-v1-80x"]) {
  test(`createWeighted() picks as usual and sets the cookie for the unknown value "${value}"`, async () => {
    const { service } = new Bench().build(canary({ sticky: { ...cookie, name: "c" } }), "wrr");
    const response = await service.handler(request({ headers: [["Cookie", `c=${value}`]] }));
    assert.equal(response.headers.all("set-cookie").length, 1);
  });
}

test("createWeighted() moves a client whose child is down, with a new cookie", async () => {
  const bench = new Bench();
  const services = { ...canary({ sticky: { ...cookie, name: "c" } }), "default-app-v2-80": loadBalancer([]) };
  const { service } = bench.build(services, "wrr");
  const response = await service.handler(request({ headers: [["Cookie", "c=default-app-v2-80"]] }));
  assert.equal(response.status, 200);
  assert.equal(response.headers.all("set-cookie").length, 1);
  assert.deepEqual(bench.transport.urls, [A]);
});

test("createWeighted() puts the cookie on the answer to a failure, too", async () => {
  const bench = new Bench(() => {
    throw failure("never", 504);
  });
  const { service } = bench.build(canary({ sticky: { ...cookie, name: "c" } }), "wrr");
  const one = request();
  const response = await service.handler(one);
  assert.equal(response.status, 504);
  assert.equal(textOf(response), "Gateway Timeout");
  assert.equal(response.headers.all("set-cookie").length, 1);
  assert.equal(one.record.errorCode, "fake-never");
});

test("createWeighted() nests stickiness: two cookies, one server", async () => {
  const bench = new Bench();
  const servers = [A, B, "http://10.0.0.3:80"];
  const services = {
    wrr: weighted({ app: 1 }, { sticky: { ...cookie, name: "outer" } }),
    app: loadBalancer(servers, { sticky: { ...cookie, name: "inner" } }),
  };
  const { service } = bench.build(services, "wrr");
  const first = await service.handler(request());
  const lines = first.headers.all("set-cookie");
  assert.equal(lines.length, 2);
  const value = lines.map((line) => line.split(";")[0]).join("; ");
  for (let count = 0; count < 5; count++) {
    const response = await service.handler(request({ headers: [["Cookie", value]] }));
    assert.deepEqual(response.headers.all("set-cookie"), []);
  }
  assert.equal(new Set(bench.transport.urls).size, 1);
});

test("createLoadBalancer() honours a sticky cookie for a fenced server, and gives it to nobody else", async () => {
  const bench = new Bench();
  const sticky = { ...cookie, name: "s" };
  const servers = [{ url: A, weight: 1, preservePath: false, fenced: true }, B];
  const { service } = bench.build({ app: loadBalancer(servers, { sticky }) }, "app");
  const held = await service.handler(request({ headers: [["Cookie", `s=${A}`]] }));
  assert.equal(bench.transport.urls[0], A);
  assert.equal(held.headers.all("set-cookie").length, 1);
  const fresh = await service.handler(request());
  assert.equal(bench.transport.urls[1], B);
  assert.equal(fresh.headers.all("set-cookie").length, 1);
});

test("createLoadBalancer() writes the cookie of the server that answered after a retry", async () => {
  const bench = new Bench(({ url }) => {
    if (url === A) throw failure("unsent");
    return answer(200);
  });
  const sticky = { ...cookie, name: "s" };
  const { service } = bench.build({ app: loadBalancer([A, "http://10.42.0.5:80"], { sticky }) }, "app");
  const response = await service.handler(request({ headers: [["Cookie", `s=${A}`]] }));
  assert.equal(response.status, 200);
  assert.deepEqual(response.headers.all("set-cookie"), ["s=bef67460d38c7acf; Path=/"]);
});

test("createLoadBalancer() leaves failures of the client's side as they are", async () => {
  const bench = new Bench((sent) => {
    sent.request.abort(failure("never"));
    throw failure("never");
  });
  const { service } = bench.build({ app: loadBalancer([A, B], { sticky: cookie }) }, "app");
  await assert.rejects(Promise.resolve(service.handler(request())));
});

test("createHighestRandomWeight() keeps each client at one child", async () => {
  const bench = new Bench();
  const services: Record<string, HttpService> = {
    hrw: { kind: "highestRandomWeight", services: [{ name: "a", weight: 1 }, { name: "b", weight: 1 }] },
    a: loadBalancer([A]),
    b: loadBalancer([B]),
  };
  const { service } = bench.build(services, "hrw");
  for (let client = 0; client < 20; client++) {
    const ip = `198.51.100.${client}`;
    await service.handler(request({ ip }));
    await service.handler(request({ ip }));
    const [one, two] = bench.transport.urls.slice(-2);
    assert.equal(one, two);
  }
  assert.equal(Object.keys(tally(bench.transport.urls)).length, 2);
});

test("createWeighted() marks answers that come without a promise", async () => {
  const bench = new Bench();
  bench.custom["now"] = customService("now", () => answer(204));
  bench.custom["never"] = customService("never", () => {
    throw failure("never");
  });
  const sticky = { ...cookie, name: "c" };
  const { service } = bench.build({ wrr: weighted({ now: 1, never: 1 }, { sticky }) }, "wrr");
  const answers = [service.handler(request()), service.handler(request())];
  await settled();
  assert.ok(answers.every((one) => !(one instanceof Promise)));
  const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
  assert.deepEqual(statuses, [204, 502]);
});
