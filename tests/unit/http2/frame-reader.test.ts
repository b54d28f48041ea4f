// Frames: cut the same whatever chunks they come in.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConnectionFault } from "../../../src/http2/fault.ts";
import type { FrameHeader, FrameSink } from "../../../src/http2/frame-reader.ts";
import { FrameReader } from "../../../src/http2/frame-reader.ts";
import { toLatin1 } from "../../../src/net/bytes.ts";
import { bytes, frame, PADDED, PREFACE, type } from "../../support/h2-frames.ts";

/** Writes down what it is told; data of one frame is joined. */
class Heard implements FrameSink {
  readonly said: string[] = [];
  #data = "";

  header({ type: kind, flags, stream, length }: FrameHeader): void {
    this.said.push(`frame ${kind} ${flags} ${stream} ${length}`);
    this.#data = "";
  }

  payload(_frame: FrameHeader, all: Uint8Array, start: number, end: number): void {
    this.said.push(`payload ${toLatin1(all, start, end)}`);
  }

  dataPiece(piece: Uint8Array): void {
    assert.ok(piece.length > 0);
    this.#data += toLatin1(piece);
  }

  dataEnd(_frame: FrameHeader, padding: number): void {
    this.said.push(`data ${this.#data} + ${padding}`);
  }
}

function read(chunks: readonly Uint8Array[]): readonly string[] {
  const heard = new Heard();
  const reader = new FrameReader("server", heard);
  for (const chunk of chunks) reader.push(chunk);
  return heard.said;
}

const arbitraryFrame = fc.record({
  kind: fc.integer({ min: 0, max: 12 }),
  flags: fc.constantFrom(0, 1, 4, 5),
  stream: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  payload: fc.uint8Array({ maxLength: 300 }),
  padding: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
}).map(({ kind, flags, stream, payload, padding }) => {
  if (kind !== type.data || padding === undefined) return frame(kind, flags, stream, payload);
  return frame(kind, flags | PADDED, stream, bytes(padding, payload, new Uint8Array(padding)));
});

test("FrameReader cuts the same frames whatever the chunks", () => {
  fc.assert(
    fc.property(fc.array(arbitraryFrame, { maxLength: 8 }), fc.array(fc.nat(3000)), (frames, cuts) => {
      const all = bytes(PREFACE, ...frames);
      const whole = read([all]);
      const places = [0, ...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length];
      const chunks = places.slice(1).map((place, index) => all.subarray(places[index], place));
      assert.deepEqual(read(chunks), whole);
      assert.deepEqual(read(Array.from(all, (byte) => Uint8Array.of(byte))), whole);
    }),
    { numRuns: 60 },
  );
});

test("FrameReader tells padding apart", () => {
  const padded = frame(type.data, PADDED, 1, bytes(3, "abc", 0, 0, 0));
  assert.deepEqual(read([PREFACE, padded]), ["frame 0 8 1 7", "data abc + 4"]);
  assert.deepEqual(read([PREFACE, frame(type.data, PADDED, 1, bytes(0))]), ["frame 0 8 1 1", "data  + 1"]);
});

test("FrameReader ignores the reserved bit", () => {
  const odd = frame(type.ping, 0, 0, bytes("12345678"));
  odd[5] = 0x80;
  assert.deepEqual(read([PREFACE, odd]), ["frame 6 0 0 8", "payload 12345678"]);
});

const refused: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ["another preface", [bytes("GET / HTTP/1.1\r\n")]],
  ["a preface with one byte wrong", [bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX")]],
  ["padding beyond the frame", [PREFACE, frame(type.data, PADDED, 1, bytes(4, "abc"))]],
  ["a padded frame without pad length", [PREFACE, frame(type.data, PADDED, 1)]],
];

for (const [name, chunks] of refused) {
  test(`FrameReader refuses ${name}`, () => {
    assert.throws(() => read(chunks), ConnectionFault);
  });
}
