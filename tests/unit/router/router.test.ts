// The host index finds what a linear scan would find.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ProxyRequest } from "../../../src/http/request.ts";
import { createRouter } from "../../../src/router/router.ts";
import type { RouteEntry } from "../../../src/router/route.ts";
import { compileHttpRule } from "../../../src/rule/http-matcher.ts";
import type { RuleNode } from "../../../src/rule/tree.ts";
import { makeRequest, treeOf } from "../rule/make-request.ts";

interface Named extends RouteEntry {
  readonly name: string;
}

function routes(...rules: readonly (readonly [name: string, priority: number, rule: string])[]): Named[] {
  return rules.map(([name, priority, rule], order) => ({ name, priority, order, rule: treeOf(rule) }));
}

function found(table: readonly Named[], authority: string, path = "/"): string | undefined {
  return createRouter(table).find(makeRequest({ authority, path }))?.name;
}

const cases:
  readonly (readonly [why: string, table: Named[], host: string, path: string, expected: string | undefined])[] = [
    ["an exact host", routes(["a", 1, "Host(`a.x`)"], ["b", 1, "Host(`b.x`)"]), "B.x:80", "/", "b"],
    ["nothing for an unknown host", routes(["a", 1, "Host(`a.x`)"]), "c.x", "/", undefined],
    ["the higher priority", routes(["a", 1, "Host(`a.x`)"], ["b", 2, "Host(`a.x`)"]), "a.x", "/", "b"],
    ["the lower order of equal priorities", routes(["a", 1, "Host(`a.x`)"], ["b", 1, "Host(`a.x`)"]), "a.x", "/", "a"],
    [
      "a regular expression of higher priority",
      routes(["a", 1, "Host(`a.x`)"], ["r", 2, "HostRegexp(`.`)"]),
      "a.x",
      "/",
      "r",
    ],
    [
      "a host of higher priority than a regular expression",
      routes(["a", 3, "Host(`a.x`)"], ["r", 2, "HostRegexp(`.`)"]),
      "a.x",
      "/",
      "a",
    ],
    [
      "a wildcard between two",
      routes(["a", 1, "Host(`a.x`)"], ["w", 2, "Host(`*.x`)"], ["r", 3, "Path(`/r`)"]),
      "a.x",
      "/",
      "w",
    ],
    ["no wildcard two labels up", routes(["w", 2, "Host(`*.x`)"]), "b.a.x", "/", undefined],
    [
      "the second branch of an or",
      routes(["o", 1, "(Host(`a.x`) && Path(`/a`)) || (Host(`b.x`) && Path(`/b`))"]),
      "b.x",
      "/b",
      "o",
    ],
    [
      "not the other branch's path",
      routes(["o", 1, "(Host(`a.x`) && Path(`/a`)) || (Host(`b.x`) && Path(`/b`))"]),
      "b.x",
      "/a",
      undefined,
    ],
    ["a negated host", routes(["n", 1, "!Host(`a.x`)"]), "b.x", "/", "n"],
    ["not the negated host", routes(["n", 1, "!Host(`a.x`)"]), "a.x", "/", undefined],
    ["a host under a double negation", routes(["n", 1, "!!Host(`a.x`)"]), "a.x", "/", "n"],
    ["an impossible rule", routes(["n", 1, "Host(`a.x`) && !Host(`a.x`)"]), "a.x", "/", undefined],
    ["a request without host", routes(["a", 2, "Host(`a.x`)"], ["p", 1, "PathPrefix(`/`)"]), "", "/", "p"],
    ["any host", routes(["s", 1, "Host(`*`)"]), "q", "/", "s"],
  ];

for (const [why, table, host, path, expected] of cases) {
  test(`createRouter() finds ${why}`, () => assert.equal(found(table, host, path), expected));
}

