// The queue: each key once, few at a time, later when asked, and nothing while it is closed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenBucket } from "../../../../../src/provider/kubernetes/write-back/token-bucket.ts";
import { WorkQueue } from "../../../../../src/provider/kubernetes/write-back/work-queue.ts";

function fixture(concurrency = 2) {
  const begun: string[] = [];
  const open = new Map<string, (againMs?: number) => void>();
  const waiting = new Set<() => void>();
  const queue = new WorkQueue({
    clock: { now: () => performance.now() },
    concurrency,
    work: (key) =>
      new Promise((resolve) => {
        begun.push(key);
        open.set(key, (againMs) => resolve(againMs));
        for (const each of [...waiting]) each();
      }),
  });
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (begun.length < count) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { queue, begun, finish: (key: string, againMs?: number) => open.get(key)?.(againMs), until };
}

test("WorkQueue works on few keys at once, on each once, and in order", async () => {
  const { queue, begun, finish, until } = fixture();
  for (const key of ["a", "b", "c", "a", "d"]) queue.add(key);
  assert.deepEqual(begun, [], "closed at first");
  queue.open();
  await until(2);
  queue.add("a"); // is being worked on: once more after that
  assert.deepEqual(begun, ["a", "b"]);
  finish("b");
  await until(3);
  finish("c");
  await until(4);
  finish("a");
  await until(5);
  assert.deepEqual(begun, ["a", "b", "c", "d", "a"]);
  finish("d");
  finish("a");
  await queue.stop();
});

test("WorkQueue comes back to a key when its work says so, and the earlier of two times counts", async () => {
  const { queue, begun, finish, until } = fixture();
  queue.open();
  queue.add("later", 60_000);
  queue.add("a");
  await until(1);
  finish("a", 5);
  await until(2);
  queue.add("later", 10);
  await until(3);
  assert.deepEqual(begun, ["a", "a", "later"]);
  finish("a");
  finish("later");
  await queue.stop();
});

test("WorkQueue begins nothing while it is closed, and keeps what waits", async () => {
  const { queue, begun, finish, until } = fixture(1);
  queue.open();
  queue.add("a");
  queue.add("b");
  await until(1);
  queue.close();
  finish("a");
  await Promise.resolve();
  assert.deepEqual([begun, queue.size], [["a"], 1]);
  queue.open();
  await until(2);
  finish("b");
  await queue.stop();
});

test("TokenBucket gives a burst, then promises tokens at a steady rate", () => {
  const bucket = new TokenBucket({ burst: 2, refillMs: 100 }, 0);
  assert.deepEqual([bucket.reserve(0), bucket.reserve(0), bucket.reserve(0), bucket.reserve(0)], [0, 0, 100, 200]);
  assert.equal(bucket.reserve(250), 50);
  assert.equal(bucket.reserve(10_000), 0);
});
