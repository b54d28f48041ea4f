// What a build tells of its parts, and that a broken one costs no other anything.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpRouter } from "../../../src/config/dynamic.ts";
import type { Source } from "../../../src/schema/problem.ts";
import { loadBalancer } from "../service/fakes.ts";
import { middleware, router, web, weighted, Workshop } from "./fakes.ts";

const source: Source = { type: "file", file: "app.yaml", line: 3, column: 5 };
const text = { middlewares: { hi: middleware("text", "hi"), low: middleware("text", "low") } };
const one = loadBalancer(["http://one:80"]);
const two = loadBalancer(["http://two:80"]);

test("buildRoutingTable() puts the entry point's middlewares first, named by key or by the name people see", async () => {
  const facts = { ...web, middlewares: ["front@file", "default-auth@kube"] };
  const shop = new Workshop({ entryPoints: () => [facts] });
  const { status } = shop.build({
    middlewares: { front: middleware("tag", "1"), own: middleware("tag", "3") },
    routers: { r: router("a.test", "one", { middlewares: ["own"] }) },
    services: { one },
  }, {
    kube: {
      middlewares: { '["Middleware","default","auth"]': { ...middleware("tag", "2"), displayName: "default-auth" } },
    },
  });
  const { request } = await shop.exchange("a.test/");
  assert.deepEqual(request.headers.all("x-tag"), ["1", "2", "3"]);
  assert.deepEqual(
    status.middlewares.map(({ name, usedBy }) => [name, usedBy]),
    [
      ["front@file", ["r@file"]],
      ["own@file", ["r@file"]],
      ["default-auth@kube", ["r@file"]],
    ],
  );
  shop.close();
});

test("buildRoutingTable() keeps routers closed whose entry point names a middleware that two fit, or none", async () => {
  for (const name of ["default-auth@kube", "gone@file"]) {
    const shop = new Workshop({ entryPoints: () => [{ ...web, middlewares: [name] }, { ...web, name: "other" }] });
    const twin = { ...middleware("tag"), displayName: "default-auth" };
    shop.build({ routers: { r: router("a.test", "one"), s: router("a.test", "two") }, services: { one, two } }, {
      kube: { middlewares: { a: twin, b: twin } },
    });
    assert.equal(await shop.ask("a.test/"), "503 Service Unavailable", name);
    assert.equal(await shop.ask("a.test/", "other"), "200 one:80", "the other entry point serves it in the same order");
    shop.close();
  }
});

test("buildRoutingTable() tells who uses a part, each once, through children too", () => {
  const shop = new Workshop();
  const { status } = shop.build({
    middlewares: { ...text.middlewares, idle: middleware("tag") },
    routers: {
      r: router("a.test", "w", { middlewares: ["hi", "hi"], entryPoints: ["web", "admin"] }),
      s: router("b.test", "one", { middlewares: ["hi"] }),
    },
    services: { w: weighted("one", "one", "two"), one, two: { ...two, middlewares: ["low"] }, idle: one },
  });
  const used = (list: readonly { readonly name: string; readonly usedBy: readonly string[] }[]) =>
    Object.fromEntries(list.map(({ name, usedBy }) => [name, usedBy]));
  assert.deepEqual(used(status.middlewares), {
    "hi@file": ["r@file", "s@file"],
    "low@file": ["r@file"],
    "idle@file": [],
  });
  assert.deepEqual(used(status.services), {
    "w@file": ["r@file"],
    "one@file": ["r@file", "s@file"],
    "two@file": ["r@file"],
    "idle@file": [],
  });
  assert.deepEqual(status.routers.map(({ name, using, priority }) => [name, using, priority]), [
    ["r@file", ["web", "admin"], 14],
    ["s@file", ["web"], 14],
  ]);
  shop.close();
});

test("buildRoutingTable() tells the state of each server, and shows display names", () => {
  const shop = new Workshop();
  const { status } = shop.build({
    routers: { key: { ...router("a.test", "k1"), displayName: "default-web" } },
    services: { k1: { ...loadBalancer(["http://one:80", "ftp://bad"]), displayName: "default-one", source } },
  });
  assert.equal(status.routers[0]?.name, "default-web@file");
  const [service] = status.services;
  assert.deepEqual([service?.key, service?.name, service?.state], ["k1@file", "default-one@file", "warning"]);
  assert.deepEqual(service?.serverStatus(), { "http://one:80": "UP" });
  const [problem] = shop.table.problems;
  assert.match(problem?.message ?? "", /^service default-one@file: server URL "ftp:\/\/bad"/);
  assert.deepEqual([problem?.source, problem?.path], [source, ["servers", 1, "url"]]);
  shop.close();
});

