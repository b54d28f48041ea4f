// One request and its answer on a connection: what is known of both directions, and what its owner can do.

import type { HeaderList } from "../http/header-list.ts";
import type { ProxyError } from "../net/error.ts";

/** Whoever works on a stream. Calls never overlap with one another, and never come after `closed`. */
export interface StreamHandler {
  /** Bytes of the peer's body. They count against the peer's window until `consumed` is called for them. */
  data(bytes: Uint8Array): void;
  /** The peer's message is complete. */
  end(trailers: HeaderList | undefined): void;
  /** `write` returned false before, and all of it has left. */
  drain(): void;
  /** The peer has given no window for so long that the stream may be given up; told again as long as that lasts. */
  stalled(): void;
  /** Both directions are over; `error` tells why when the exchange is not complete. */
  closed(error: ProxyError | undefined): void;
}

/** What a stream asks of its connection. */
export interface StreamPort {
  sendHead(stream: Http2Stream, status: number, text: string, ends: boolean): void;
  sendData(stream: Http2Stream, bytes: Uint8Array, ends: boolean): boolean;
  sendEnd(stream: Http2Stream, trailers: string): void;
  consume(stream: Http2Stream, bytes: number): void;
  abandon(stream: Http2Stream, reason: number): void;
}

/** See the file's sentence. The fields are the connection's business; owners use the methods. */
export class Http2Stream {
  readonly id: number;
  /** Set by the owner as soon as it gets the stream. */
  handler: StreamHandler | undefined = undefined;
  /** Both directions are over: every method is without effect. */
  closed = false;

  /** The peer's message is complete. */
  remoteEnded = false;
  /** Bytes the peer may still send. */
  receiveWindow: number;
  /** Body bytes that the peer's head announced and that are still to come; -1: it announced none. */
  expected = -1;
  /** Bytes delivered and not consumed. */
  unconsumed = 0;
  /** Bytes consumed that the peer wasn't told of. */
  ungranted = 0;

  /** Our message is complete, and all of it has left. */
  localEnded = false;
  /** Our final head has left. */
  started = false;
  /** Bytes we may still send; below 0 when a setting took some back. */
  sendWindow: number;
  /** Data that the window doesn't allow, or the socket doesn't take; the first may be partly sent. */
  queue: Uint8Array[] = [];
  /** Bytes of the first of the queue that have left. */
  queueSent = 0;
  /** What the queue is followed by; undefined: more may come; empty: nothing; else trailers. */
  queueEnd: string | undefined = undefined;
  /** Since when the queue hasn't moved. */
  blockedAt = 0;
  readonly #port: StreamPort;

  constructor(id: number, port: StreamPort, receiveWindow: number, sendWindow: number) {
    this.id = id;
    this.#port = port;
    this.receiveWindow = receiveWindow;
    this.sendWindow = sendWindow;
  }

  /**
   * Sends the final answer's head.
   * @param text lines as `HeaderList.toText` has them
   * @param ends there is no body
   */
  respond(status: number, text: string, ends: boolean): void {
    if (this.closed || this.started) return;
    this.#port.sendHead(this, status, text, ends);
  }

  /** Sends an interim answer. @param status 100 to 199, not 101 */
  inform(status: number, text: string): void {
    if (this.closed || this.started) return;
    this.#port.sendHead(this, status, text, false);
  }

  /**
   * Sends some of the body.
   * @param ends that was all, and there are no trailers
   * @returns false: what doesn't fit is kept; write nothing more until `drain`
   */
  write(bytes: Uint8Array, ends = false): boolean {
    if (this.closed || this.localEnded || this.queueEnd !== undefined) return false;
    return this.#port.sendData(this, bytes, ends);
  }

  /** Ends our message, with trailers if there are any. @param trailers lines; empty: none */
  end(trailers = ""): void {
    if (this.closed || this.localEnded || this.queueEnd !== undefined) return;
    this.#port.sendEnd(this, trailers);
  }

  /** Bytes got by `data` are no longer in memory: the peer may send as many more. */
  consumed(bytes: number): void {
    if (!this.closed) this.#port.consume(this, bytes);
  }

  /** Gives the exchange up. @param reason one of `errorCode` */
  reset(reason: number): void {
    if (!this.closed) this.#port.abandon(this, reason);
  }
}
