// SHA-1, SHA-256 and FNV-1 against published vectors.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { fnv1Hex64, sha1Hex, sha256Hex } from "../../../src/net/hash.ts";

// FIPS 180-4 examples; FNV reference vectors of 64-bit FNV-1.
const vectors: readonly (readonly [text: string, sha1: string, sha256: string, fnv1: string])[] = [
  [
    "",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "cbf29ce484222325",
  ],
  [
    "abc",
    "a9993e364706816aba3e25717850c26c9cd0d89d",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "d8dcca186bafadcb",
  ],
];

for (const [text, sha1, sha256, fnv1] of vectors) {
  test(`sha1Hex(), sha256Hex() and fnv1Hex64() of ${JSON.stringify(text)}`, () => {
    assert.equal(sha1Hex(text), sha1);
    assert.equal(sha256Hex(text), sha256);
    assert.equal(fnv1Hex64(text), fnv1);
  });
}

test("sha1Hex() and sha256Hex() agree with the system for every length of three blocks", () => {
  for (let length = 0; length <= 192; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
    assert.equal(sha1Hex(bytes), createHash("sha1").update(bytes).digest("hex"));
    assert.equal(sha256Hex(bytes), createHash("sha256").update(bytes).digest("hex"));
  }
});

test("sha256Hex() takes text as UTF-8", () => {
  assert.equal(sha256Hex("é"), createHash("sha256").update("é").digest("hex"));
});
