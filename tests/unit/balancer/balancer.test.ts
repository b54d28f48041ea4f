// Strategies, retries, and what a balancer keeps over reloads.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Balancer, type BalancerStrategy, createBalancer } from "../../../src/balancer/balancer.ts";
import type { BalancerEntry, Slot } from "../../../src/balancer/entry.ts";
import { BalancerState } from "../../../src/balancer/state.ts";

function entries(weights: Readonly<Record<string, number>>, fenced = ""): BalancerEntry<string>[] {
  return Object.entries(weights).map(([key, weight]) => ({ key, item: key, weight, fenced: fenced.includes(key) }));
}

function picks(balancer: Balancer<string>, count: number): string {
  return Array.from({ length: count }, () => balancer.pick()?.item ?? "-").join("");
}

/** 0 ≤ x < 1, the same for every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const strategies: readonly BalancerStrategy[] = ["wrr", "p2c", "hrw", "leasttime"];

for (const strategy of strategies) {
  test(`createBalancer() with ${strategy} picks only what can be picked`, () => {
    const up = new Set(["a", "b", "z", "f"]);
    const balancer = createBalancer({
      entries: entries({ a: 1, b: 2, z: 0, f: 1, n: -1 }, "f"),
      strategy,
      available: (item) => up.has(item),
      random: seeded(1),
    });
    for (let at = 0; at < 50; at++) assert.match(balancer.pick({ clientIp: `10.0.0.${at}` })?.item ?? "", /^[ab]$/);
    up.delete("b");
    for (let at = 0; at < 50; at++) assert.equal(balancer.pick({ clientIp: `10.0.0.${at}` })?.item, "a");
    assert.equal(balancer.hasAvailable(), true);
    up.delete("a");
    assert.equal(balancer.pick({ clientIp: "10.0.0.1" }), undefined);
    assert.equal(balancer.hasAvailable(), false);
    assert.equal(balancer.find("f")?.item, "f");
    assert.equal(balancer.find("z")?.weight, 0);
    assert.equal(balancer.find("x"), undefined);
  });

  test(`createBalancer() with ${strategy} tries each entry once`, () => {
    const balancer = createBalancer({ entries: entries({ a: 1, b: 5, c: 1, d: 2 }), strategy, random: seeded(2) });
    const tried: Slot<string>[] = [];
    for (let slot = balancer.pick({}, tried); slot !== undefined; slot = balancer.pick({}, tried)) tried.push(slot);
    assert.deepEqual(tried.map((slot) => slot.key).sort(), ["a", "b", "c", "d"]);
  });

  test(`createBalancer() with ${strategy} takes no entries at all`, () => {
    const balancer = createBalancer({ entries: [], strategy });
    assert.equal(balancer.pick(), undefined);
    assert.equal(balancer.hasAvailable(), false);
  });
}

test("createBalancer() goes on where its predecessor was", () => {
  const state = new BalancerState();
  const first = createBalancer({ entries: entries({ a: 1, b: 1, c: 1 }), state });
  assert.equal(picks(first, 2), "ab");
  const second = createBalancer({ entries: entries({ a: 1, b: 1, c: 1 }), state });
  assert.equal(picks(first, 1), "c", "the old one still serves while the new one is built");
  assert.equal(picks(second, 2), "ab");
  const third = createBalancer({ entries: entries({ a: 1, b: 1, c: 1, d: 1 }), state });
  assert.equal(picks(third, 4), "cdab");
  const fourth = createBalancer({ entries: entries({ c: 1, d: 1 }), state });
  assert.equal(picks(fourth, 3), "cdc");
});

test("createBalancer() that was never used leaves the position alone", () => {
  const state = new BalancerState();
  const first = createBalancer({ entries: entries({ a: 1, b: 1, c: 1 }), state });
  assert.equal(picks(first, 1), "a");
  createBalancer({ entries: entries({ x: 1, y: 1 }), state });
  assert.equal(picks(first, 1), "b");
  assert.equal(picks(createBalancer({ entries: entries({ a: 1, b: 1, c: 1 }), state }), 1), "c");
});

test("createBalancer() keeps loads of those that stay", () => {
  const state = new BalancerState();
  const first = createBalancer({ entries: entries({ a: 1, b: 1 }), state });
  const slot = first.find("a");
  slot?.start();
  slot?.firstByte(20);
  const second = createBalancer({ entries: entries({ a: 1, c: 1 }), state });
  second.pick();
  assert.equal(second.find("a")?.load.inFlight, 1);
  assert.equal(second.find("a")?.load.averageMs, 20);
  slot?.finish();
  assert.equal(second.find("a")?.load.inFlight, 0);
});

test("p2c takes the one with fewer requests in flight", () => {
  const balancer = createBalancer({ entries: entries({ a: 1, b: 1 }), strategy: "p2c", random: seeded(3) });
  balancer.find("a")?.start();
  assert.equal(picks(balancer, 20), "b".repeat(20));
});

test("p2c spreads evenly over those that are up", () => {
  const balancer = createBalancer({
    entries: entries({ a: 1, b: 1, c: 1, d: 1 }),
    strategy: "p2c",
    random: seeded(4),
    available: (item) => item !== "d",
  });
  const sequence = picks(balancer, 3000);
  for (const key of ["a", "b", "c"]) {
    const count = sequence.split(key).length - 1;
    assert.ok(Math.abs(count - 1000) < 120, `${key}: ${count}`);
  }
});

test("hrw keeps clients where they are when others go", () => {
  const all = createBalancer({ entries: entries({ a: 1, b: 1, c: 1 }), strategy: "hrw" });
  const without = createBalancer({ entries: entries({ a: 1, b: 1 }), strategy: "hrw" });
  for (let at = 0; at < 200; at++) {
    const context = { clientIp: `10.0.${at % 7}.${at}` };
    const before = all.pick(context)?.item;
    assert.equal(all.pick(context)?.item, before);
    if (before !== "c") assert.equal(without.pick(context)?.item, before);
  }
});

test("hrw follows the weights", () => {
  const [light, heavyKey] = ["http://10.42.0.5:80", "http://10.42.0.6:80"];
  const balancer = createBalancer({ entries: entries({ [light]: 1, [heavyKey]: 3 }), strategy: "hrw" });
  let heavy = 0;
  for (let at = 0; at < 4000; at++) {
    heavy += balancer.pick({ clientIp: `10.${at >> 8}.${at & 255}.7` })?.item === heavyKey ? 1 : 0;
  }
  assert.ok(Math.abs(heavy / 4000 - 0.75) < 0.05, String(heavy));
});

test("leasttime takes the fastest for its weight and load", () => {
  const balancer = createBalancer({ entries: entries({ a: 1, b: 1 }), strategy: "leasttime" });
  assert.equal(picks(balancer, 4), "abab", "nobody has answered: round robin");
  balancer.find("a")?.firstByte(10);
  balancer.find("b")?.firstByte(30);
  assert.equal(picks(balancer, 3), "aaa");
  for (let at = 0; at < 3; at++) balancer.find("a")?.start();
  assert.equal(picks(balancer, 3), "bbb");
});

test("leasttime does not flood a server that has not answered yet", () => {
  const balancer = createBalancer({ entries: entries({ a: 1, n: 1 }), strategy: "leasttime" });
  balancer.find("a")?.firstByte(10);
  const found: string[] = [];
  for (let at = 0; at < 6; at++) {
    const slot = balancer.pick();
    slot?.start();
    found.push(slot?.item ?? "-");
  }
  assert.deepEqual(found.sort(), ["a", "a", "a", "n", "n", "n"]);
});

test("Load averages the last hundred", () => {
  const { load } = createBalancer({ entries: entries({ a: 1 }) }).slots[0] ?? assert.fail();
  assert.equal(load.averageMs, undefined);
  for (let at = 0; at < 100; at++) load.record(1000);
  for (let at = 0; at < 100; at++) load.record(at % 2 === 0 ? 0.1 : 0.3);
  assert.ok(Math.abs((load.averageMs ?? 0) - 0.2) < 1e-9);
});
