// Health records and those who listen to them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthSet, isHealthSet } from "../../../src/balancer/health.ts";

test("HealthSet takes a server for up until told otherwise", () => {
  const set = new HealthSet();
  const health = set.of("a");
  assert.equal(health.usable, true);
  assert.equal(set.setUp("a", false), true);
  assert.equal(set.setUp("a", false), false);
  assert.equal(health.up, false);
  assert.equal(health.usable, false);
  assert.equal(set.anyUsable(), false);
  assert.equal(set.of("a"), health);
});

test("HealthSet keeps fenced servers up but not usable", () => {
  const set = new HealthSet();
  set.setFenced("a", true);
  assert.deepEqual({ ...set.of("a") }, { key: "a", up: true, fenced: true, usable: false });
  set.setUp("a", false);
  set.setFenced("a", false);
  assert.equal(set.of("a").usable, false);
  set.setUp("a", true);
  assert.equal(set.of("a").usable, true);
});

test("HealthSet tells listeners of changes until they stop", () => {
  const set = new HealthSet();
  const heard: string[] = [];
  const stop = set.onChange(({ key, usable }) => heard.push(`${key} ${usable}`));
  set.setUp("a", true);
  set.setUp("a", false);
  stop();
  set.setUp("a", true);
  assert.deepEqual(heard, ["a false"]);
});

test("HealthSet forgets what is not retained", () => {
  const set = new HealthSet();
  set.setUp("a", false);
  set.setUp("b", false);
  set.retain(["b"]);
  assert.deepEqual(set.all().map(({ key, up }) => [key, up]), [["b", false]]);
  assert.equal(set.of("a").up, true);
  assert.equal(isHealthSet(set), true);
  assert.equal(isHealthSet({}), false);
});
