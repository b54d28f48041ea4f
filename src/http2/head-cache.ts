// Heads of requests that a connection sends again and again: the same bytes, with the same HPACK table, say the same.

import type { Http2RequestHead } from "./request-head.ts";

/** A power of two: blocks share a slot by hash. */
const SLOTS = 8;
/** Longer blocks are rare among those that change no table, and comparing them costs. */
const LONGEST = 256;

/** What a few bytes stand for may be long: nobody is to fill our memory with it. */
const LONGEST_TEXT = 4096;

/** One remembered block. */
interface Slot {
  readonly bytes: Uint8Array;
  readonly generation: number;
  readonly head: Http2RequestHead;
}

/** One per connection. */
export class HeadCache {
  readonly #slots: (Slot | undefined)[] = [];
  /** Hashes of blocks that came last: only what comes twice is worth remembering. */
  readonly #seen = new Int32Array(SLOTS);
  #hash = 0;

  /** What a block says, if it was seen while the table was the same. */
  find(bytes: Uint8Array, start: number, end: number, generation: number): Http2RequestHead | undefined {
    const length = end - start;
    if (length > LONGEST) return undefined;
    this.#hash = hashOf(bytes, start, end);
    const slot = this.#slots[this.#hash & (SLOTS - 1)];
    if (slot === undefined || slot.generation !== generation || slot.bytes.length !== length) return undefined;
    for (let at = 0; at < length; at++) if (slot.bytes[at] !== bytes[start + at]) return undefined;
    return slot.head;
  }

  /** Remembers the block that was looked for last, which didn't change the table. */
  keep(block: Uint8Array, generation: number, head: Http2RequestHead): void {
    if (block.length > LONGEST || head.text.length > LONGEST_TEXT) return;
    const index = this.#hash & (SLOTS - 1);
    if (this.#seen[index] === this.#hash) this.#slots[index] = { bytes: block.slice(), generation, head };
    else this.#seen[index] = this.#hash;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + (bytes[at] ?? 0) | 0;
  return hash ^ (hash >>> 8);
}
