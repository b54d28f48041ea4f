// HTTP/2 frames by hand: for tests that say things no client library would say.

import { HpackDecoder } from "../../src/http2/hpack-decoder.ts";
import type { Field } from "../../src/http2/field.ts";

/** A frame taken apart. */
export interface H2Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** Frame types by name. */
export const type = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const PRIORITY = 32;
export const PREFACE = bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Latin1 text, or numbers, as bytes. */
export function bytes(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => {
    if (typeof part === "number") return Uint8Array.of(part);
    return typeof part === "string" ? Buffer.from(part, "latin1") : part;
  })));
}

/** A number in four bytes. */
export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** One frame. */
export function frame(
  kind: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const { length } = payload;
  return bytes(length >>> 16, (length >>> 8) & 255, length & 255, kind, flags, uint32(stream), payload);
}

/** A SETTINGS frame. */
export function settings(...entries: readonly (readonly [id: number, value: number])[]): Uint8Array {
  return frame(type.settings, 0, 0, bytes(...entries.map(([id, value]) => bytes(0, id, uint32(value)))));
}

/** An RST_STREAM frame. */
export function reset(stream: number, code = 8): Uint8Array {
  return frame(type.reset, 0, stream, uint32(code));
}

/** A WINDOW_UPDATE frame. */
export function windowUpdate(stream: number, size: number): Uint8Array {
  return frame(type.windowUpdate, 0, stream, uint32(size));
}

/** What a client says before its first request. */
export const hello = bytes(PREFACE, settings());

/** A name and a value. */
export type Pair = readonly [name: string, value: string];

/** A header block of literals that change no table: every byte is the caller's. */
export function block(...fields: readonly Pair[]): Uint8Array {
  return bytes(...fields.flatMap(([name, value]) => [0, text(name), text(value)]));
}

function text(value: string): Uint8Array {
  const length: number[] = [];
  if (value.length < 127) length.push(value.length);
  else {
    length.push(127);
    let rest = value.length - 127;
    for (; rest >= 128; rest >>>= 7) length.push(128 | (rest & 127));
    length.push(rest);
  }
  return bytes(Uint8Array.from(length), value);
}

/** The pseudo-fields of a usual request. */
export const get: readonly Pair[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "a.test"],
  [":path", "/"],
];

/** The same with another method. */
export const post: readonly Pair[] = [[":method", "POST"], ...get.slice(1)];

/** A HEADERS frame that holds a whole block. @param flags besides END_HEADERS */
export function headers(stream: number, fields: readonly Pair[], flags = END_STREAM): Uint8Array {
  return frame(type.headers, flags | END_HEADERS, stream, block(...fields));
}

/** The same for blocks that one frame can't hold: HEADERS, then CONTINUATION. */
export function longHeaders(stream: number, fields: readonly Pair[], flags = END_STREAM): Uint8Array {
  const whole = block(...fields);
  const parts: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < whole.length; at += LONGEST) parts.push(whole.subarray(at, at + LONGEST));
  return bytes(...parts.map((part, index) => {
    const ends = index === parts.length - 1 ? END_HEADERS : 0;
    return index === 0 ? frame(type.headers, flags | ends, stream, part) : frame(type.continuation, ends, stream, part);
  }));
}

/** Bytes of a frame's payload that everybody accepts. */
const LONGEST = 16_384;

/** A DATA frame. */
export function data(stream: number, payload: string | Uint8Array, flags = 0): Uint8Array {
  return frame(type.data, flags, stream, bytes(payload));
}

/** Cuts bytes into frames. @returns them, and the bytes of an incomplete one */
export function cutFrames(all: Uint8Array): { readonly frames: readonly H2Frame[]; readonly rest: Uint8Array } {
  const frames: H2Frame[] = [];
  let at = 0;
  while (at + 9 <= all.length) {
    const view = new DataView(all.buffer, all.byteOffset + at, 9);
    const length = view.getUint32(0) >>> 8;
    if (at + 9 + length > all.length) break;
    const payload = all.slice(at + 9, at + 9 + length);
    frames.push({ type: view.getUint8(3), flags: view.getUint8(4), stream: view.getUint32(5) & 0x7fffffff, payload });
    at += 9 + length;
  }
  return { frames, rest: all.slice(at) };
}

/** Decodes the header blocks of one direction, in order. */
export class BlockReader {
  readonly #decoder = new HpackDecoder("client");

  /** The fields of a whole block as `name: value`. */
  read(payload: Uint8Array): readonly string[] {
    const fields: string[] = [];
    this.#decoder.decode(payload, 0, payload.length, {
      add: (field: Field) => {
        fields.push(`${field.name}: ${field.value}`);
      },
    });
    return fields;
  }
}

/** The code in an RST_STREAM or GOAWAY frame. */
export function codeOf(found: H2Frame): number {
  const view = new DataView(found.payload.buffer, found.payload.byteOffset);
  return view.getUint32(found.type === type.goAway ? 4 : 0);
}
