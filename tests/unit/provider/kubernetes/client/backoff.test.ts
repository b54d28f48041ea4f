// Waiting times of one kind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs } from "../../../../../src/provider/kubernetes/client/backoff.ts";

test("backoffMs() doubles, varies and never exceeds 3 s", () => {
  const table: readonly (readonly [failures: number, random: number, expected: number])[] = [
    [0, 0, 400],
    [0, 1, 800],
    [1, 1, 1600],
    [2, 1, 3000],
    [99, 1, 3000],
    [99, 0, 1500],
  ];
  for (const [failures, random, expected] of table) assert.equal(backoffMs(failures, () => random), expected);
});
