// A body that tells when it is over.

import type { HeaderList } from "../http/header-list.ts";
import type { Body, BodySink } from "../http/body.ts";
import { toStream } from "../http/body.ts";

/** Passes a body on and calls back once, when it ended, failed, or was cancelled. */
export class WatchedBody implements Body {
  readonly length: number | undefined;
  readonly #source: Body;
  #over: (() => void) | undefined;

  constructor(source: Body, over: () => void) {
    this.length = source.length;
    this.#source = source;
    this.#over = over;
  }

  get used(): boolean {
    return this.#source.used;
  }

  get trailers(): HeaderList | undefined {
    return this.#source.trailers;
  }

  takeWhole(): Uint8Array | undefined {
    const whole = this.#source.takeWhole();
    if (whole !== undefined) this.#tell();
    return whole;
  }

  start(sink: BodySink): void {
    this.#source.start({
      chunk: (bytes) => sink.chunk(bytes),
      end: () => {
        sink.end();
        this.#tell();
      },
      fail: (error) => {
        sink.fail(error);
        this.#tell();
      },
    });
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(): void {
    this.#source.cancel();
    this.#tell();
  }

  get stream(): ReadableStream<Uint8Array> {
    return toStream(this);
  }

  #tell(): void {
    const over = this.#over;
    this.#over = undefined;
    over?.();
  }
}
