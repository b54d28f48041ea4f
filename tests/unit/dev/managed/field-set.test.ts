// Unit tests of sets of fields.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  difference,
  type FieldSet,
  insertPath,
  intersection,
  isEmptySet,
  pathsOf,
  sortedSet,
  union,
  withoutBranches,
} from "../../../../src/dev/managed/field-set.ts";
import { keyElement, pathText } from "../../../../src/dev/managed/path-element.ts";

/** Names of fields by dots. */
function setOf(...paths: readonly string[]): FieldSet {
  const set: FieldSet = {};
  for (const path of paths) insertPath(set, path.split(".").map((name) => `f:${name}`));
  return set;
}

test("insertPath() marks a member that has members below itself, whatever comes first", () => {
  const wanted = { "f:a": { ".": {}, "f:b": {} } };
  assert.deepEqual(setOf("a", "a.b"), wanted);
  assert.deepEqual(setOf("a.b", "a"), wanted);
  assert.deepEqual(setOf("a.b"), { "f:a": { "f:b": {} } });
  assert.deepEqual(setOf("a.b", "a.b", "a.c"), { "f:a": { "f:b": {}, "f:c": {} } });
});

test("the algebra of sets keeps members and what is below them apart", () => {
  const rows: [FieldSet, FieldSet][] = [
    [union(setOf("a", "b.c"), setOf("a.x", "b.d")), setOf("a", "a.x", "b.c", "b.d")],
    [difference(setOf("a", "a.b", "c"), setOf("a", "c")), setOf("a.b")],
    [difference(setOf("a.b"), setOf("a")), setOf("a.b")],
    [difference(setOf("a"), setOf("a.b")), setOf("a")],
    [withoutBranches(setOf("a", "a.b", "c.d"), setOf("a")), setOf("c.d")],
    [withoutBranches(setOf("a", "a.b", "a.c"), setOf("a.b")), setOf("a", "a.c")],
    [intersection(setOf("a", "a.b", "c"), setOf("a.b", "c", "d")), setOf("a.b", "c")],
    [intersection(setOf("a"), setOf("a.b")), {}],
  ];
  for (const [found, wanted] of rows) assert.deepEqual(found, wanted);
  assert.equal(isEmptySet(difference(setOf("a"), setOf("a"))), true);
});

test("pathsOf() lists what ends at a level before what is below", () => {
  const set = setOf("metadata.labels.m", "subsets");
  assert.deepEqual(pathsOf(set).map(pathText), [".subsets", ".metadata.labels.m"]);
});

test("sortedSet() orders items by the values of their keys", () => {
  const ports = Object.fromEntries([443, 80, 53].map((port) => [keyElement({ protocol: "TCP", port }), {}]));
  const [sorted] = Object.values(sortedSet({ "f:ports": { "k:{}": {}, ...ports, ".": {} } }));
  assert.deepEqual(Object.keys(sorted ?? {}).slice(0, 1), ["."]);
  assert.deepEqual(Object.keys(sorted ?? {}).filter((key) => key.includes("port")), [
    'k:{"port":53,"protocol":"TCP"}',
    'k:{"port":80,"protocol":"TCP"}',
    'k:{"port":443,"protocol":"TCP"}',
  ]);
});

test("pathText() writes items as messages do", () => {
  const path = ["f:spec", "f:ports", keyElement({ protocol: "TCP", port: 80 }), "f:name"];
  assert.equal(pathText(path), '.spec.ports[port=80,protocol="TCP"].name');
  assert.equal(pathText(["f:set", 'v:"s1"']), '.set[="s1"]');
});
