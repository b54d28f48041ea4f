// WebSocket frames (RFC 6455 §5.2): a client's are taken apart as they arrive, none is kept.

import { concat } from "../../net/bytes.ts";

/** Frame types that need an answer of their own. */
export const opcode = { close: 8, ping: 9, pong: 10 } as const;

/** Hears of frames, in order: `frame`, any number of `payload`, `frameEnd`. */
export interface FrameSink {
  /** @param first the first byte: FIN and type */
  frame(first: number, length: number): void;
  /** A piece, unmasked. */
  payload(bytes: Uint8Array): void;
  frameEnd(): void;
}

const MASKED = 128;
const RESERVED = 0x70; // bits of extensions nobody agreed on
const MOST_CONTROL_BYTES = 125; // RFC 6455 §5.5

/** Takes a client's bytes apart, however they are cut. */
export class FrameDecoder {
  readonly #sink: FrameSink;
  /** The start of a head that is not whole yet. */
  #head: Uint8Array = new Uint8Array(0);
  #mask: Uint8Array = new Uint8Array(4);
  /** Bytes of the payload seen, and still to come. */
  #seen = 0;
  #left = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** @returns false when this is no WebSocket, or not a client's; nothing more may be pushed then */
  push(chunk: Uint8Array): boolean {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left > 0) rest = this.#takePayload(rest);
      else {
        const after = this.#takeHead(rest);
        if (after === undefined) return false;
        rest = after;
      }
    }
    return true;
  }

  /** @returns what follows the head; undefined when it is malformed */
  #takeHead(chunk: Uint8Array): Uint8Array | undefined {
    const bytes = this.#head.length === 0 ? chunk : concat([this.#head, chunk]);
    const [first = 0, second = 0] = bytes;
    const size = headSize(second);
    if (bytes.length >= 2 && !isValid(first, second)) return undefined;
    if (bytes.length < 2 || bytes.length < size) {
      this.#head = bytes;
      return bytes.subarray(bytes.length);
    }
    this.#head = new Uint8Array(0);
    this.#mask = bytes.slice(size - 4, size);
    this.#seen = 0;
    this.#left = lengthOf(bytes, size - 4);
    if (!Number.isSafeInteger(this.#left)) return undefined;
    this.#sink.frame(first, this.#left);
    if (this.#left === 0) this.#sink.frameEnd();
    return bytes.subarray(size);
  }

  #takePayload(bytes: Uint8Array): Uint8Array {
    const piece = bytes.slice(0, this.#left);
    for (let at = 0; at < piece.length; at++) {
      piece[at] = (piece[at] ?? 0) ^ (this.#mask[(this.#seen + at) % 4] ?? 0);
    }
    this.#seen += piece.length;
    this.#left -= piece.length;
    this.#sink.payload(piece);
    if (this.#left === 0) this.#sink.frameEnd();
    return bytes.subarray(piece.length);
  }
}

/** The head of a frame that a server sends. @param first FIN and type */
export function frameHead(first: number, length: number): Uint8Array {
  if (length < 126) return Uint8Array.of(first, length);
  const head = new Uint8Array(length < 65_536 ? 4 : 10);
  const view = new DataView(head.buffer);
  head[0] = first;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) view.setUint16(2, length);
  else view.setBigUint64(2, BigInt(length));
  return head;
}

function isValid(first: number, second: number): boolean {
  const isControl = (first & 8) !== 0;
  const isWhole = first >= 128 && (second & 127) <= MOST_CONTROL_BYTES;
  return second >= MASKED && (first & RESERVED) === 0 && (!isControl || isWhole);
}

/** Bytes of the head, mask included. */
function headSize(second: number): number {
  const short = second & 127;
  if (short === 126) return 8;
  return short === 127 ? 14 : 6;
}

/** @param end of the length within the head */
function lengthOf(head: Uint8Array, end: number): number {
  if (end === 2) return (head[1] ?? 0) & 127;
  const view = new DataView(head.buffer, head.byteOffset, end);
  return end === 4 ? view.getUint16(2) : Number(view.getBigUint64(2));
}
