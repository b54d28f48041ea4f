// Text and bytes: latin1 both ways, joining, and copies that stand alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, detach, freeChunk, fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";

const every = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));

test("toLatin1() gives back what fromLatin1() took, byte for byte", () => {
  assert.equal(toLatin1(fromLatin1(every)), every);
  assert.equal(toLatin1(fromLatin1(every.repeat(64)), 256, 512), every);
});

test("concat() joins chunks, and returns a single one as it is", () => {
  const chunk = fromLatin1("ab");
  assert.equal(concat([chunk]), chunk);
  assert.equal(toLatin1(concat([chunk, fromLatin1("c")])), "abc");
});

test("detach() keeps the text", () => {
  assert.equal(detach(`x${every}`.slice(1)), every);
  assert.equal(detach(""), "");
});

for (
  const [title, chunk, left] of [
    ["a large chunk of its own", new Uint8Array(65_536), 0],
    ["a part of a buffer", new Uint8Array(65_536).subarray(1), 65_535],
    ["the beginning of a buffer", new Uint8Array(65_536).subarray(0, 65_535), 65_535],
    ["a small chunk", new Uint8Array(1_000), 1_000],
    ["memory of several threads", new Uint8Array(new SharedArrayBuffer(65_536)), 65_536],
  ] as const
) {
  test(`freeChunk() of ${title} leaves ${left} bytes`, () => {
    freeChunk(chunk);
    assert.equal(chunk.length, left);
  });
}