test("buildRoutingTable() costs one router what is wrong with it, and no other route anything", async () => {
  const count = 200;
  const shop = new Workshop();
  const kinds = { hi: middleware("tag", "x"), bad: middleware("broken") };
  const services = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`s${at}`, loadBalancer([`http://s${at}:80`])]),
  );
  const routers = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`r${at}`, router(`h${at}.test`, `s${at}`, { middlewares: ["hi"] })]),
  );
  const harms: readonly Partial<HttpRouter>[] = [
    { rule: "Host(`h1.test`" },
    { rule: "" },
    { rule: { type: "and", nodes: [] } },
    { rule: { type: "matcher", name: "__proto__", args: [] } },
    { rule: "HostRegexp(`(((((`)" },
    { rule: "Host(`other.test`)" },
    { service: "gone" },
    { service: "__proto__" },
    { middlewares: ["bad"] },
    { middlewares: ["constructor"] },
    { entryPoints: ["nowhere"] },
    { priority: Number.NEGATIVE_INFINITY },
    { tls: {} },
  ];
  for (const [index, harm] of harms.entries()) {
    const victim = (index * 37 + 11) % count;
    shop.build({
      middlewares: kinds,
      services,
      routers: { ...routers, [`r${victim}`]: { ...routers[`r${victim}`], ...harm } as HttpRouter },
    });
    for (let at = 0; at < count; at++) {
      if (at === victim) continue;
      assert.equal(await shop.ask(`h${at}.test/`), `200 s${at}:80`, JSON.stringify(harm));
    }
    assert.equal(shop.table.status.routers.filter(({ state }) => state !== "enabled").length <= 1, true);
  }
  shop.close();
});

test("buildRoutingTable() serves a router that can't be counted, and says so", async () => {
  const meters = {
    router: () => {
      throw new TypeError("bad label");
    },
    service: () => undefined,
    serverUp: () => undefined,
  };
  const shop = new Workshop({ meters });
  shop.build({
    routers: { r: router("a.test", "one"), s: router("b.test", "one", { observability: { metrics: false } }) },
    services: { one },
  });
  assert.equal(await shop.ask("a.test/"), "200 one:80");
  assert.equal(await shop.ask("b.test/"), "200 one:80");
  assert.deepEqual(shop.codes, ["warning not-counted"]);
  shop.close();
});

test("buildRoutingTable() writes down who takes a request", async () => {
  const shop = new Workshop();
  shop.build({
    routers: { r: router("a.test", "w", { observability: { accessLogs: false } }), s: router("b.test", "gone") },
    services: { w: weighted("one"), one },
  });
  const served = (await shop.exchange("a.test/")).request.record;
  assert.deepEqual([served.routerName, served.serviceName, served.logged], ["r@file", "one@file", false]);
  const refused = (await shop.exchange("b.test/")).request.record;
  assert.deepEqual([refused.routerName, refused.serviceName, refused.errorCode], [
    "s@file",
    "gone@file",
    "missing-service",
  ]);
  const unknown = (await shop.exchange("c.test/")).request.record;
  assert.deepEqual([unknown.routerName, unknown.logged], ["", true]);
  shop.close();
});

test("buildRoutingTable() tells of routers that are never reached, and of who stands before them", async () => {
  const shop = new Workshop();
  const rule = "Host(`a.test`)&&Path(`/`)";
  const { status } = shop.build({
    routers: {
      a: { rule: "Host(`a.test`) && Path(`/`)", service: "one", priority: 5, entryPoints: ["web"] },
      b: { rule, service: "two", priority: 5, source, rulePath: ["http", "routers", "b", "rule"] },
      c: { rule, service: "two", priority: 5, entryPoints: ["web", "admin"] },
      d: { rule, service: "two", priority: 4 },
      e: { rule: "Host(`b.test`) && Path(`/`)", service: "two", priority: 5 },
    },
    services: { one, two },
  });
  assert.equal(await shop.ask("a.test/"), "200 one:80");
  assert.equal(await shop.ask("a.test/", "admin"), "200 two:80");
  assert.deepEqual(status.routers.map(({ state, errors }) => [state, ...errors]), [
    ["enabled"],
    ["warning", "never reached: a@file has the same rule and priority"],
    ["warning", "never reached on web: a@file has the same rule and priority"],
    ["enabled"],
    ["enabled"],
  ]);
  const [problem] = shop.table.problems;
  assert.deepEqual([problem?.code, problem?.source, problem?.path], [
    "shadowed-router",
    source,
    ["http", "routers", "b", "rule"],
  ]);
  shop.close();
});

test("buildRoutingTable() says where a broken rule stands", () => {
  const shop = new Workshop();
  const rulePath = ["spec", "routes", 2, "match"];
  shop.build({ routers: { r: { rule: "Hots(`a`)", service: "one", rulePath } }, services: { one } });
  assert.deepEqual(shop.table.problems.map(({ code, path }) => [code, path]), [["bad-rule", rulePath]]);
  shop.close();
});
