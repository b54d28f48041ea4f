// Unit tests of the four kinds of patches.

import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPatch } from "../../../../src/dev/patch/apply-patch.ts";
import { jsonPatch } from "../../../../src/dev/patch/json-patch.ts";
import { mergePatch } from "../../../../src/dev/patch/merge-patch.ts";
import { strategicPatch } from "../../../../src/dev/patch/strategic-patch.ts";

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
    ]
  ) {
    assert.equal(jsonPatch(target, [{ op: "replace", path: "/a", value: 9 }, operation]).ok, false, operation.path);
  }
  assert.deepEqual(target, { a: 1, list: ["x"] });
});

const service = { spec: { ports: [{ name: "a", port: 80 }, { name: "b", port: 81 }], selector: { app: "x" } } };

test("strategicPatch() merges lists by their keys and follows directives", () => {
  const rows: [object, object][] = [
    [{ spec: { ports: [{ port: 80, name: "z" }] } }, { ports: [{ name: "z", port: 80 }, { name: "b", port: 81 }] }],
    [{ spec: { ports: [{ port: 82 }] } }, { ports: [...service.spec.ports, { port: 82 }] }],
    [{ spec: { ports: [{ port: 80, $patch: "delete" }] } }, { ports: [{ name: "b", port: 81 }] }],
    [{ spec: { ports: [{ port: 9 }, { $patch: "replace" }] } }, { ports: [{ port: 9 }] }],
    [
      { spec: { "$setElementOrder/ports": [{ port: 81 }, { port: 80 }], ports: [{ port: 80, name: "z" }] } },
      { ports: [{ name: "b", port: 81 }, { name: "z", port: 80 }] },
    ],
    [{ spec: { ports: null } }, {}],
  ];
  for (const [patch, spec] of rows) {
    const wanted = { ok: true, value: { spec: { ...spec, selector: { app: "x" } } } };
    assert.deepEqual(strategicPatch(service, { ...patch }), wanted, JSON.stringify(patch));
  }
  const replaced = strategicPatch(service, { spec: { selector: { $patch: "replace", b: "c" } } });
  assert.deepEqual(replaced.ok && replaced.value["spec"], { ...service.spec, selector: { b: "c" } });
  const retained = strategicPatch(service, { spec: { $retainKeys: ["selector"] } });
  assert.deepEqual(retained.ok && retained.value, { spec: { selector: { app: "x" } } });
});

test("strategicPatch() merges containers, their ports and environment, and finalizers as a set", () => {
  const pod = {
    metadata: { finalizers: ["a/b"] },
    spec: {
      containers: [{ name: "c", image: "x:1", ports: [{ containerPort: 80 }], env: [{ name: "A", value: "1" }] }],
    },
  };
  const patch = {
    metadata: { finalizers: ["c/d"], "$deleteFromPrimitiveList/finalizers": ["a/b"] },
    spec: {
      containers: [{ name: "c", image: "x:2", ports: [{ containerPort: 81 }], env: [{ name: "A", value: "2" }] }],
    },
  };
  const result = strategicPatch(pod, patch);
  assert.deepEqual(result.ok && result.value, {
    metadata: { finalizers: ["c/d"] },
    spec: {
      containers: [{
        name: "c",
        image: "x:2",
        ports: [{ containerPort: 80 }, { containerPort: 81 }],
        env: [{ name: "A", value: "2" }],
      }],
    },
  });
});

test("strategicPatch() tells a missing merge key and an unknown directive", () => {
  assert.equal(strategicPatch(service, { spec: { ports: [{ name: "a" }] } }).ok, false);
  assert.equal(strategicPatch(service, { spec: { $patch: "nope" } }).ok, false);
});

test("applyPatch() removes what the manager declared before and dropped", () => {
  const live = {
    metadata: { labels: { a: "1", other: "2" } },
    spec: { ports: [{ port: 80 }, { port: 81 }, { port: 82 }] },
  };
  const previous = { metadata: { labels: { a: "1" } }, spec: { ports: [{ port: 80 }, { port: 81 }] } };
  const applied = { metadata: { labels: {} }, spec: { ports: [{ port: 80, name: "web" }] } };
  assert.deepEqual(applyPatch({ live, applied, previous, custom: false }), {
    ok: true,
    value: { metadata: { labels: { other: "2" } }, spec: { ports: [{ port: 80, name: "web" }, { port: 82 }] } },
  });
  const custom = applyPatch({ live, applied, previous, custom: true });
  assert.deepEqual(custom.ok && custom.value["spec"], { ports: [{ port: 80, name: "web" }] });
});
