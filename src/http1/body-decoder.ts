// Cuts body bytes out of a connection's bytes.

import type { Side } from "./bad-message.ts";
import { ChunkedDecoder } from "./chunked.ts";
import { framing } from "./framing.ts";

/** Takes decoded bytes. */
export interface ByteSink {
  push(bytes: Uint8Array): void;
}

/** Decodes one body. */
export interface BodyDecoder {
  /** The last byte was decoded; never true for a body that ends with its connection. */
  readonly done: boolean;
  /** The last byte of data was decoded, but not the end of the framing. */
  readonly ending: boolean;
  /**
   * Decodes from `start` on, as far as the body goes.
   * @returns the index of the first byte that isn't the body's
   * @throws {ProxyError} for malformed framing
   */
  decode(bytes: Uint8Array, start: number, sink: ByteSink): number;
}

/** @param length bytes, or one of {@link framing} */
export function createBodyDecoder(length: number, side: Side): BodyDecoder {
  if (length === framing.chunked) return new ChunkedDecoder(side);
  return new LengthDecoder(length === framing.untilClose ? Number.POSITIVE_INFINITY : length);
}

/** A body of known length; an infinite one takes everything. */
class LengthDecoder implements BodyDecoder {
  readonly ending = false;
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  decode(bytes: Uint8Array, start: number, sink: ByteSink): number {
    const end = Math.min(bytes.length, start + this.#left);
    if (end === start) return end;
    this.#left -= end - start;
    sink.push(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
    return end;
  }
}
