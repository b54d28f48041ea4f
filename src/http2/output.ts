// What is to be sent: frames written one behind the other into one buffer, which leaves in one write.

import { FRAME_HEADER } from "./protocol.ts";

/** Bytes of a slab: several flushes share one, so that buffers are hardly ever made. */
const SLAB = 65_536;
/** A rest smaller than this is not worth keeping. */
const USEFUL = 2048;
const NOTHING = new Uint8Array(0);

/** Unused rests of slabs that no connection is writing to; what was handed out before them is never written again. */
const spares: Uint8Array[] = [];
const MOST_SPARES = 16;

/** The buffer of one connection. Holds a slab only while something waits in it. */
export class Output {
  /** Where frames are written; valid until the next {@link reserve}. */
  bytes: Uint8Array = NOTHING;
  /** Bytes waiting; where the next one goes. */
  at = 0;

  /** Makes room for `length` more bytes. */
  reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const { bytes, at } = this;
    const needed = at + length;
    const spare = at === 0 ? spares.pop() : undefined;
    if (spare !== undefined && spare.length >= needed) this.bytes = spare;
    else {
      this.bytes = new Uint8Array(Math.max(SLAB, 2 * needed));
      if (at > 0) this.bytes.set(bytes.subarray(0, at));
    }
  }

  /** Writes a frame's header; makes room for it and its payload. */
  frame(type: number, flags: number, stream: number, length: number): void {
    this.reserve(FRAME_HEADER + length);
    this.frameAt(this.at, type, flags, stream);
    this.setLength(this.at, length);
    this.at += FRAME_HEADER;
  }

  /** Writes a frame's header, all but its length, at `at`. */
  frameAt(at: number, type: number, flags: number, stream: number): void {
    const { bytes } = this;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    bytes[at + 5] = stream >>> 24;
    bytes[at + 6] = stream >>> 16;
    bytes[at + 7] = stream >>> 8;
    bytes[at + 8] = stream;
  }

  /** Tells the length of the payload of the frame that begins at `at`. */
  setLength(at: number, length: number): void {
    const { bytes } = this;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
  }

  /** Adds a byte; room for it is there. */
  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  /** Adds two bytes; room for them is there. */
  uint16(value: number): void {
    this.byte(value >>> 8);
    this.byte(value);
  }

  /** Adds four bytes; room for them is there. */
  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value);
  }

  /** Adds bytes; room for them is there. */
  copy(source: Uint8Array): void {
    this.bytes.set(source, this.at);
    this.at += source.length;
  }

  /** All that waits, which belongs to the caller from then on. */
  take(): Uint8Array {
    const { bytes, at } = this;
    this.bytes = NOTHING;
    this.at = 0;
    if (bytes.length - at >= USEFUL && spares.length < MOST_SPARES) spares.push(bytes.subarray(at));
    return bytes.subarray(0, at);
  }
}
