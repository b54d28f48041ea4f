// Records that differ from the one before in few values.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keysOf, patchedKeys, patchRecord } from "../../../src/config/patched-record.ts";

const before: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3 };

test("patchRecord() changes values where they stand, and leaves the record it began with", () => {
  const after = patchRecord(before, new Map([["b", 20]]));
  assert.deepEqual(Object.entries(after), [["a", 1], ["b", 20], ["c", 3]]);
  assert.deepEqual(before, { a: 1, b: 2, c: 3 });
});

test("keysOf() gives a patched record the list of the record it began with", () => {
  assert.equal(keysOf(patchRecord(before, new Map([["c", 30]]))), keysOf(before));
});

test("patchedKeys() knows the step from one record to the next, and no other", () => {
  const second = patchRecord(before, new Map([["a", 10]]));
  const third = patchRecord(second, new Map([["b", 20], ["c", 30]]));
  assert.deepEqual(patchedKeys(second, before), ["a"]);
  assert.deepEqual(patchedKeys(third, second), ["b", "c"]);
  assert.equal(patchedKeys(third, before), undefined);
  assert.equal(patchedKeys(before, second), undefined);
});
