// Shadowed routers: the same rule, whatever its spelling, at the same priority, on the same entry point.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route } from "../../../src/build/route.ts";
import { ShadowFinder } from "../../../src/build/shadowed.ts";
import { newRoutingStatus } from "../../../src/build/status.ts";
import type { RouterStatus } from "../../../src/build/status.ts";
import { textResponse } from "../../../src/http/response.ts";
import { parseRule } from "../../../src/rule/parse.ts";
import { web, Workshop } from "./fakes.ts";

function statusOf(name: string): RouterStatus {
  const status: RouterStatus = newRoutingStatus(name, {
    rule: "x",
    service: "s",
    displayName: name,
    provider: "file",
  });
  status.using.push("web");
  return status;
}

function routeFor(finder: ShadowFinder, name: string, rule: string, more: Partial<Route> = {}): Route {
  const parsed = parseRule(rule, { syntax: "v3", protocol: "http" });
  assert.ok("tree" in parsed);
  const identity = finder.identityOf(parsed.tree, 7);
  const handler = () => textResponse(200, name);
  return { rule: parsed.tree, priority: 7, order: 0, identity, status: statusOf(name), handler, ...more };
}

test("ShadowFinder.find() compares rules as trees, and prefers a lower order, then the first", () => {
  const finder = new ShadowFinder();
  const a = routeFor(finder, "a", "Host(`x`) && Path(`/`)", { order: 1 });
  const b = routeFor(finder, "b", 'Host("x")   && Path(`/`)');
  const c = routeFor(finder, "c", "(Host(`x`)) && Path(`/`)");
  const other = routeFor(finder, "other", "Host(`y`)");
  const found = finder.find(new Map([["web", [a, other, b, c]]]));
  assert.deepEqual([...found.keys()].map(({ name }) => name), ["a@file", "c@file"]);
  for (const { status, problem } of found.values()) {
    assert.deepEqual([status.state, status.errors], ["warning", [
      "never reached: b@file has the same rule and priority",
    ]]);
    assert.equal(problem.code, "shadowed-router");
  }
  assert.deepEqual([a.status.state, a.status.errors], ["enabled", []], "the status that is kept stays as it is");
});

test("ShadowFinder.find() names the object whose routes have the same rule, for they have the same name", () => {
  const finder = new ShadowFinder();
  const twin = () => {
    const status = statusOf("twin");
    const source = { type: "object", apiVersion: "v1", kind: "IngressRoute", namespace: "shop", name: "app" } as const;
    return routeFor(finder, "twin", "Host(`x`)", { status: { ...status, config: { ...status.config, source } } });
  };
  const found = finder.find(new Map([["web", [twin(), twin()]]]));
  assert.deepEqual([...found.values()].map(({ problem }) => problem.message), [
    "router twin@file: never reached: another route of IngressRoute shop/app has the same rule and priority",
  ]);
});

test("ShadowFinder.find() forgets what is gone and still knows the rest", () => {
  const finder = new ShadowFinder();
  const kept = routeFor(finder, "kept", "Host(`kept`)");
  for (let build = 0; build < 3_000; build++) {
    const passing = routeFor(finder, "passing", `Host(\`h${build}\`)`);
    assert.equal(finder.find(new Map([["web", [kept, passing]], ["more", [kept]]])).size, 0);
  }
  const twin = routeFor(finder, "twin", "Host(`kept`)");
  const found = finder.find(new Map([["web", [kept, twin]]]));
  assert.deepEqual([...found.keys()].map(({ name }) => name), ["twin@file"]);
});

test("buildRoutingTable() names the entry points on which a router is never reached, unless it is all of them", () => {
  const shop = new Workshop({ entryPoints: () => [web, { ...web, name: "more" }] });
  const { problems } = shop.build({
    routers: {
      a: { rule: "Host(`a`)", service: "api@internal", entryPoints: ["web"] },
      b: { rule: "Host(`a`)", service: "api@internal" },
      c: { rule: "Host(`a`)", service: "api@internal" },
    },
  });
  assert.deepEqual(problems.map(({ message }) => message), [
    "router b@file: never reached on web: a@file has the same rule and priority",
    "router c@file: never reached: a@file has the same rule and priority",
  ]);
});
