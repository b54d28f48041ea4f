// A request's body while it comes in: framing on the outside, a push body for the handler on the inside.

import type { BodyOwner } from "../http/body.ts";
import { PushBody } from "../http/body.ts";
import type { BodyDecoder } from "../http1/body-decoder.ts";
import { createBodyDecoder } from "../http1/body-decoder.ts";

/** Unread body bytes that are swallowed to keep a connection; more, and it is closed instead. */
export const DRAINED_BYTES = 65_536;

/** One request's body. */
export class IncomingBody {
  /** What the handler gets. */
  readonly body: PushBody;
  /** Bytes read so far, framing included. */
  bytes = 0;
  readonly #announced: number;
  readonly #decoder: BodyDecoder;
  #drainLimit = Number.POSITIVE_INFINITY;

  /** @param length bytes, or `framing.chunked` */
  constructor(length: number, owner: BodyOwner) {
    this.#announced = length;
    this.body = new PushBody(length >= 0 ? length : undefined, owner);
    this.#decoder = createBodyDecoder(length, "downstream");
  }

  /** The last byte was read. */
  get done(): boolean {
    return this.#decoder.done;
  }

  /** All data was read; what is missing is the end of the framing. */
  get ending(): boolean {
    return this.#decoder.ending;
  }

  /** True when what is still to come may be more than is worth swallowing. */
  get isLong(): boolean {
    return this.#announced < 0 || this.#announced - this.bytes > DRAINED_BYTES;
  }

  /** True when draining has gone on for long enough. */
  get drainedTooMuch(): boolean {
    return this.bytes > this.#drainLimit;
  }

  /**
   * Reads on.
   * @returns the index of the first byte that isn't the body's
   * @throws {ProxyError} for malformed framing
   */
  read(chunk: Uint8Array, start: number): number {
    const rest = this.#decoder.decode(chunk, start, this.body);
    this.bytes += rest - start;
    return rest;
  }

  /** The answer is out: what still comes is only counted. */
  drain(): void {
    this.#drainLimit = this.bytes + DRAINED_BYTES;
    this.body.cancel();
  }
}