const hosts = ["a.x", "b.x", "c.a.x", "x", "a.y", ""];
const matcher: fc.Arbitrary<RuleNode> = fc.oneof(
  fc.constantFrom(...hosts.filter((host) => host !== ""), "*.x", "*.a.x", "*.y", "*").map((host) => leaf("Host", host)),
  fc.constantFrom("^a", "x$", ".", "^(a|b)\\.x$", "^x$|^a\\.y$", "^$").map((pattern) => leaf("HostRegexp", pattern)),
  fc.constantFrom("/a", "/b").map((path) => leaf("Path", path)),
);
const { tree } = fc.letrec<{ tree: RuleNode }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    matcher,
    tie("tree").map((node): RuleNode => ({ type: "not", node })),
    fc.array(tie("tree"), { minLength: 1, maxLength: 3 }).map((nodes): RuleNode => ({ type: "and", nodes })),
    fc.array(tie("tree"), { minLength: 1, maxLength: 3 }).map((nodes): RuleNode => ({ type: "or", nodes })),
  ),
}));

function leaf(name: string, arg: string): RuleNode {
  return { type: "matcher", name, args: [arg] };
}

function scan(table: readonly RouteEntry[], request: ProxyRequest): RouteEntry | undefined {
  const sorted = [...table].sort((a, b) => b.priority - a.priority || a.order - b.order);
  return sorted.find((route) => {
    const compiled = compileHttpRule(route.rule);
    return compiled.error === undefined && compiled.match(request);
  });
}

test("createRouter() finds what a linear scan finds", () => {
  const table = fc.array(fc.tuple(tree, fc.integer({ min: 0, max: 3 })), { maxLength: 8 }).map((rows) =>
    rows.map(([rule, priority], order) => ({ rule, priority, order }))
  );
  fc.assert(
    fc.property(table, (entries) => {
      const router = createRouter(entries);
      assert.deepEqual(router.rejected, []);
      for (const authority of hosts) {
        for (const path of ["/a", "/b"]) {
          const request = makeRequest({ authority, path });
          assert.equal(router.find(request), scan(entries, request));
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("createRouter() asks no matcher for a plain host among 10,000", () => {
  const table = Array.from(
    { length: 10_000 },
    (_, order) => ({ rule: leaf("Host", `h${order}.x`), priority: 1, order }),
  );
  const router = createRouter(table);
  // A request without any of the fields that matchers read: the host alone must do.
  const request = new Proxy(makeRequest({ authority: "h9999.x" }), {
    get: (target, name) => name === "host" ? target.host : assert.fail(`read ${String(name)}`),
  });
  assert.equal(router.find(request)?.order, 9999);
});

test("createRouter() takes a rule of ten thousand hosts", () => {
  const nodes = Array.from({ length: 10_000 }, (_, index) => leaf("Host", `h${index}.x`));
  const router = createRouter([{ rule: { type: "or", nodes } satisfies RuleNode, priority: 1, order: 0 }]);
  assert.equal(router.find(makeRequest({ authority: "h5000.x" }))?.order, 0);
  assert.equal(router.find(makeRequest({ authority: "h10000.x" })), undefined);
});

test("createRouter() leaves out routes whose rule can't be compiled", () => {
  const router = createRouter(
    routes(["bad", 9, "Path(`/`)"], ["good", 1, "Path(`/`)"]).map((route) =>
      route.name === "bad" ? { ...route, rule: leaf("PathRegexp", "(") } : route
    ),
  );
  assert.deepEqual(router.rejected.map(({ route }) => route.name), ["bad"]);
  assert.equal(router.find(makeRequest({}))?.name, "good");
});

test("nearMisses() names the part that failed", () => {
  const router = createRouter(routes(
    ["api", 3, "Host(`a.x`) && PathPrefix(`/api`) && Method(`GET`)"],
    ["other", 2, "Host(`b.x`)"],
    ["rest", 1, "Header(`X-A`, `1`)"],
  ));
  const misses = router.nearMisses(makeRequest({ authority: "a.x", path: "/ap" }));
  assert.deepEqual(misses.map(({ route, failed }) => [route.name, failed]), [
    ["api", "PathPrefix(`/api`)"],
    ["rest", "Header(`X-A`, `1`)"],
  ]);
  assert.equal(router.similarHost("bb.x"), "b.x");
});
