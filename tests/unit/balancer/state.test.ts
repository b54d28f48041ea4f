// What balancers hand on to their successors, and what they forget.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createBalancer } from "../../../src/balancer/balancer.ts";
import { BalancerState } from "../../../src/balancer/state.ts";

test("BalancerState keeps the loads of two balancers, whatever the strategy, and of one that is given up", () => {
  for (const strategy of ["wrr", "p2c", "hrw", "leasttime"] as const) {
    const state = new BalancerState();
    const create = (...keys: readonly string[]) =>
      createBalancer({ entries: keys.map((key) => ({ key, item: key, weight: 1 })), strategy, state });
    const first = create("kept", "gone");
    first.slots[0]?.start();
    for (let at = 0; at < 100; at++) {
      const next = create("kept", `new${at}`);
      assert.equal(next.slots[0]?.load, first.slots[0]?.load);
      next.pick();
      assert.ok(state.size <= 3);
    }
    create("given", "up");
    assert.equal(create("kept").slots[0]?.load.inFlight, 1);
  }
});
