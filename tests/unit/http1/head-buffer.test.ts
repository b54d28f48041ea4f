// Heads found in bytes that are cut anywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadBuffer } from "../../../src/http1/head-buffer.ts";
import { requestLimits } from "../../../src/http1/limits.ts";
import { fromLatin1 } from "../../../src/net/bytes.ts";

const text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
const headText = "GET / HTTP/1.1\r\nHost: a\r\n";

test("HeadBuffer finds a head wherever the bytes are cut", () => {
  for (let cut = 1; cut < text.length; cut++) {
    const buffer = new HeadBuffer("downstream", requestLimits);
    const [first, second] = [fromLatin1(text.slice(0, cut)), fromLatin1(text.slice(cut))];
    const early = buffer.push(first);
    const found = early ?? buffer.push(second);
    assert.equal(found, headText, `cut at ${cut}`);
    const left = early === undefined ? second.subarray(buffer.rest) : first.subarray(buffer.rest);
    assert.equal(left.length, early === undefined ? 4 : cut - (text.length - 4));
  }
});

test("HeadBuffer finds a head byte by byte, after one empty line", () => {
  const buffer = new HeadBuffer("downstream", requestLimits);
  const found = [...fromLatin1(`\r\n${text}`)].map((byte) => buffer.push(Uint8Array.of(byte))).find(Boolean);
  assert.equal(found?.trimStart(), headText);
});

test("HeadBuffer finds a head that is longer than one step", () => {
  const buffer = new HeadBuffer("downstream", requestLimits);
  const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(9_000)}\r\n\r\nrest`;
  const chunk = fromLatin1(long);
  assert.equal(buffer.push(chunk)?.length, long.length - 6);
  assert.equal(chunk.length - buffer.rest, 4);
});

const refused: readonly (readonly [string, string, number])[] = [
  ["a bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400],
  ["bytes that begin no message", "\x16\x03\x01\x02", 400],
  ["a head beyond the limit", `GET / HTTP/1.1\r\nX: ${"a".repeat(70_000)}`, 431],
  ["a request line beyond the limit", `GET /${"a".repeat(70_000)}`, 414],
];

for (const [name, bytes, status] of refused) {
  test(`HeadBuffer refuses ${name} before the head is complete`, () => {
    assert.throws(() => new HeadBuffer("downstream", requestLimits).push(fromLatin1(bytes)), { status });
  });
}
