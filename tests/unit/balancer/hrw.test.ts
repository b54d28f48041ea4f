// The hash that rendezvous scores are made of.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fnv1a64 } from "../../../src/balancer/hrw.ts";

function hashOf(text: string): string {
  const hash = new Fnv1a64();
  hash.addBytes(new TextEncoder().encode(text));
  return [hash.high, hash.low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

// Vectors of the FNV reference (draft-eastlake-fnv, test vectors of 64-bit FNV-1a).
const vectors: readonly (readonly [text: string, hash: string])[] = [
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["foobar", "85944171f73967e8"],
];

for (const [text, hash] of vectors) {
  test(`Fnv1a64 of ${JSON.stringify(text)} is ${hash}`, () => assert.equal(hashOf(text), hash));
}

test("Fnv1a64 equals the arithmetic on big integers", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    let hash = 0xcbf29ce484222325n;
    for (const byte of new TextEncoder().encode(text)) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
    assert.equal(hashOf(text), hash.toString(16).padStart(16, "0"));
  }));
});
