import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpRouter, HttpService, Mirroring, Weighted } from "../../../src/config/dynamic.ts";
import type { Source } from "../../../src/schema/problem.ts";
import { loadBalancer } from "../service/fakes.ts";
import { middleware, type Parts, router, web, Workshop } from "./fakes.ts";

const source: Source = { type: "file", file: "app.yaml", line: 3, column: 5 };
const text = { middlewares: { hi: middleware("text", "hi"), low: middleware("text", "low") } };
const one = loadBalancer(["http://one:80"]);
const two = loadBalancer(["http://two:80"]);

function weighted(...names: readonly string[]): Weighted {
  return { kind: "weighted", services: names.map((name) => ({ name, weight: 1 })) };
}

function mirroring(service: string, ...mirrors: readonly string[]): Mirroring {
  const list = mirrors.map((name) => ({ name, percent: 100 }));
  return { kind: "mirroring", service, mirrors: list, mirrorBody: true, maxBodySize: -1 };
}

/** A case: a configuration, what requests get, what is reported. */
interface Case {
  readonly title: string;
  readonly parts: Parts;
  /** `[entryPoint] host/path` → `status body`. */
  readonly asks: Readonly<Record<string, string>>;
  readonly codes?: readonly string[];
  readonly message?: RegExp;
  /** Of the router `r`. */
  readonly state?: string;
}

