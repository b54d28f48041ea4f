// The chunked coding: the same data however it is cut, and everything that is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ChunkedDecoder } from "../../../src/http1/chunked.ts";
import { concat, fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";

/** Decodes pieces; answers the data and what was left over. */
function decode(pieces: readonly Uint8Array[]): { data: string; rest: string; done: boolean } {
  const decoder = new ChunkedDecoder("downstream");
  const data: Uint8Array[] = [];
  let rest = "";
  for (const piece of pieces) {
    const at = decoder.decode(piece, 0, { push: (bytes) => data.push(bytes) });
    rest += toLatin1(piece, at);
  }
  return { data: toLatin1(concat(data)), rest, done: decoder.done };
}

test("ChunkedDecoder gives the same data however the bytes are cut", () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(fc.property(fc.array(chunk, { maxLength: 6 }), fc.array(fc.nat(300), { maxLength: 8 }), (chunks, cuts) => {
    const body = chunks.map((bytes) => `${bytes.length.toString(16)};a=b\r\n${toLatin1(bytes)}\r\n`).join("");
    const bytes = fromLatin1(`${body}0\r\nX-T: 1\r\n\r\nnext`);
    const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
    const pieces = borders.slice(1).map((border, index) => bytes.subarray(borders[index], border));
    const wanted = chunks.map((each) => toLatin1(each)).join("");
    assert.deepEqual(decode(pieces), { data: wanted, rest: "next", done: true });
  }));
});

const refused: readonly string[] = [
  "0x5\r\nhello\r\n",
  "+5\r\n",
  " 5\r\n",
  "5 \r\n",
  "5\nhello\r\n",
  "5\r\nhelloXX",
  "5\r\nhello\n",
  "\r\n",
  "G\r\n",
  "FFFFFFFFFFFFFF\r\n",
  "5;\x00\r\n",
  "5;a\rb\r\n",
  '5;a="\r\n',
  `5;${"a".repeat(2_000)}`,
  "0\r\nno colon\r\n\r\n",
  "0\r\nX: a\r\n b\r\n\r\n",
  "0\r\nX: a\0\r\n\r\n",
  "0\r\n\n",
];

for (const bytes of refused) {
  test(`ChunkedDecoder refuses ${JSON.stringify(bytes.slice(0, 24))}`, () => {
    assert.throws(() => decode([fromLatin1(bytes)]), { code: "bad-chunk", status: 400 });
  });
}

test("ChunkedDecoder refuses too many extensions over many chunks", () => {
  const line = `1;a=${"b".repeat(900)}\r\nx\r\n`;
  assert.throws(() => decode([fromLatin1(line.repeat(6))]), { code: "bad-chunk" });
});
