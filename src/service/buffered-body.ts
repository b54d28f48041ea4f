// The beginning of a body, read before anybody gets it: the whole if it is short, else what was read plus the rest.

import type { Body, BodySink } from "../http/body.ts";
import { toStream } from "../http/body.ts";
import type { HeaderList } from "../http/header-list.ts";
import { ChunkQueue } from "../net/chunk-queue.ts";
import type { ProxyError } from "../net/error.ts";

/** What reading a body's beginning gave. */
export type Buffered = { readonly whole: Uint8Array; readonly trailers: HeaderList | undefined } | {
  readonly rest: Body;
};

/**
 * Reads up to `limit` bytes.
 * @returns the whole, or for a longer body one that delivers all of it, read or not
 * @throws {ProxyError} when it broke off
 */
export function bufferBody(source: Body, limit: number): Promise<Buffered> {
  const chunks = new ChunkQueue();
  const whole = source.takeWhole();
  if (whole !== undefined) {
    if (whole.length <= limit) return Promise.resolve({ whole, trailers: source.trailers });
    chunks.push(whole);
    return Promise.resolve({ rest: new PrefixedBody(source, chunks, whole.length).ended() });
  }
  return new Promise((resolve, reject) => {
    let rest: PrefixedBody | undefined;
    source.start({
      chunk: (bytes) => {
        if (rest !== undefined) return rest.chunk(bytes);
        chunks.push(bytes);
        if (chunks.bytes <= limit) return true;
        rest = new PrefixedBody(source, chunks, source.length);
        resolve({ rest });
        return false;
      },
      end: () => {
        if (rest === undefined) resolve({ whole: chunks.takeAll(), trailers: source.trailers });
        else rest.end();
      },
      fail: (error) => {
        if (rest === undefined) reject(error);
        else rest.fail(error);
      },
    });
  });
}

/** A body whose first chunks were read already; the source goes on into it. */
class PrefixedBody implements Body, BodySink {
  readonly length: number | undefined;
  used = false;
  readonly #source: Body;
  readonly #prefix: ChunkQueue;
  #sink: BodySink | undefined = undefined;
  #isPaused = true;
  /** The source's end, when it came before the reader was ready for it. */
  #isEnded = false;
  #error: ProxyError | undefined = undefined;
  #isOver = false;

  constructor(source: Body, prefix: ChunkQueue, length: number | undefined) {
    this.#source = source;
    this.#prefix = prefix;
    this.length = length;
  }

  get trailers(): HeaderList | undefined {
    return this.#source.trailers;
  }

  /** Says that the prefix is all there is. */
  ended(): this {
    this.#isEnded = true;
    return this;
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.#isOver) return false;
    if (this.#sink === undefined || this.#isPaused || !this.#prefix.isEmpty) {
      this.#prefix.push(bytes);
      return false;
    }
    this.#isPaused = !this.#sink.chunk(bytes);
    return !this.#isPaused;
  }

  end(): void {
    this.#isEnded = true;
    if (this.#sink !== undefined && this.#prefix.isEmpty) this.#finish();
  }

  fail(error: ProxyError): void {
    if (this.#isOver) return;
    this.#error = error;
    this.#prefix.clear();
    if (this.#sink === undefined) return;
    this.#isOver = true;
    this.#sink.fail(error);
  }

  takeWhole(): undefined {
    return undefined;
  }

  start(sink: BodySink): void {
    if (this.used) throw new TypeError("body is used already");
    this.used = true;
    this.#sink = sink;
    if (this.#error === undefined) this.resume();
    else this.fail(this.#error);
  }

  resume(): void {
    const sink = this.#sink;
    if (this.#isOver || sink === undefined || !this.#isPaused) return;
    this.#isPaused = false;
    for (let chunk = this.#prefix.shift(); chunk !== undefined; chunk = this.#prefix.shift()) {
      if (!sink.chunk(chunk)) {
        this.#isPaused = true;
        return;
      }
      if (this.#isOver) return;
    }
    if (this.#isEnded) this.#finish();
    else this.#source.resume();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.used = true;
    this.#isOver = true;
    this.#prefix.clear();
    if (!this.#isEnded) this.#source.cancel();
  }

  get stream(): ReadableStream<Uint8Array> {
    return toStream(this);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink?.end();
  }
}
