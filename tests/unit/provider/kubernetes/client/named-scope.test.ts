// Which watches read a set of names.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type NamedScope,
  planScopes,
  scopeKey,
  type WantedNames,
} from "../../../../../src/provider/kubernetes/client/named-scope.ts";

function names(counts: Readonly<Record<string, number>>, from = 0): WantedNames {
  return new Map(
    Object.entries(counts).map(([namespace, count]) => {
      return [namespace, new Set(Array.from({ length: count }, (_, index) => `n${from + index}`))];
    }),
  );
}

function plan(
  wanted: WantedNames,
  open: Readonly<Record<string, WantedNames>> = {},
  refused: readonly string[] = [],
): readonly NamedScope[] {
  const isAllowed = (scope: NamedScope) => !refused.includes(scopeKey(scope));
  return planScopes({ wanted, open: new Map(Object.entries(open)), isAllowed });
}

function keys(scopes: readonly NamedScope[]): string[] {
  return scopes.map(scopeKey);
}

test("planScopes() watches few names one by one", () => {
  assert.deepEqual(keys(plan(names({ a: 2, b: 1 }))), ["a/n0", "a/n1", "b/n0"]);
  assert.equal(plan(names({ a: 20 })).length, 20);
  assert.deepEqual(plan(new Map()), []);
});

test("planScopes() watches a namespace with many names as a whole, unless that is forbidden", () => {
  assert.deepEqual(keys(plan(names({ a: 21, b: 1 }))), ["a/", "b/n0"]);
  assert.deepEqual(keys(plan(names({ a: 1000 }))), ["a/"]);
  assert.equal(plan(names({ a: 21 }), {}, ["a/"]).length, 21);
});

test("planScopes() watches the cluster when there would be too many watches, unless that is forbidden", () => {
  const many = names(Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`ns${index}`, 1])));
  assert.deepEqual(keys(plan(many)), ["/"]);
  assert.equal(plan(many, {}, ["/"]).length, 65);
});

test("planScopes() keeps a wide watch until half of the names are left", () => {
  const open = { "a/": names({ a: 21 }) };
  assert.deepEqual(keys(plan(names({ a: 11 }), open)), ["a/"]);
  assert.equal(plan(names({ a: 10 }), open).length, 10);
});

test("planScopes() watches what a wide watch did not list by name, until listing again is cheaper", () => {
  const open = { "a/": names({ a: 21 }) };
  assert.deepEqual(keys(plan(names({ a: 23 }), open)), ["a/", "a/n21", "a/n22"]);
  assert.deepEqual(keys(plan(names({ a: 42 }), open)), ["a/"]);
});
