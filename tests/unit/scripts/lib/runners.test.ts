// What the three test runners print at their end, and how it is counted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTotals, runnerCommand, skippedNames } from "../../../../scripts/lib/runners.mjs";

const node = [
  "✔ one (1.2ms)",
  "﹣ two (0.1ms) # SKIP",
  "﹣ three (0.1ms) # kubectl is missing",
  "ℹ tests 7",
  "ℹ suites 1",
  "ℹ pass 3",
  "ℹ fail 1",
  "ℹ cancelled 1",
  "ℹ skipped 2",
  "ℹ todo 0",
].join("\n");
const bun =
  "(pass) one [1.00ms]\n(skip) two\n\n 12 pass\n 1 skip\n 2 fail\n 1 error\n 30 expect() calls\nRan 15 tests across 3 files.";
const deno = "\x1b[0m\x1b[32mok\x1b[0m | 4 passed (3 steps) | 0 failed | 2 ignored \x1b[0m(7ms)\x1b[0m\n";

test("parseTotals() counts Node's cancelled tests as failed", () => {
  assert.deepEqual(parseTotals("node24", node), { passed: 3, failed: 2, skipped: 2 });
});

test("parseTotals() reads Node's plain reporter", () => {
  const plain = node.replaceAll("ℹ", "#");
  assert.deepEqual(parseTotals("node22", plain), { passed: 3, failed: 2, skipped: 2 });
});

test("parseTotals() counts Bun's errors outside tests as failed", () => {
  assert.deepEqual(parseTotals("bun", bun), { passed: 12, failed: 3, skipped: 1 });
});

test("parseTotals() counts Deno's steps, through its colours", () => {
  assert.deepEqual(parseTotals("deno", deno), { passed: 7, failed: 0, skipped: 2 });
});

test("parseTotals() reads Deno's failure line", () => {
  const text = "FAILED | 1 passed | 1 failed (2 steps) (3ms)";
  assert.deepEqual(parseTotals("deno", text), { passed: 1, failed: 3, skipped: 0 });
});

for (const runtime of ["node24", "bun", "deno"] as const) {
  test(`parseTotals() finds no summary in a crash of ${runtime}`, () => {
    assert.equal(parseTotals(runtime, "Segmentation fault\n 3 pass\n"), undefined);
  });
}

test("skippedNames() keeps names, and reasons where told", () => {
  assert.deepEqual(skippedNames(node), ["two: SKIP", "three: kubectl is missing"]);
  assert.deepEqual(skippedNames(bun), ["two"]);
  assert.deepEqual(skippedNames("three ... ignored (0ms)"), ["three"]);
});

test("runnerCommand() gives Bun paths, not filters", () => {
  assert.ok(runnerCommand("bun", ["tests/a.test.ts"]).args.includes("./tests/a.test.ts"));
});
