// Cuts frames out of a connection's bytes, whatever pieces they come in.

import { toLatin1 } from "../net/bytes.ts";
import type { Role } from "./fault.ts";
import { ConnectionFault } from "./fault.ts";
import { errorCode, flag, FRAME_HEADER, frameType, PREFACE } from "./protocol.ts";

/** The header of the frame being read; the reader's own, filled anew for each. */
export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  /** 0 to 2^31-1. */
  readonly stream: number;
  /** Bytes of the payload. */
  readonly length: number;
}

/** Takes frames. Everything it throws ends the connection. */
export interface FrameSink {
  /** A frame of any type begins: its size, place and stream are to be checked. */
  header(frame: FrameHeader): void;
  /** The whole payload of a frame that is neither DATA nor of an unknown type, at `start` to `end` of `bytes`. */
  payload(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void;
  /** Some data of a DATA frame, without padding; a frame may bring several or none. */
  dataPiece(bytes: Uint8Array): void;
  /** A DATA frame is through. @param padding bytes that were no data */
  dataEnd(frame: FrameHeader, padding: number): void;
}

/**
 * ```
 * preface ──▶ header ──▶ payload (gathered unless it lies whole in a chunk) ──▶ header
 *               ├──────▶ pad-length ──▶ data ──▶ skip (padding) ──────────────────┤
 *               └──────▶ skip (unknown type) ─────────────────────────────────────┘
 * ```
 */
type Phase = "preface" | "header" | "payload" | "pad-length" | "data" | "skip";

/** Mutable while it is read. */
class Header implements FrameHeader {
  type = 0;
  flags = 0;
  stream = 0;
  length = 0;
}

/** See {@link Phase}. */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #role: Role;
  readonly #frame = new Header();
  #phase: Phase;
  /** Bytes of the current part that are still to come. */
  #left: number;
  /** Padding behind the data. */
  #padding = 0;
  /** A header that did not lie whole in a chunk. */
  readonly #partialHeader = new Uint8Array(FRAME_HEADER);
  /** A payload that did not; made when its first part is here. */
  #partial: Uint8Array | undefined = undefined;

  /** @param role a server expects the preface first */
  constructor(role: Role, sink: FrameSink) {
    this.#role = role;
    this.#sink = sink;
    this.#phase = role === "server" ? "preface" : "header";
    this.#left = role === "server" ? PREFACE.length : FRAME_HEADER;
  }

  /** Takes bytes. @throws {ConnectionFault} */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) at = this.#read(chunk, at);
  }

  /** @returns where to go on */
  #read(chunk: Uint8Array, at: number): number {
    switch (this.#phase) {
      case "header":
        return this.#readHeader(chunk, at);
      case "payload":
        return this.#readPayload(chunk, at);
      case "pad-length":
        return this.#readPadLength(chunk, at);
      case "data":
        return this.#readData(chunk, at);
      case "skip":
        return this.#skip(chunk, at);
      default:
        return this.#readPreface(chunk, at);
    }
  }

  #readPreface(chunk: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, chunk.length);
    const begun = PREFACE.length - this.#left;
    if (toLatin1(chunk, at, end) !== PREFACE.slice(begun, begun + end - at)) {
      throw new ConnectionFault(this.#role, errorCode.protocol, "the connection does not begin with HTTP/2's preface");
    }
    this.#left -= end - at;
    if (this.#left === 0) this.#expectHeader();
    return end;
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    if (this.#left === FRAME_HEADER && at + FRAME_HEADER <= chunk.length) {
      this.#begin(chunk, at);
      return at + FRAME_HEADER;
    }
    const end = Math.min(at + this.#left, chunk.length);
    this.#partialHeader.set(chunk.subarray(at, end), FRAME_HEADER - this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#begin(this.#partialHeader, 0);
    return end;
  }

  #begin(bytes: Uint8Array, at: number): void {
    const frame = this.#frame;
    fillHeader(frame, bytes, at);
    this.#sink.header(frame);
    this.#left = frame.length;
    this.#padding = 0;
    if (frame.type === frameType.data) this.#beginData();
    else if (frame.type > frameType.continuation) this.#beginSkip();
    else if (frame.length > 0) this.#phase = "payload";
    else this.#finishPayload(bytes, 0, 0);
  }

  #finishPayload(bytes: Uint8Array, start: number, end: number): void {
    this.#partial = undefined;
    this.#expectHeader();
    this.#sink.payload(this.#frame, bytes, start, end);
  }

  #readPayload(chunk: Uint8Array, at: number): number {
    const { length } = this.#frame;
    if (this.#left === length && at + length <= chunk.length) {
      this.#finishPayload(chunk, at, at + length);
      return at + length;
    }
    const end = Math.min(at + this.#left, chunk.length);
    const partial = this.#partial ??= new Uint8Array(length);
    partial.set(chunk.subarray(at, end), length - this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#finishPayload(partial, 0, length);
    return end;
  }

  #beginData(): void {
    const { flags, length } = this.#frame;
    if ((flags & flag.padded) === 0) {
      this.#phase = "data";
      if (length === 0) this.#endData();
      return;
    }
    if (length === 0) throw new ConnectionFault(this.#role, errorCode.frameSize, "a padded frame has no pad length");
    this.#phase = "pad-length";
  }

  #readPadLength(chunk: Uint8Array, at: number): number {
    this.#padding = chunk[at] ?? 0;
    this.#left -= 1 + this.#padding;
    if (this.#left < 0) {
      throw new ConnectionFault(this.#role, errorCode.protocol, "a frame has more padding than bytes");
    }
    this.#phase = "data";
    if (this.#left === 0) this.#endData();
    return at + 1;
  }

  #readData(chunk: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, chunk.length);
    this.#left -= end - at;
    this.#sink.dataPiece(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    if (this.#left === 0) this.#endData();
    return end;
  }

  /** The padding counts as soon as the data is in: nobody need wait for it. */
  #endData(): void {
    const padding = this.#padding;
    const isPadded = (this.#frame.flags & flag.padded) !== 0;
    this.#left = padding;
    this.#beginSkip();
    this.#sink.dataEnd(this.#frame, isPadded ? padding + 1 : 0);
  }

  #beginSkip(): void {
    if (this.#left === 0) this.#expectHeader();
    else this.#phase = "skip";
  }

  #skip(chunk: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, chunk.length);
    this.#left -= end - at;
    if (this.#left === 0) this.#expectHeader();
    return end;
  }

  #expectHeader(): void {
    this.#phase = "header";
    this.#left = FRAME_HEADER;
  }
}

function fillHeader(frame: Header, bytes: Uint8Array, at: number): void {
  frame.length = readUint24(bytes, at);
  frame.type = bytes[at + 3] ?? 0;
  frame.flags = bytes[at + 4] ?? 0;
  frame.stream = (((bytes[at + 5] ?? 0) & 0x7f) << 24) | readUint24(bytes, at + 6);
}

function readUint24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}
