// Reads the chunked transfer coding: every byte of framing is checked, extensions and trailers are dropped.

import { toLatin1 } from "../net/bytes.ts";
import type { ProxyError } from "../net/error.ts";
import type { Side } from "./bad-message.ts";
import { badMessage } from "./bad-message.ts";
import type { BodyDecoder, ByteSink } from "./body-decoder.ts";
import { CHUNK_EXTENSION_BYTES, CHUNK_LINE_BYTES, CHUNK_SIZE_DIGITS, TRAILER_BYTES } from "./limits.ts";

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
const SIZE_LINE = new RegExp(
  `^([0-9A-Fa-f]{1,${CHUNK_SIZE_DIGITS}})((?:;(?:${TOKEN}(?:=(?:${TOKEN}|${QUOTED}))?)?)*)$`,
);
const TRAILER_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

const LF = 10;
const CR = 13;

/**
 * ```
 *        size line            data            CRLF
 * ──▶ size ──(n > 0)──▶ data ──────▶ dataEnd ─────▶ size
 *        └───(n = 0)──▶ trailer ──(empty line)──▶ done
 * ```
 */
type State = "size" | "data" | "dataEnd" | "trailer" | "done";

/** The decoder of one chunked body. */
export class ChunkedDecoder implements BodyDecoder {
  readonly #side: Side;
  #state: State = "size";
  /** Bytes of data, or of CRLF after data, still to come. */
  #left = 0;
  /** Part of a line that began in an earlier piece. */
  #line = "";
  #extensionBytes = 0;
  #trailerBytes = 0;

  constructor(side: Side) {
    this.#side = side;
  }

  get ending(): boolean {
    return this.#state === "trailer";
  }

  get done(): boolean {
    return this.#state === "done";
  }

  decode(bytes: Uint8Array, start: number, sink: ByteSink): number {
    let at = start;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "data") at = this.#data(bytes, at, sink);
      else if (this.#state === "dataEnd") at = this.#dataEnd(bytes, at);
      else at = this.#lineEnd(bytes, at);
    }
    return at;
  }

  #data(bytes: Uint8Array, at: number, sink: ByteSink): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    sink.push(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#left === 0) {
      this.#state = "dataEnd";
      this.#left = 2;
    }
    return end;
  }

  #dataEnd(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== (this.#left === 2 ? CR : LF)) throw this.#bad("chunk data doesn't end with CRLF");
    if (--this.#left === 0) this.#state = "size";
    return at + 1;
  }

  /** Takes bytes up to a line's end; acts on the line when it is complete. */
  #lineEnd(bytes: Uint8Array, at: number): number {
    const lf = bytes.indexOf(LF, at);
    const end = lf === -1 ? bytes.length : lf + 1;
    const limit = this.#state === "size" ? CHUNK_LINE_BYTES : TRAILER_BYTES;
    if (this.#line.length + end - at > limit) throw this.#bad("a chunk line is too long");
    this.#line += toLatin1(bytes, at, end);
    if (lf === -1) return end;
    const line = this.#line;
    this.#line = "";
    if (!line.endsWith("\r\n")) throw this.#bad("a chunk line ends with LF alone");
    if (this.#state === "size") this.#sizeLine(line.slice(0, -2));
    else this.#trailerLine(line.slice(0, -2));
    return end;
  }

  #sizeLine(line: string): void {
    const match = SIZE_LINE.exec(line);
    if (match === null) throw this.#bad("a chunk size is malformed");
    this.#extensionBytes += match[2]?.length ?? 0;
    if (this.#extensionBytes > CHUNK_EXTENSION_BYTES) throw this.#bad("there are too many chunk extensions");
    this.#left = Number.parseInt(match[1] ?? "", 16);
    this.#state = this.#left === 0 ? "trailer" : "data";
  }

  #trailerLine(line: string): void {
    if (line === "") {
      this.#state = "done";
      return;
    }
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > TRAILER_BYTES || !TRAILER_LINE.test(line)) throw this.#bad("a trailer is malformed");
  }

  #bad(detail: string): ProxyError {
    return badMessage(this.#side, "bad-chunk", detail);
  }
}
