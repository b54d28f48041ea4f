// Timeouts: expired once, and never by a clock that stood still.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Waiting } from "../../../src/net/deadlines.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";

function item(deadline: number, log: string[], name: string): Waiting {
  return { deadline, expire: () => void log.push(name) };
}

test("Deadlines expires what is due, once, and leaves the rest", () => {
  let time = 1_000;
  const deadlines = new Deadlines(() => time);
  const log: string[] = [];
  const items = [item(1_100, log, "soon"), item(0, log, "never"), item(1_200, log, "later")];
  for (const each of items) deadlines.add(each);
  time = 1_100;
  deadlines.sweep();
  assert.deepEqual(log, [], "it was set by a clock that may have been a tick behind");
  time = 1_200;
  deadlines.sweep();
  deadlines.sweep();
  assert.deepEqual(log, ["soon"]);
  assert.deepEqual(items.map(({ deadline }) => deadline), [0, 0, 1_200]);
  for (const each of items) deadlines.remove(each);
  assert.equal(deadlines.size, 0);
  time = 9_000;
  deadlines.sweep();
  assert.deepEqual(log, ["soon"]);
});

test("Deadlines knows the time again when something is added after a silence", () => {
  let time = 1_000;
  const deadlines = new Deadlines(() => time);
  time = 50_000;
  const waiting = item(0, [], "x");
  deadlines.add(waiting);
  assert.equal(deadlines.now, 50_000);
  deadlines.remove(waiting);
});

test("Deadlines lets what expires add and remove others", () => {
  const deadlines = new Deadlines(() => 1_000);
  const log: string[] = [];
  const second = item(5, log, "second");
  const third = item(5, log, "third");
  const first: Waiting = {
    deadline: 5,
    expire: () => {
      log.push("first");
      deadlines.remove(second);
      deadlines.add(third);
    },
  };
  for (const each of [first, second]) deadlines.add(each);
  deadlines.sweep();
  assert.deepEqual(log, ["first", "third"]);
  for (const each of [first, third]) deadlines.remove(each);
});

test("Deadlines sweeps by itself while something waits", async () => {
  const deadlines = new Deadlines();
  await new Promise<void>((resolve) => {
    const waiting: Waiting = {
      deadline: 0,
      expire: () => {
        deadlines.remove(waiting);
        resolve();
      },
    };
    deadlines.add(waiting);
    waiting.deadline = deadlines.now + 1;
  });
  assert.equal(deadlines.size, 0);
});

test("Deadlines.isOver() is never early, although `now` is as old as the last sweep", () => {
  let time = 1_000;
  const deadlines = new Deadlines(() => time);
  const log: string[] = [];
  const waiting = item(0, log, "x");
  deadlines.add(waiting);
  time = 1_099; // nobody has looked at the clock since
  waiting.deadline = deadlines.now + 50;
  for (time of [1_100, 1_148]) {
    deadlines.sweep();
    assert.deepEqual([log, deadlines.isOver(waiting.deadline)], [[], false], `${time - 1_099} ms of 50`);
  }
  time = 1_150;
  deadlines.sweep();
  assert.deepEqual(log, ["x"]);
  deadlines.remove(waiting);
});

test("Deadlines calls nobody silent before what arrived during a stall of this process was read", async () => {
  const deadlines = new Deadlines();
  const log: string[] = [];
  const waiting = item(0, log, "silent");
  deadlines.add(waiting);
  waiting.deadline = deadlines.now + 1;
  const stallEndsAt = performance.now() + 300;
  while (performance.now() < stallEndsAt); // nothing of this process runs meanwhile
  await new Promise<void>((read) => setImmediate(read));
  assert.deepEqual(log, []);
  await new Promise<void>((expired) => {
    waiting.expire = expired;
  });
  assert.equal(waiting.deadline, 0);
  deadlines.remove(waiting);
});
