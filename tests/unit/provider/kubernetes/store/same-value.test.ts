// Equality of JSON values.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sameValue } from "../../../../../src/provider/kubernetes/store/same-value.ts";

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

test("sameValue() compares by content", () => {
  const cases: readonly (readonly [unknown, unknown, boolean])[] = [
    [1, 1, true],
    [1, "1", false],
    [null, undefined, false],
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{}, { toString: 1 }, false],
    [JSON.parse('{"__proto__":{"a":1}}'), {}, false],
    [deep(50), deep(50), true],
  ];
  for (const [a, b, expected] of cases) {
    assert.equal(sameValue(a, b), expected, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
    assert.equal(sameValue(b, a), expected, `${JSON.stringify(b)} and ${JSON.stringify(a)}`);
  }
});

test("sameValue() takes trees of any depth: what is deeper than all that is read counts as different", () => {
  assert.equal(sameValue(deep(100_000), deep(100_000)), false);
  const tree = deep(100_000);
  assert.equal(sameValue(tree, tree), true);
});
