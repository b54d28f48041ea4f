// Message bodies: a push source with backpressure, and Web Streams only for those who ask.

import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import { ChunkQueue } from "../net/chunk-queue.ts";
import type { HeaderList } from "./header-list.ts";

/** Where a body goes. Calls never overlap; after `end` or `fail` there are no more. */
export interface BodySink {
  /** @returns false: send nothing more until `resume()` is called on the body */
  chunk(bytes: Uint8Array): boolean;
  end(): void;
  /** The body broke off; what came before is not the whole. */
  fail(error: ProxyError): void;
}

/** A body that can be read once. */
export interface Body {
  /** Total bytes, when known before reading. */
  readonly length: number | undefined;
  /** True once somebody took, started or cancelled it. */
  readonly used: boolean;
  /** The fields that followed the body, where there were any; to be asked for when it has ended. */
  readonly trailers?: HeaderList | undefined;
  /** The whole body at once, when it is in memory already and nobody uses it; counts as reading it. */
  takeWhole(): Uint8Array | undefined;
  /** Begins delivery to `sink`, at once or later. @throws {TypeError} when used already */
  start(sink: BodySink): void;
  /** Goes on after `chunk` returned false. */
  resume(): void;
  /** Nobody wants the rest; the sink hears nothing more. */
  cancel(): void;
  /** The body as a Web Stream; counts as reading it. */
  readonly stream: ReadableStream<Uint8Array>;
}

/** What feeds a {@link PushBody}: usually a connection. */
export interface BodyOwner {
  /** The reader can't keep up: stop feeding. */
  pauseBody(): void;
  /** The reader wants more. */
  resumeBody(): void;
  /** The reader is gone: the rest must be drained or the connection closed. */
  cancelBody(): void;
}

/** A body that its owner pushes bytes into, as they arrive. Bytes that come before a reader are kept, and the owner paused. */
export class PushBody implements Body {
  readonly length: number | undefined;
  used = false;
  /** The last byte has been pushed. */
  complete = false;
  /** Set by the owner before `finish`. */
  trailers: HeaderList | undefined = undefined;
  readonly #owner: BodyOwner;
  #sink: BodySink | undefined = undefined;
  readonly #queue = new ChunkQueue();
  #blocked = true;
  #error: ProxyError | undefined = undefined;
  #over = false;

  constructor(length: number | undefined, owner: BodyOwner) {
    this.length = length;
    this.#owner = owner;
  }

