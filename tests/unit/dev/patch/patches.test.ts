// Unit tests of JSON patch and merge patch.

import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonPatch } from "../../../../src/dev/patch/json-patch.ts";
import { mergePatch } from "../../../../src/dev/patch/merge-patch.ts";

test("mergePatch() sets, replaces, removes, and replaces lists as a whole", () => {
  const target = { a: "b", c: { d: "e", f: "g" }, list: [1, 2] };
  assert.deepEqual(mergePatch(target, { a: "z", c: { f: null }, list: [3] }), { a: "z", c: { d: "e" }, list: [3] });
  assert.deepEqual(target, { a: "b", c: { d: "e", f: "g" }, list: [1, 2] });
  assert.deepEqual(mergePatch({ a: [1] }, { a: { b: null, c: 1 } }), { a: { c: 1 } });
  assert.equal(mergePatch({ a: 1 }, "text"), "text");
});

test("jsonPatch() applies each operation", () => {
  const target = { a: { "b/c": 1 }, list: ["x", "y"] };
  const rows: [unknown[], unknown][] = [
    [[{ op: "add", path: "/a/d", value: 2 }], { a: { "b/c": 1, d: 2 }, list: ["x", "y"] }],
    [[{ op: "add", path: "/list/-", value: "z" }], { a: { "b/c": 1 }, list: ["x", "y", "z"] }],
    [[{ op: "add", path: "/list/1", value: "z" }], { a: { "b/c": 1 }, list: ["x", "z", "y"] }],
    [[{ op: "remove", path: "/a/b~1c" }], { a: {}, list: ["x", "y"] }],
    [[{ op: "replace", path: "/list/0", value: 0 }], { a: { "b/c": 1 }, list: [0, "y"] }],
    [[{ op: "move", from: "/list/0", path: "/a/m" }], { a: { "b/c": 1, m: "x" }, list: ["y"] }],
    [[{ op: "copy", from: "/list/0", path: "/list/2" }], { a: { "b/c": 1 }, list: ["x", "y", "x"] }],
    [[{ op: "test", path: "/list", value: ["x", "y"] }], target],
  ];
  for (const [operations, value] of rows) assert.deepEqual(jsonPatch(target, operations), { ok: true, value });
});

test("jsonPatch() refuses what does not fit and leaves the target alone", () => {
  const target = { a: 1, list: ["x"] };
  for (
    const operation of [
      { op: "test", path: "/a", value: 2 },
      { op: "remove", path: "/none" },
      { op: "replace", path: "/none", value: 1 },
      { op: "add", path: "/none/deep", value: 1 },
      { op: "add", path: "/list/5", value: 1 },
      { op: "add", path: "/list/01", value: 1 },
      { op: "add", path: "a", value: 1 },
      { op: "add", path: "/b" },
      { op: "move", from: "/none", path: "/b" },
      { op: "nope", path: "/a", value: 1 },
      { op: "copy", path: "/b" },
    ]
  ) {
    assert.equal(jsonPatch(target, [{ op: "replace", path: "/a", value: 9 }, operation]).ok, false, operation.path);
  }
  assert.deepEqual(target, { a: 1, list: ["x"] });
});

test("jsonPatch() refuses copies of copies that would grow without end", () => {
  const operations = Array.from({ length: 40 }, (_, at) => ({ op: "copy", from: "", path: `/k${at}` }));
  assert.equal(jsonPatch({ a: "x" }, operations).ok, false);
  assert.equal(jsonPatch({ a: "x" }, operations.slice(0, 3)).ok, true);
});
