// The throttle: the first change at once, the following ones together, none lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttle } from "../../../../../src/provider/kubernetes/store/throttle.ts";

/** Resolves at each run. */
function runs() {
  const times: number[] = [];
  let wake = () => {};
  return {
    times,
    run: () => {
      times.push(performance.now());
      wake();
    },
    next: () => new Promise<void>((resolve) => (wake = resolve)),
  };
}

test("Throttle runs at once when idle, and once more for all that came meanwhile", async () => {
  const { times, run, next } = runs();
  const throttle = new Throttle(run, 100);
  const startedAt = performance.now();
  throttle.trigger();
  throttle.trigger();
  await next();
  const firstMs = (times[0] ?? 0) - startedAt;
  assert.ok(firstMs < 80, `first after ${firstMs} ms`);
  for (let index = 0; index < 10; index++) throttle.trigger();
  await next();
  const gapMs = (times[1] ?? 0) - (times[0] ?? 0);
  assert.ok(gapMs > 90, `second after ${gapMs} ms`);
  assert.equal(times.length, 2);
  throttle.stop();
});

test("Throttle stop() drops what is pending", async () => {
  const { times, run } = runs();
  const throttle = new Throttle(run, 1);
  throttle.trigger();
  throttle.stop();
  throttle.trigger();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(times.length, 0);
});