  /** Owner's side: bytes of the body arrived. */
  push(chunk: Uint8Array): void {
    if (this.#over) return;
    if (this.#blocked || this.#sink === undefined || !this.#queue.isEmpty) {
      this.#queue.push(chunk);
      this.#owner.pauseBody();
      return;
    }
    if (!this.#sink.chunk(chunk)) this.#block();
  }

  /** Owner's side: that was all. */
  finish(): void {
    if (this.complete) return;
    this.complete = true;
    if (this.#sink !== undefined && this.#queue.isEmpty) this.#finishSink();
  }

  /** Owner's side: the body broke off. Bytes still queued are dropped. */
  fail(error: ProxyError): void {
    if (this.#over || (this.complete && this.#queue.isEmpty && this.#sink !== undefined)) return;
    this.#error = error;
    this.#queue.clear();
    if (this.#sink === undefined) return;
    this.#over = true;
    this.#sink.fail(error);
  }

  takeWhole(): Uint8Array | undefined {
    if (this.used || !this.complete || this.#error !== undefined) return undefined;
    this.used = true;
    this.#over = true;
    return this.#queue.takeAll();
  }

  start(sink: BodySink): void {
    if (this.used) throw new TypeError("body is used already");
    this.used = true;
    this.#sink = sink;
    if (this.#error !== undefined) {
      this.#over = true;
      sink.fail(this.#error);
      return;
    }
    this.resume();
  }

  resume(): void {
    if (this.#over || this.#sink === undefined || !this.#blocked) return;
    this.#blocked = false;
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      if (!this.#sink.chunk(chunk)) {
        this.#blocked = true;
        return;
      }
      if (this.#over) return;
    }
    if (this.complete) this.#finishSink();
    else this.#owner.resumeBody();
  }

  cancel(): void {
    if (this.#over) return;
    this.used = true;
    this.#over = true;
    this.#queue.clear();
    if (!this.complete) this.#owner.cancelBody();
  }

  get stream(): ReadableStream<Uint8Array> {
    return toStream(this);
  }

  #block(): void {
    if (this.#blocked || this.#over) return;
    this.#blocked = true;
    if (!this.complete) this.#owner.pauseBody();
  }

  #finishSink(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink?.end();
  }
}

/** A body that is in memory as a whole. */
export class BytesBody implements Body {
  readonly length: number;
  used = false;
  readonly trailers: HeaderList | undefined;
  readonly #bytes: Uint8Array;
  #sink: BodySink | undefined = undefined;

  /** @param trailers the fields that follow the body */
  constructor(bytes: Uint8Array, trailers?: HeaderList) {
    this.trailers = trailers;
    this.#bytes = bytes;
    this.length = bytes.length;
  }

  takeWhole(): Uint8Array | undefined {
    if (this.used) return undefined;
    this.used = true;
    return this.#bytes;
  }

  start(sink: BodySink): void {
    if (this.used) throw new TypeError("body is used already");
    this.used = true;
    this.#sink = sink;
    if (this.length === 0 || sink.chunk(this.#bytes)) this.resume();
  }

  resume(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end();
  }

  cancel(): void {
    this.used = true;
    this.#sink = undefined;
  }

  get stream(): ReadableStream<Uint8Array> {
    return toStream(this);
  }
}

/** A body read from a Web Stream: what user code and `fetch` handlers answer with. */
export class StreamBody implements Body {
  readonly length: number | undefined;
  used = false;
  readonly #source: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined = undefined;
  #sink: BodySink | undefined = undefined;

  constructor(source: ReadableStream<Uint8Array>, length?: number) {
    this.#source = source;
    this.length = length;
  }

  takeWhole(): undefined {
    return undefined;
  }

  start(sink: BodySink): void {
    if (this.used) throw new TypeError("body is used already");
    this.used = true;
    this.#sink = sink;
    this.#reader = this.#source.getReader();
    this.resume();
  }

  resume(): void {
    this.#pump().catch((thrown: unknown) => {
      const sink = this.#sink;
      this.#sink = undefined;
      sink?.fail(toProxyError(thrown));
    });
  }

  cancel(): void {
    this.used = true;
    this.#sink = undefined;
    const cancelled = this.#reader === undefined ? this.#source.cancel() : this.#reader.cancel();
    cancelled.catch(() => undefined); // the producer's own clean-up failed: nobody is left to tell
  }

  get stream(): ReadableStream<Uint8Array> {
    this.used = true;
    return this.#source;
  }

  async #pump(): Promise<void> {
    while (this.#sink !== undefined && this.#reader !== undefined) {
      const { done, value } = await this.#reader.read();
      const sink = this.#sink;
      if (sink === undefined) return;
      if (done) {
        this.#sink = undefined;
        return sink.end();
      }
      if (!sink.chunk(value)) return;
    }
  }
}

/** Any body as a Web Stream with backpressure. */
export function toStream(body: Body): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      body.start({
        chunk(bytes) {
          controller.enqueue(bytes);
          return (controller.desiredSize ?? 0) > 0;
        },
        end: () => controller.close(),
        fail: (error) => controller.error(error),
      });
    },
    pull: () => body.resume(),
    cancel: () => body.cancel(),
  });
}

/**
 * Reads a body to its end.
 * @param limit bytes; a longer body is cancelled
 * @returns undefined when it was longer than `limit`
 * @throws {ProxyError} when it broke off
 */
export function readWhole(body: Body, limit: number): Promise<Uint8Array | undefined> {
  const whole = body.takeWhole();
  if (whole !== undefined) return Promise.resolve(whole.length > limit ? undefined : whole);
  return new Promise((resolve, reject) => {
    const chunks = new ChunkQueue();
    body.start({
      chunk(bytes) {
        chunks.push(bytes);
        if (chunks.bytes <= limit) return true;
        chunks.clear();
        body.cancel();
        resolve(undefined);
        return false;
      },
      end: () => resolve(chunks.takeAll()),
      fail: reject,
    });
  });
}
