// The throttle: the first change at once, the following ones together, none lost; long runs are followed by long rests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttle } from "../../../src/net/throttle.ts";

/** Resolves at each run. @param workMs how long each one takes */
function runs(workMs = 0) {
  const times: { readonly begin: number; readonly end: number }[] = [];
  let wake = () => {};
  return {
    times,
    run: () => {
      const begin = performance.now();
      let end = begin;
      while (end - begin < workMs) end = performance.now();
      times.push({ begin, end });
      wake();
    },
    next: () => new Promise<void>((resolve) => (wake = resolve)),
    /** From the end of a run to the beginning of the next one. */
    gap: (index: number) => (times[index]?.begin ?? 0) - (times[index - 1]?.end ?? 0),
  };
}

test("Throttle runs at once when idle, and once more for all that came meanwhile", async () => {
  const { times, run, next, gap } = runs();
  const throttle = new Throttle(run, 100);
  const startedAt = performance.now();
  throttle.trigger();
  throttle.trigger();
  assert.equal(throttle.isPending, true);
  await next();
  const firstMs = (times[0]?.begin ?? 0) - startedAt;
  assert.ok(firstMs < 80, `first after ${firstMs} ms`);
  assert.equal(throttle.isPending, false);
  for (let index = 0; index < 10; index++) throttle.trigger();
  await next();
  assert.ok(gap(1) > 90, `second after ${gap(1)} ms`);
  assert.equal(times.length, 2);
  throttle.stop();
});

test("Throttle rests as long as a run took, and longer while one follows the other", async () => {
  const { run, next, gap } = runs(20);
  const throttle = new Throttle(run, 1);
  for (let index = 0; index < 4; index++) {
    throttle.trigger();
    const ran = next();
    await ran;
  }
  assert.ok(gap(1) < 18, `${gap(1)} ms after the first: it takes longer than others`);
  assert.ok(gap(2) >= 36, `${gap(2)} ms after the second`);
  assert.ok(gap(3) >= 54, `${gap(3)} ms after the third`);
  throttle.stop();
});

test("Throttle flush() runs now, also while it rests, and takes along what is pending", async () => {
  const { times, run } = runs();
  const throttle = new Throttle(run, 20);
  throttle.flush();
  throttle.trigger();
  throttle.flush();
  assert.equal(times.length, 2);
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.equal(times.length, 2);
  throttle.stop();
});

test("Throttle rests before a run that a run itself asked for", async () => {
  const { times, run, next, gap } = runs();
  const throttle = new Throttle(() => {
    if (times.length === 0) throttle.trigger();
    run();
  }, 60);
  throttle.trigger();
  await next();
  await next();
  assert.ok(gap(1) > 50, `second after ${gap(1)} ms`);
  throttle.stop();
});

test("Throttle goes on after a run that throws", async () => {
  let count = 0;
  const throttle = new Throttle(() => {
    count++;
    if (count === 1) throw new TypeError("a mistake");
  }, 1);
  assert.throws(() => throttle.flush(), TypeError);
  throttle.trigger();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(count, 2);
  throttle.stop();
});

test("Throttle stop() drops what is pending", async () => {
  const { times, run } = runs();
  const throttle = new Throttle(run, 1);
  throttle.trigger();
  throttle.stop();
  throttle.trigger();
  throttle.flush();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(times.length, 0);
});
