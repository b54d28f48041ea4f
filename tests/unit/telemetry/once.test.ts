// Duplicate suppression.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createOnce } from "../../../src/telemetry/once.ts";

test("createOnce() reports a key again only when its state changes or the time is over", () => {
  let now = 0;
  const once = createOnce({ repeatMs: 1000, now: () => now });
  const verdicts = [once.check("a", "up"), once.check("a", "up"), once.check("b", "up"), once.check("a", "down")];
  assert.deepEqual(verdicts.map((verdict) => verdict.report), [true, false, true, true]);
  assert.equal(verdicts[3]?.suppressed, 1);
  once.check("a", "down");
  now = 1000;
  assert.deepEqual(once.check("a", "down"), { report: true, suppressed: 1 });
  once.forget("a");
  assert.deepEqual(once.check("a", "down"), { report: true, suppressed: 0 });
});

test("createOnce() never repeats an unchanged state when the repeat time is 0", () => {
  let now = 0;
  const once = createOnce({ repeatMs: 0, now: () => now });
  once.check("a");
  now = 1e9;
  assert.equal(once.check("a").report, false);
});

test("createOnce() forgets the oldest of too many keys", () => {
  const once = createOnce({ now: () => 0 });
  for (let key = 0; key < 1025; key++) once.check(String(key));
  assert.equal(once.check("1024").report, false);
  assert.equal(once.check("0").report, true);
});
