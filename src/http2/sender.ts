// Sends the bodies of all streams of a connection: as much as the windows allow, no more than the socket takes, in turn.

import type { Clock } from "./flood-guard.ts";
import type { Output } from "./output.ts";
import { DEFAULT_FRAME_SIZE, DEFAULT_WINDOW, flag, frameType, MAX_31 } from "./protocol.ts";
import type { Http2Stream } from "./stream.ts";

/** Bytes that wait for the flush at most; more, and it comes at once, so that the socket can say when it is full. */
const FLUSH_AT = 65_536;

/** What a sender needs of its connection. */
export interface SenderOwner {
  /** Hands what waits to the socket. */
  flush(): void;
  /** Sees to it that `flush` is called soon. */
  wake(): void;
  /** Writes trailers, which end the stream. */
  writeTrailers(stream: Http2Stream, text: string): void;
  /** The last byte of a stream is written. */
  localEnded(stream: Http2Stream): void;
  /** Data was sent. */
  moved(): void;
}

/** One per connection. */
export class Sender {
  /** Bytes the connection may still send. */
  window = DEFAULT_WINDOW;
  /** The socket takes nothing at the moment. */
  blocked = false;
  /** Streams that can't go on: their queue doesn't fit a window, or the socket is full. Taken in turn. */
  readonly #waiting = new Set<Http2Stream>();
  readonly #out: Output;
  readonly #clock: Clock;
  readonly #owner: SenderOwner;

  constructor(out: Output, clock: Clock, owner: SenderOwner) {
    this.#out = out;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Streams that wait for the peer, or for the socket. */
  get waiting(): ReadonlySet<Http2Stream> {
    return this.#waiting;
  }

  /** Sends data, or keeps it. @returns false: the stream is to wait */
  send(stream: Http2Stream, bytes: Uint8Array, ends: boolean): boolean {
    if (ends) stream.queueEnd = "";
    if (bytes.length > 0) stream.queue.push(bytes);
    else if (!ends) return true;
    this.#run(stream);
    if (stream.localEnded) return true;
    if (stream.queue.length === 0 && !this.blocked) return true;
    this.#wait(stream);
    return false;
  }

  /** Ends a stream behind its data. @param trailers lines; empty: none */
  end(stream: Http2Stream, trailers: string): void {
    stream.queueEnd = trailers;
    if (stream.queue.length === 0) this.#finish(stream);
  }

  /** The peer gave one stream more window. @returns false: it is too much */
  grow(stream: Http2Stream, bytes: number): boolean {
    stream.sendWindow += bytes;
    if (stream.sendWindow > MAX_31) return false;
    if (!this.blocked && this.window > 0 && this.#waiting.has(stream)) this.#turn(stream, Number.POSITIVE_INFINITY);
    return true;
  }

  /** The peer gave the connection more window. @returns false: it is too much */
  growAll(bytes: number): boolean {
    this.window += bytes;
    if (this.window > MAX_31) return false;
    this.pump();
    return true;
  }

  /** The socket takes bytes again. */
  drained(): void {
    this.blocked = false;
    for (const stream of this.#waiting) stream.blockedAt = this.#clock.now;
    this.pump();
  }

  /** A stream is closed: what it still had to send is dropped. */
  forget(stream: Http2Stream): void {
    this.#waiting.delete(stream);
    stream.queue = [];
  }

  /** Lets the waiting streams send, a frame each in turn. */
  pump(): void {
    let progress = this.#waiting.size > 0;
    while (progress && !this.blocked) {
      progress = false;
      for (const stream of [...this.#waiting]) {
        if (this.blocked) return;
        if (this.#waiting.has(stream) && this.#turn(stream, 1)) progress = true;
      }
    }
  }

  /** @returns true when something moved */
  #turn(stream: Http2Stream, frames: number): boolean {
    const moved = this.#run(stream, frames);
    if (moved) stream.blockedAt = this.#clock.now;
    if (stream.queue.length > 0 || this.blocked || stream.closed) return moved;
    this.#waiting.delete(stream);
    if (!stream.localEnded) stream.handler?.drain();
    return true;
  }

  #wait(stream: Http2Stream): void {
    if (this.#waiting.has(stream)) return;
    stream.blockedAt = this.#clock.now;
    this.#waiting.add(stream);
  }

  /** Sends from a stream's queue. @returns true when something moved */
  #run(stream: Http2Stream, frames = Number.POSITIVE_INFINITY): boolean {
    let moved = false;
    for (let count = 0; count < frames && !this.blocked; count++) {
      const bytes = stream.queue[0];
      if (bytes === undefined || !this.#sendFrame(stream, bytes)) break;
      moved = true;
    }
    if (stream.queue.length === 0 && stream.queueEnd !== undefined && !stream.localEnded) this.#finish(stream);
    return moved;
  }

  /** @returns false: there is no window */
  #sendFrame(stream: Http2Stream, bytes: Uint8Array): boolean {
    const from = stream.queueSent;
    const length = Math.min(bytes.length - from, this.window, stream.sendWindow, DEFAULT_FRAME_SIZE);
    if (length <= 0) return false;
    const isLast = from + length === bytes.length;
    if (isLast) {
      stream.queue.shift();
      stream.queueSent = 0;
    } else stream.queueSent = from + length;
    const ends = isLast && stream.queue.length === 0 && stream.queueEnd === "";
    this.window -= length;
    stream.sendWindow -= length;
    this.#out.frame(frameType.data, ends ? flag.endStream : 0, stream.id, length);
    this.#out.copy(length === bytes.length ? bytes : bytes.subarray(from, from + length));
    this.#owner.moved();
    if (ends) this.#ended(stream);
    if (this.#out.at >= FLUSH_AT) this.#owner.flush();
    else this.#owner.wake();
    return true;
  }

  /** Nothing but the end is left to send. */
  #finish(stream: Http2Stream): void {
    const { queueEnd } = stream;
    if (queueEnd === undefined || stream.localEnded) return;
    if (queueEnd === "") this.#out.frame(frameType.data, flag.endStream, stream.id, 0);
    else this.#owner.writeTrailers(stream, queueEnd);
    this.#owner.wake();
    this.#ended(stream);
  }

  #ended(stream: Http2Stream): void {
    stream.localEnded = true;
    this.#waiting.delete(stream);
    this.#owner.localEnded(stream);
  }
}
