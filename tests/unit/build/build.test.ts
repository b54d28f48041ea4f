// Routing tables case by case: a configuration, what requests get, what is reported.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpService, Mirroring } from "../../../src/config/dynamic.ts";
import type { Source } from "../../../src/schema/problem.ts";
import { loadBalancer } from "../service/fakes.ts";
import { middleware, type Parts, router, weighted, Workshop } from "./fakes.ts";

const source: Source = { type: "file", file: "app.yaml", line: 3, column: 5 };
const text = { middlewares: { hi: middleware("text", "hi"), low: middleware("text", "low") } };
const one = loadBalancer(["http://one:80"]);
const two = loadBalancer(["http://two:80"]);

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
    title: "closes the routers of a middleware that its provider could not make whole, and says why",
    parts: {
      middlewares: { m: { ...middleware("text", "open"), displayName: "auth", defects: ["there is no Secret"] } },
      routers: { r: router("a.test", "one", { middlewares: ["m"] }) },
      services: { one },
    },
    asks: { "a.test/": "503 Service Unavailable" },
    codes: ["error broken-middleware"],
    message: /router r@file: the middleware auth@file can't be used: there is no Secret/,
    state: "disabled",
  },
  {
    title: "closes the routers of a transport that its provider could not make whole, and tells it of them alone",
    parts: {
      serversTransports: {
        t: {
          insecureSkipVerify: false,
          rootCAs: [],
          maxIdleConnsPerHost: 10,
          disableHTTP2: false,
          forwardingTimeouts: { dialTimeoutMs: 0, responseHeaderTimeoutMs: 0, idleConnTimeoutMs: 0 },
          displayName: "trust",
          defects: ["there is no ConfigMap"],
        },
      },
      routers: { r: router("a.test", "one") },
      services: { one: { ...one, serversTransport: "t" } },
    },
    asks: { "a.test/": "503 Service Unavailable" },
    codes: ["error broken-transport"],
    message: /router r@file: the serversTransport trust@file can't be used: there is no ConfigMap/,
    state: "disabled",
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
    codes: ["error missing-service", "warning shadowed-router", "warning shadowed-router"],
    message: /router r@file: never reached: s@file has the same rule and priority/,
    state: "warning",
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
    title: "gives a TLS router no plain requests",
    parts: { routers: { r: router("a.test", "one", { tls: {}, source }) }, services: { one } },
    asks: { "a.test/": "404 404 page not found" },
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