const cases: readonly Case[] = [
  {
    title: "sends requests through middlewares to a server",
    parts: { ...text, routers: { r: router("a.test", "one") }, services: { one } },
    asks: { "a.test/": "200 one:80", "b.test/": "404 404 page not found" },
    state: "enabled",
  },
  {
    title: "answers 503 for a router whose service is missing",
    parts: {
      routers: { r: router("a.test", "gone", { source }), low: router("a.test", "one", { priority: 1 }) },
      services: { one },
    },
    asks: { "a.test/": "503 Service Unavailable" },
    codes: ["error missing-service"],
    message: /router r@file: the service gone@file does not exist/,
    state: "disabled",
  },
  ...["broken", "broken-late", "gone", "no-such-kind"].map((kind): Case => ({
    title: `keeps a router closed whose middleware is ${kind}, and gives its requests to no lower priority`,
    parts: {
      middlewares: kind === "gone" ? {} : { m: middleware(kind) },
      routers: {
        r: router("a.test", "one", { middlewares: ["m"], source }),
        low: router("a.test", "one", { priority: 1 }),
        other: router("b.test", "one"),
      },
      services: { one },
    },
    asks: { "a.test/": "503 Service Unavailable", "b.test/": "200 one:80" },
    state: "disabled",
  })),
  {
    title: "gives the requests of a router that a middleware keeps closed to no equal router either",
    parts: {
      middlewares: { m: middleware("broken") },
      routers: { r: router("a.test", "one", { middlewares: ["m"] }), s: router("a.test", "one") },
      services: { one },
    },
    asks: { "a.test/": "503 Service Unavailable" },
  },
  {
    title: "lets an equal router with servers go before one without",
    parts: {
      routers: {
        r: router("a.test", "empty"),
        s: router("a.test", "one"),
        t: router("b.test", "gone"),
        u: router("b.test", "one"),
      },
      services: { one, empty: loadBalancer([]) },
    },
    asks: { "a.test/": "200 one:80", "b.test/": "200 one:80" },
    codes: ["error missing-service"],
    state: "enabled",
  },
  {
    title: "keeps a router without servers before lower priorities",
    parts: {
      routers: { r: router("a.test", "empty"), low: router("a.test", "one", { priority: 1 }) },
      services: { one, empty: weighted("none"), none: loadBalancer([]) },
    },
    asks: { "a.test/": "503 no available server" },
  },
  {
    title: "leaves out a router with a bad rule",
    parts: {
      routers: { r: { rule: "Hots(`a.test`)", service: "one", source }, s: router("b.test", "one") },
      services: { one },
    },
    asks: { "a.test/": "404 404 page not found", "b.test/": "200 one:80" },
    codes: ["error bad-rule"],
    message: /router r@file: the rule "Hots\(`a\.test`\)": unknown matcher Hots/,
    state: "disabled",
  },
  {
    title: "leaves out a router with a bad argument",
    parts: { routers: { r: { rule: "PathRegexp(`(`)", service: "one", source } }, services: { one } },
    asks: { "a.test/": "404 404 page not found" },
    codes: ["error bad-rule"],
    state: "disabled",
  },
  {
    title: "warns of an unknown entry point while the router has others",
    parts: { routers: { r: router("a.test", "one", { entryPoints: ["web", "wbe"], source }) }, services: { one } },
    asks: { "a.test/": "200 one:80" },
    codes: ["warning unknown-entry-point"],
    message: /there is no entry point wbe/,
    state: "warning",
  },
  {
    title: "disables a router that has unknown entry points only",
    parts: { routers: { r: router("a.test", "one", { entryPoints: ["wbe"], source }) }, services: { one } },
    asks: { "a.test/": "404 404 page not found" },
    codes: ["error unknown-entry-point"],
    state: "disabled",
  },
  {
    title: "puts routers without entry points on the default ones",
    parts: {
      routers: { r: router("a.test", "one"), s: router("b.test", "one", { entryPoints: ["admin"] }) },
      services: { one },
    },
    asks: { "a.test/": "200 one:80", "[admin] a.test/": "404 404 page not found", "[admin] b.test/": "200 one:80" },
  },
  {
    title: "gives a TLS router no plain requests, and says so",
    parts: { routers: { r: router("a.test", "one", { tls: {}, source }) }, services: { one } },
    asks: { "a.test/": "404 404 page not found" },
    codes: ["warning tls-not-served"],
    state: "disabled",
  },
  {
    title: "asks higher priorities first, and longer rules where none is given",
    parts: {
      ...text,
      routers: {
        r: router("a.test", "one", { middlewares: ["hi"], priority: 100 }),
        long: { rule: "Host(`a.test`) && PathPrefix(`/x`) && Method(`GET`)", service: "one", middlewares: ["low"] },
        short: { rule: "PathPrefix(`/`)", service: "one" },
        longer: { rule: "PathPrefix(`/deep`)", service: "one", middlewares: ["low"] },
      },
      services: { one },
    },
    asks: { "a.test/x": "200 hi", "b.test/": "200 one:80", "b.test/deep": "200 low" },
  },
  {
    title: "lets the first by key win a tie",
    parts: {
      ...text,
      routers: {
        s: router("a.test", "one", { middlewares: ["low"] }),
        r: router("a.test", "one", { middlewares: ["hi"] }),
      },
      services: { one },
    },
    asks: { "a.test/": "200 hi" },
  },
  {
    title: "bounds a priority above Traefik's limit",
    parts: {
      routers: { r: router("a.test", "one", { priority: Number.MAX_SAFE_INTEGER, source }) },
      services: { one },
    },
    asks: { "a.test/": "200 one:80" },
    codes: ["warning bad-priority"],
    state: "warning",
  },
  {
    title: "cuts a cycle of weighted services where it closes",
    parts: {
      routers: { r: router("a.test", "a") },
      services: { a: weighted("b"), b: weighted("a", "one"), one },
    },
    asks: { "a.test/": "200 one:80" },
    codes: ["error missing-service"],
    message: /service b@file: the service a@file refers back to itself/,
  },
  {
    title: "leaves a mirror out that is the service itself",
    parts: { routers: { r: router("a.test", "m") }, services: { m: mirroring("one", "m"), one } },
    asks: { "a.test/": "200 one:80" },
    codes: ["error missing-service"],
  },
  {
    title: "closes the router of a mirroring of itself",
    parts: { routers: { r: router("a.test", "m") }, services: { m: mirroring("m"), one } },
    asks: { "a.test/": "503 Service Unavailable" },
    state: "disabled",
  },
  {
    title: "skips missing and empty children",
    parts: {
      routers: { r: router("a.test", "w"), s: router("b.test", "none") },
      services: { w: weighted("gone", "empty", "one"), empty: loadBalancer([]), one, none: weighted("gone") },
    },
    asks: { "a.test/": "200 one:80", "b.test/": "503 no available server" },
    codes: ["error missing-service", "error missing-service"],
    state: "enabled",
  },
  {
    title: "fails over to what is left",
    parts: {
      routers: { r: router("a.test", "f") },
      services: { f: { kind: "failover", service: "gone", fallback: "two" } satisfies HttpService, two },
    },
    asks: { "a.test/": "200 two:80" },
    codes: ["error missing-service"],
  },
  {
    title: "puts a service's own middlewares before it, and closes it when they can't be built",
    parts: {
      middlewares: { hi: middleware("text", "hi"), m: middleware("broken") },
      routers: { r: router("a.test", "open"), s: router("b.test", "closed") },
      services: { open: { ...one, middlewares: ["hi"] }, closed: { ...one, middlewares: ["m"] } },
    },
    asks: { "a.test/": "200 hi", "b.test/": "503 Service Unavailable" },
    state: "enabled",
  },
  {
    title: "closes a service whose serversTransport is missing",
    parts: { routers: { r: router("a.test", "s") }, services: { s: { ...one, serversTransport: "gone" } } },
    asks: { "a.test/": "503 Service Unavailable" },
    state: "disabled",
  },
  {
    title: "serves internal services, and closes routers to those that are off",
    parts: { routers: { r: router("a.test", "api@internal"), s: router("b.test", "ping@internal") } },
    asks: { "a.test/": "200 api", "b.test/": "503 Service Unavailable" },
    codes: ["error missing-service"],
    state: "enabled",
  },
  {
    title: "refuses services that are chained beyond reason, and builds the rest of the chain",
    parts: {
      routers: { r: router("a.test", "s0"), s: router("b.test", "s4950"), t: router("c.test", "one") },
      services: {
        ...Object.fromEntries(
          Array.from({ length: 5_000 }, (_, at) => [`s${at}`, weighted(at === 4_999 ? "one" : `s${at + 1}`)]),
        ),
        one,
      },
    },
    asks: { "a.test/": "503 Service Unavailable", "b.test/": "200 one:80", "c.test/": "200 one:80" },
    state: "disabled",
  },
];

for (const { title, parts, asks, codes, message, state } of cases) {
  test(`buildRoutingTable() ${title}`, async () => {
    const shop = new Workshop();
    const { status, problems } = shop.build(parts);
    for (const [ask, answer] of Object.entries(asks)) {
      const [, entryPoint, url = ""] = /^(?:\[(\w+)\] )?(.*)$/.exec(ask) ?? [];
      assert.equal(await shop.ask(url, entryPoint), answer, ask);
    }
    if (codes !== undefined) assert.deepEqual(shop.codes, codes);
    if (message !== undefined) assert.match(problems.map((problem) => problem.message).join("\n"), message);
    if (state !== undefined) assert.equal(status.routers.find(({ key }) => key === "r@file")?.state, state);
    const hasSource = parts.routers?.["r"]?.source !== undefined;
    for (const problem of problems) {
      if (hasSource && /router r@/.test(problem.message)) assert.deepEqual(problem.source, source);
    }
    shop.close();
  });
}

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
