// Weighted round robin: order, exact counts, and going on behind a predecessor.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSchedule } from "../../../src/balancer/round-robin.ts";
import type { Schedule } from "../../../src/balancer/schedule.ts";

const ALWAYS = 1 << 20; // a limit of written-out rounds that all of these stay below
const NEVER = 0;

function make(weights: Readonly<Record<string, number>>, maxCycle: number): Schedule {
  return createSchedule({ keys: Object.keys(weights), weights: Object.values(weights), maxCycle });
}

function picks(schedule: Schedule, count: number, isUp: (key: string) => boolean = () => true): string[] {
  const eligible = (index: number): boolean => isUp(schedule.keys[index] ?? "");
  return Array.from({ length: count }, () => schedule.keys[schedule.next(eligible)] ?? "-");
}

function counts(sequence: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const key of sequence) found[key] = (found[key] ?? 0) + 1;
  return found;
}

const orders: readonly (readonly [weights: Readonly<Record<string, number>>, order: string])[] = [
  [{ A: 1, B: 2 }, "BABBAB"],
  [{ A: 3, B: 1 }, "AABAAABA"],
  [{ A: 1, B: 1 }, "ABAB"],
  [{ A: 1, B: 1, C: 1 }, "ABCABC"],
  [{ A: 9, B: 1 }, "AAAAAAAABAAAAAAAAABA"],
  [{ A: 1, B: 2, C: 3 }, "CBCABC"],
  [{ A: 2, B: 3 }, "BABABBABAB"],
  [{ A: 200, B: 300 }, "BABABBABAB"],
  [{ A: 7 }, "AAA"],
];

for (const [weights, order] of orders) {
  for (const [how, maxCycle] of [["written out", ALWAYS], ["on the heap", NEVER]] as const) {
    test(`createSchedule() ${how} orders ${JSON.stringify(weights)} as ${order}`, () => {
      assert.equal(picks(make(weights, maxCycle), order.length).join(""), order);
    });
  }
}

const weightsOf = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }).map((weights) =>
  Object.fromEntries(weights.map((weight, index) => [`k${index}`, weight]))
);

test("createSchedule() gives exact counts in every window of a round", () => {
  fc.assert(fc.property(weightsOf, fc.nat(100), fc.constantFrom(ALWAYS, NEVER), (weights, start, maxCycle) => {
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    const schedule = make(weights, maxCycle);
    picks(schedule, start);
    assert.deepEqual(counts(picks(schedule, total).sort()), weights);
  }));
});

test("createSchedule() is the same written out and on the heap, whoever is up", () => {
  const masks = fc.array(fc.nat(63), { maxLength: 60 });
  fc.assert(fc.property(weightsOf, masks, (weights, ups) => {
    const [cycle, heap] = [make(weights, ALWAYS), make(weights, NEVER)];
    for (const up of ups) {
      const eligible = (index: number): boolean => ((up >> index) & 1) === 1;
      assert.equal(cycle.next(eligible), heap.next(eligible));
    }
  }));
});

test("createSchedule() does not drift over a million picks", () => {
  const schedule = make({ A: 3, B: 7, C: 11 }, NEVER);
  for (let round = 0; round < 1000; round++) {
    assert.deepEqual(counts(picks(schedule, 21).sort()), { A: 3, B: 7, C: 11 });
  }
});

test("createSchedule() keeps the proportions of those that are up", () => {
  for (const maxCycle of [ALWAYS, NEVER]) {
    const schedule = make({ A: 1, B: 2, C: 5 }, maxCycle);
    assert.deepEqual(counts(picks(schedule, 30, (key) => key !== "C").sort()), { A: 10, B: 20 });
    assert.equal(picks(schedule, 3, () => false).join(""), "---");
    assert.deepEqual(counts(picks(schedule, 8).sort()), { A: 1, B: 2, C: 5 });
  }
});

test("createSchedule() is exact for weights beyond double precision", () => {
  const schedule = make({ A: 2 ** 52 + 1, B: 2 ** 53 - 1 }, NEVER);
  const sequence = picks(schedule, 3000);
  const found = counts(sequence);
  assert.ok(Math.abs((found["A"] ?? 0) - 1000) <= 1, JSON.stringify(found));
});

test("createSchedule() passes over a heavy entry that is down at once", () => {
  const schedule = make({ A: 1_000_000_007, B: 1 }, ALWAYS);
  assert.deepEqual(picks(schedule, 100, (key) => key === "B"), new Array(100).fill("B"));
});

test("createSchedule() handles a thousand entries of odd weights", () => {
  const weights = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1001 + 2 * index]));
  const schedule = make(weights, ALWAYS);
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const found = new Float64Array(1000);
  for (let pick = 0; pick < total / 10; pick++) found[schedule.next(() => true)]! += 1;
  for (const [index, count] of found.entries()) {
    assert.ok(Math.abs(count - (1001 + 2 * index) / 10) <= 1.5, `${index}: ${count}`);
  }
});

test("createSchedule() goes on behind its predecessor's last pick", () => {
  fc.assert(
    fc.property(weightsOf, fc.nat(40), fc.constantFrom(ALWAYS, NEVER), fc.constantFrom(ALWAYS, NEVER), (w, n, a, b) => {
      const first = make(w, a);
      picks(first, n);
      const second = createSchedule({
        keys: first.keys,
        weights: Object.values(w),
        after: first.position(),
        maxCycle: b,
      });
      assert.deepEqual(second.position(), first.position());
      assert.deepEqual(picks(second, 20), picks(first, 20));
    }),
  );
});

test("createSchedule() keeps the turn when others come and go", () => {
  const first = make({ a: 1, b: 1, c: 1 }, ALWAYS);
  assert.deepEqual(picks(first, 2), ["a", "b"]);
  const after = first.position();
  const more = createSchedule({ keys: ["d", "c", "b", "a"], weights: [1, 1, 1, 1], after });
  assert.deepEqual(picks(more, 4), ["c", "d", "a", "b"]);
  const fewer = createSchedule({ keys: ["a", "c"], weights: [1, 1], after });
  assert.deepEqual(picks(fewer, 3), ["c", "a", "c"]);
});
