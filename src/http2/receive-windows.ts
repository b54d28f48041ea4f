// What the peer may still send, on the connection and on each stream; readers who consume give it back.

import type { Http2Options } from "./options.ts";
import type { Output } from "./output.ts";
import { DEFAULT_WINDOW } from "./protocol.ts";
import { writeWindowUpdate } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";

/** One per connection. */
export class ReceiveWindows {
  /** Bytes a new stream may receive: the setting counts once it is acknowledged. */
  initial = DEFAULT_WINDOW;
  readonly #out: Output;
  readonly #options: Http2Options;
  readonly #size: number;
  #window: number;
  #ungranted = 0;

  constructor(out: Output, options: Http2Options) {
    this.#out = out;
    this.#options = options;
    this.#size = Math.max(DEFAULT_WINDOW, options.connectionWindow);
    this.#window = this.#size;
  }

  /** Our settings are in force. */
  acknowledged(streams: Iterable<Http2Stream>): void {
    const more = this.#options.streamWindow - this.initial;
    this.initial = this.#options.streamWindow;
    for (const stream of streams) stream.receiveWindow += more;
  }

  /** Takes a frame's bytes out of the connection's window. @returns false: it was not allowed to send as many */
  take(bytes: number): boolean {
    this.#window -= bytes;
    return this.#window >= 0;
  }

  /** Bytes of the connection are no longer in memory. */
  give(bytes: number): void {
    this.#ungranted += bytes;
    if (this.#ungranted < this.#size / 2) return;
    writeWindowUpdate(this.#out, 0, this.#ungranted);
    this.#window += this.#ungranted;
    this.#ungranted = 0;
  }

  /** Fills a stream's window up, whatever is still in memory. */
  fill(stream: Http2Stream): void {
    const more = this.initial - stream.receiveWindow;
    if (more <= 0) return;
    writeWindowUpdate(this.#out, stream.id, more);
    stream.receiveWindow += more;
  }

  /** Bytes of a stream, and so of the connection, are no longer in memory. */
  giveStream(stream: Http2Stream, bytes: number): void {
    this.give(bytes);
    stream.ungranted += bytes;
    if (stream.remoteEnded || stream.ungranted < this.#options.streamWindow / 2) return;
    writeWindowUpdate(this.#out, stream.id, stream.ungranted);
    stream.receiveWindow += stream.ungranted;
    stream.ungranted = 0;
  }
}
