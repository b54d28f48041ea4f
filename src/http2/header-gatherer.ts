// Puts a header block together that comes in several frames: HEADERS and its CONTINUATIONs.

import { concat } from "../net/bytes.ts";
import type { Role } from "./fault.ts";
import { ConnectionFault } from "./fault.ts";
import type { FrameHeader } from "./frame-reader.ts";
import { MAX_CONTINUATIONS } from "./options.ts";
import { errorCode, flag } from "./protocol.ts";

const PRIORITY_BYTES = 5;

/** One per connection. */
export class HeaderGatherer {
  /** The stream whose block is incomplete; 0: none. Until it is complete, no other frame may come. */
  stream = 0;
  /** The block's HEADERS frame ended the peer's message. */
  ends = false;
  /** After {@link fragment}: where the block's bytes are. */
  start = 0;
  end = 0;
  /** The stream that HEADERS made this one depend on; 0: none. */
  dependsOn = 0;
  readonly #role: Role;
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #size = 0;
  #frames = 0;

  constructor(role: Role, maxBytes: number) {
    this.#role = role;
    this.#maxBytes = maxBytes;
  }

  /** Takes padding and priority off a HEADERS frame. The fragment is between `start` and `end`. */
  fragment(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    let padding = 0;
    if ((frame.flags & flag.padded) !== 0) padding = bytes[from++] ?? 0;
    this.dependsOn = 0;
    const isPrior = (frame.flags & flag.priority) !== 0;
    if (isPrior && from + PRIORITY_BYTES <= end) this.dependsOn = dependencyAt(bytes, from);
    if (isPrior) from += PRIORITY_BYTES;
    if (from > end) throw new ConnectionFault(this.#role, errorCode.frameSize, "a HEADERS frame is cut off");
    if (padding > end - from) {
      throw new ConnectionFault(this.#role, errorCode.protocol, "a HEADERS frame has more padding than bytes");
    }
    this.start = from;
    this.end = end - padding;
    this.ends = (frame.flags & flag.endStream) !== 0;
  }

  /** Keeps the first part of a block that goes on. */
  begin(frame: FrameHeader, bytes: Uint8Array): void {
    this.stream = frame.stream;
    this.#frames = 0;
    this.#size = 0;
    this.#parts = [];
    this.#keep(bytes.slice(this.start, this.end));
  }

  /** @returns the whole block, when this was its last part */
  add(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    if (++this.#frames > MAX_CONTINUATIONS) this.#tooMuch();
    this.#keep(bytes.slice(start, end));
    if ((frame.flags & flag.endHeaders) === 0) return undefined;
    const whole = concat(this.#parts);
    this.#parts = [];
    this.stream = 0;
    return whole;
  }

  #keep(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > this.#maxBytes) this.#tooMuch();
    this.#parts.push(part);
  }

  #tooMuch(): never {
    throw new ConnectionFault(this.#role, errorCode.enhanceYourCalm, "a header block goes on for too long");
  }
}

/** The stream identifier of a priority, without its exclusive bit. */
export function dependencyAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) & 0x7f) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0);
}
