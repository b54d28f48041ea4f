// Collects bytes until a message head is complete.

import { toLatin1 } from "../net/bytes.ts";
import type { Side } from "./bad-message.ts";
import { badMessage } from "./bad-message.ts";
import type { HeadLimits } from "./limits.ts";

const STEP = 4096; // bytes turned into text at a time, so that a body behind a small head isn't
const CR = 13;
const UPPER_A = 65;
const UPPER_Z = 90;
const LF = 10;
const TOKEN_START = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** One head at a time, over any number of chunks. */
export class HeadBuffer {
  readonly #side: Side;
  readonly #limits: HeadLimits;
  #text = "";
  /** The one empty line that may come before a head was there. */
  #skipped = false;
  /** After {@link push} found a head: where the bytes behind it begin in that chunk. */
  rest = 0;

  constructor(side: Side, limits: HeadLimits) {
    this.#side = side;
    this.#limits = limits;
  }

  /** True when some bytes of an unfinished head are here. */
  get started(): boolean {
    return this.#text.length > 0;
  }

  /**
   * Takes bytes, from `start` on.
   * @returns the head with the line end of its last line, without the empty line; undefined: need more
   * @throws {ProxyError} when it can't become a head any more
   */
  push(chunk: Uint8Array, start = 0): string | undefined {
    for (let at = start; at < chunk.length; at += STEP) {
      const before = this.#text.length;
      const last = Math.min(at + STEP, chunk.length);
      const piece = toLatin1(chunk, at, last);
      const text = before < 2 ? this.#first(this.#text + piece) : this.#text + piece;
      const end = text.indexOf("\r\n\r\n", Math.max(0, before - 3));
      if (end !== -1) {
        this.#check(end, text);
        this.#text = "";
        this.#skipped = false;
        this.rest = last - (text.length - end - 4);
        return text.slice(0, end + 2);
      }
      this.#text = text;
      this.#checkPart(text, before);
    }
    return undefined;
  }

  /** Requests may follow one stray empty line: RFC 9112 §2.2. */
  #first(start: string): string {
    const first = start.charCodeAt(0);
    if ((first >= UPPER_A && first <= UPPER_Z) || start.length === 0 || TOKEN_START.test(start)) return start;
    if (this.#side === "downstream" && !this.#skipped && first === CR) {
      if (start.length === 1) return start;
      if (start.charCodeAt(1) === LF) {
        this.#skipped = true;
        return this.#first(start.slice(2));
      }
    }
    throw badMessage(this.#side, "bad-head", "the first byte begins no HTTP message");
  }

  #check(end: number, text: string): void {
    if (end + 4 > this.#limits.headBytes) this.#tooLarge(text);
  }

  #checkPart(text: string, before: number): void {
    if (text.length > this.#limits.headBytes) this.#tooLarge(text);
    for (let at = text.indexOf("\n", before); at !== -1; at = text.indexOf("\n", at + 1)) {
      if (text.charCodeAt(at - 1) !== CR) throw badMessage(this.#side, "bare-line-feed", "a line ends with LF alone");
    }
  }

  #tooLarge(text: string): never {
    const inTarget = this.#side === "downstream" && !text.includes("\r\n");
    const limit = this.#limits.headBytes;
    if (inTarget) throw badMessage(this.#side, "target-too-long", `the request line exceeds ${limit} bytes`, 414);
    throw badMessage(this.#side, "head-too-large", `the head exceeds ${limit} bytes`, 431);
  }
}
