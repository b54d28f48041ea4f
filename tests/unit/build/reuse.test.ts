// A build makes again what has changed, and only that.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoutingTable } from "../../../src/build/build.ts";
import type { EntryPointFacts } from "../../../src/build/context.ts";
import type { HttpRouter } from "../../../src/config/dynamic.ts";
import type { MiddlewareDefinition } from "../../../src/middleware/middleware.ts";
import { loadBalancer } from "../service/fakes.ts";
import { middleware, middlewareKinds, router, web, weighted, Workshop } from "./fakes.ts";
import type { Parts } from "./fakes.ts";

const one = loadBalancer(["http://one:80"]);
const two = loadBalancer(["http://two:80"]);
const tag = middleware("tag", "x");

/** A shop that counts what its middlewares are built for. */
function countingShop(over: { entryPoints?: () => readonly EntryPointFacts[] } = {}) {
  const made: string[] = [];
  const definition = middlewareKinds.get("tag");
  assert.ok(definition);
  const counting: MiddlewareDefinition = {
    ...definition,
    create(options, context) {
      made.push(context.key);
      const create = definition.create(options, context);
      return (next) => {
        made.push(`${context.key} before a handler`);
        return create(next);
      };
    },
  };
  const shop = new Workshop({ middlewares: new Map([...middlewareKinds, ["tag", counting]]), ...over });
  const build = (parts: Parts): { made: string[]; table: RoutingTable } => {
    made.length = 0;
    const table = shop.build(parts);
    return { made: [...made], table };
  };
  return { shop, build };
}

const base: Parts = {
  routers: {
    r: router("a.test", "one", { middlewares: ["m"] }),
    s: router("b.test", "w", { middlewares: ["m"] }),
  },
  services: { one, two, w: weighted("one", "two") },
  middlewares: { m: tag },
};

test("buildRoutingTable() makes nothing again when nothing has changed", () => {
  const { build, shop } = countingShop();
  const first = build(base);
  assert.equal(first.made.length, 3);
  const { size } = shop.state;
  const second = build({ ...base, routers: { ...base.routers }, services: { ...base.services } });
  assert.deepEqual(second.made, []);
  assert.equal(second.table.entryPoints.get("web"), first.table.entryPoints.get("web"));
  assert.equal(shop.state.size, size);
  shop.close();
});

const changes: readonly [title: string, parts: Parts, made: readonly string[]][] = [
  ["a router", { routers: { ...base.routers, r: router("c.test", "one", { middlewares: ["m"] }) } }, ["m@file"]],
  ["a service of a router", { services: { ...base.services, two: loadBalancer(["http://three:80"]) } }, ["m@file"]],
  ["a service of both", { services: { ...base.services, one: loadBalancer(["http://three:80"]) } }, [
    "m@file",
    "m@file",
  ]],
  ["a service nobody has", { services: { ...base.services, idle: one } }, []],
  ["a router more", { routers: { ...base.routers, t: router("t.test", "one") } }, []],
  ["a router less", { routers: { s: base.routers?.["s"] ?? router("b.test", "w") } }, []],
];

for (const [title, parts, wanted] of changes) {
  test(`buildRoutingTable() makes again what depends on what has changed: ${title}`, () => {
    const { build, shop } = countingShop();
    build(base);
    const { made } = build({ ...base, ...parts });
    assert.deepEqual(made, wanted.map((key) => `${key} before a handler`));
    shop.close();
  });
}

test("buildRoutingTable() makes a changed middleware and its routers again", async () => {
  const { build, shop } = countingShop();
  build(base);
  const { made } = build({ ...base, middlewares: { m: middleware("tag", "y") } });
  assert.deepEqual(made, ["m@file", "m@file before a handler", "m@file before a handler"]);
  const { request } = await shop.exchange("a.test/");
  assert.deepEqual(request.headers.all("x-tag"), ["y"]);
  shop.close();
});

