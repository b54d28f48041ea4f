// The queue of chunks: order and count kept, whatever the chunks' size, and small ones share their memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat, fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";
import { ChunkQueue } from "../../../src/net/chunk-queue.ts";

function drain(queue: ChunkQueue): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) chunks.push(chunk);
  return chunks;
}

test("ChunkQueue gives back what it got, in order, however takes and puts are mixed", () => {
  const step = fc.oneof(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 0, max: 9 }), fc.constant("shift"));
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const queue = new ChunkQueue();
    const [put, got]: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const [index, length] of steps.entries()) {
      if (typeof length === "string") got.push(queue.shift() ?? new Uint8Array(0));
      else {
        const chunk = new Uint8Array(length).fill(index);
        put.push(chunk.slice());
        queue.push(chunk);
      }
      assert.equal(queue.bytes, concat(put).length - concat(got).length);
    }
    got.push(...drain(queue));
    assert.deepEqual(concat(got), concat(put));
    assert.deepEqual([queue.isEmpty, queue.bytes], [true, 0]);
  }));
});

test("ChunkQueue keeps a few chunks as they came", () => {
  const queue = new ChunkQueue();
  const chunks = Array.from("abcdefgh", fromLatin1);
  for (const chunk of chunks) queue.push(chunk);
  assert.ok(drain(queue).every((chunk, index) => chunk === chunks[index]));
  const [only = new Uint8Array(0)] = chunks;
  queue.push(only);
  assert.equal(queue.takeAll(), only);
});

test("ChunkQueue copies many small chunks together, and lets go of what was read with them", () => {
  const queue = new ChunkQueue();
  const read = new Uint8Array(65_536);
  for (let at = 0; at < 40_000; at++) queue.push(read.subarray(at, at + 1));
  const large = new Uint8Array(5000);
  queue.push(large);
  queue.push(fromLatin1("x"));
  assert.equal(queue.bytes, 45_001);
  const chunks = drain(queue);
  assert.ok(chunks.length < 20, `${chunks.length} chunks`);
  assert.equal(chunks.filter((chunk) => chunk.buffer === read.buffer).length, 8);
  assert.equal(chunks.at(-2), large);
  assert.equal(toLatin1(chunks.at(-1) ?? large), "x");
});

test("ChunkQueue hands out chunks that later ones do not change", () => {
  const queue = new ChunkQueue();
  for (const text of "abcdefghijkl") queue.push(fromLatin1(text));
  const taken = drain(queue);
  for (const text of "ABCDEFGHIJKL") queue.push(fromLatin1(text));
  assert.equal(toLatin1(concat(taken)), "abcdefghijkl");
  assert.equal(toLatin1(queue.takeAll()), "ABCDEFGHIJKL");
});

test("ChunkQueue forgets everything when it is cleared", () => {
  const queue = new ChunkQueue();
  for (const text of "abcdefghijkl") queue.push(fromLatin1(text));
  queue.clear();
  assert.deepEqual([queue.isEmpty, queue.bytes, queue.shift()], [true, 0, undefined]);
});
