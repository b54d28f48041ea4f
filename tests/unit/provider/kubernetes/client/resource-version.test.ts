// Comparing resourceVersions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isOlder } from "../../../../../src/provider/kubernetes/client/resource-version.ts";

test("isOlder() compares numbers of any length and leaves other texts alone", () => {
  for (
    const [a, b, expected] of [
      ["9", "10", true],
      ["10", "9", false],
      ["7", "7", false],
      ["99999999999999999998", "99999999999999999999", true],
      ["a", "b", false],
      ["5", "", false],
    ] as const
  ) {
    assert.equal(isOlder(a, b), expected);
  }
});