test("buildRoutingTable() makes all routers again when the entry points have changed", async () => {
  let facts: readonly EntryPointFacts[] = [web];
  const { build, shop } = countingShop({ entryPoints: () => facts });
  build(base);
  facts = [web, { ...web, name: "more", middlewares: ["m@file"] }];
  const { made } = build(base);
  assert.equal(made.length, 2 * (1 + 2), "two routers, once with their own middleware and once with that of `more`");
  assert.equal(await shop.ask("a.test/", "more"), "200 one:80");
  shop.close();
});

test("buildRoutingTable() follows a reference that means something else now", async () => {
  const shop = new Workshop();
  const routers = { r: router("a.test", "app") };
  shop.build({ routers, services: { '["x","one"]': { ...one, displayName: "app" } } });
  assert.equal(await shop.ask("a.test/"), "200 one:80");
  shop.build({ routers, services: { '["x","two"]': { ...two, displayName: "app" } } });
  assert.equal(await shop.ask("a.test/"), "200 two:80");
  shop.build({ routers, services: {} });
  assert.equal(await shop.ask("a.test/"), "503 Service Unavailable");
  shop.build({ routers, services: { app: one } });
  assert.equal(await shop.ask("a.test/"), "200 one:80");
  shop.close();
});

test("buildRoutingTable() takes the servers of a child that has changed, through parents that have not", async () => {
  const shop = new Workshop();
  const routers = { r: router("a.test", "top") };
  const services = { top: weighted("middle"), middle: weighted("one"), one };
  shop.build({ routers, services });
  shop.build({ routers, services: { ...services, one: two } });
  assert.equal(await shop.ask("a.test/"), "200 two:80");
  shop.build({ routers, services: { ...services, one: weighted("top") } });
  assert.match(shop.codes.join(), /missing-service/);
  shop.build({ routers, services });
  assert.equal(await shop.ask("a.test/"), "200 one:80");
  assert.deepEqual(shop.codes, []);
  shop.close();
});

test("buildRoutingTable() decides between equal routers by their order, whatever was there before", async () => {
  const shop = new Workshop();
  const same = (service: string): HttpRouter => router("a.test", service);
  const [a, b, c] = [same("one"), same("two"), same("one")];
  const services = { one, two };
  shop.build({ routers: { b, c }, services });
  assert.equal(await shop.ask("a.test/"), "200 two:80");
  shop.build({ routers: { a, b, c }, services });
  assert.equal(await shop.ask("a.test/"), "200 one:80");
  shop.build({ routers: { b, c }, services });
  assert.equal(await shop.ask("a.test/"), "200 two:80");
  const shown = () => shop.table.status.routers.map(({ name, state }) => `${name} ${state}`);
  assert.deepEqual(shown(), ["b@file enabled", "c@file warning"]);
  shop.build({ routers: { c }, services });
  assert.deepEqual(shown(), ["c@file enabled"], "nothing shadows it any more");
  assert.deepEqual(shop.codes, []);
  shop.close();
});

test("buildRoutingTable() says in each build what is wrong, also with what it did not make again", () => {
  const shop = new Workshop();
  const parts: Parts = {
    routers: {
      bad: { rule: "Host(", service: "one" },
      closed: router("a.test", "one", { middlewares: ["broken"] }),
      lost: router("b.test", "gone"),
      both: router("c.test", "w"),
    },
    services: { one, w: weighted("one", "gone") },
    middlewares: { broken: middleware("broken") },
  };
  shop.build(parts);
  const { codes } = shop;
  assert.equal(codes.length, 5);
  const errors = () => shop.table.status.routers.map((each) => each.errors);
  const first = errors();
  for (let build = 0; build < 3; build++) {
    shop.build(parts);
    assert.deepEqual(shop.codes, codes);
    assert.deepEqual(errors(), first);
  }
  shop.close();
});

test("buildRoutingTable() starts afresh after a build that was given up", async () => {
  const shop = new Workshop();
  const parts: Parts = { routers: { r: router("a.test", "one") }, services: { one } };
  shop.build(parts);
  shop.state.begin();
  shop.state.rollback();
  shop.build(parts);
  assert.equal(await shop.ask("a.test/"), "200 one:80");
  shop.close();
  shop.build(parts);
  assert.equal(await shop.ask("a.test/"), "200 one:80", "what was disposed is made again");
  shop.close();
});
