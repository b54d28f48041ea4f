// A body that is compressed on its way, chunk by chunk, with backpressure in both directions.

import type { Body, BodyOwner, BodySink } from "../http/body.ts";
import { PushBody } from "../http/body.ts";
import type { HeaderList } from "../http/header-list.ts";
import { ProxyError } from "../net/error.ts";
import type { Coding, Compressor, CompressorHandler, Runtime } from "../net/runtime.ts";

/** How a body is compressed. */
export interface CompressionOptions {
  readonly coding: Coding;
  readonly runtime: Runtime;
  /** Every chunk leaves at once: for event streams, where each is a message somebody waits for. */
  readonly flushEach: boolean;
}

/** Facts about the bytes that are no longer true of the compressed ones, in the head as in the trailers. */
export const staleFields: readonly string[] = [
  ...["Content-Length", "Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest"],
];

/**
 * Milliseconds that bytes of a slow body may stay inside the compressor. Chunks of a fast body follow each other more
 * quickly, so that they are compressed together.
 */
const FLUSH_MS = 2;

/** @returns the compressed body; nothing is read or allocated before somebody starts reading it */
export function compressBody(source: Body, options: CompressionOptions): Body {
  return new Compression(source, options).output;
}

/**
 * Stands between a body and its reader.
 *
 * ```
 * source ──chunk──▶ compressor ──data──▶ output (PushBody) ──▶ reader
 *    ◀─resume── when both have room: drained ─┘   └─ pauseBody, resumeBody
 * ```
 */
class Compression implements BodyOwner {
  readonly output: PushBody;
  readonly #source: Body;
  readonly #options: CompressionOptions;
  #compressor: Compressor | undefined = undefined;
  /** The compressor has more to do than it should. */
  #full = false;
  /** The reader can't keep up. */
  #paused = false;
  /** The source was told to wait. */
  #waiting = false;
  #ended = false;
  #over = false;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(source: Body, options: CompressionOptions) {
    this.output = new PushBody(undefined, this);
    this.#source = source;
    this.#options = options;
  }

  pauseBody(): void {
    this.#paused = true;
  }

  /** Also the reader's start. */
  resumeBody(): void {
    this.#paused = false;
    if (this.#compressor === undefined) this.#start();
    else this.#goOn();
  }

  cancelBody(): void {
    this.#stop();
    this.#source.cancel();
  }

  #start(): void {
    if (this.#over) return;
    const { coding, runtime } = this.#options;
    this.#compressor = runtime.compressor(coding, this.#handler());
    if (this.#compressor === undefined) this.#break(`${runtime.name} can't produce ${coding}`);
    else this.#source.start(this.#sink(this.#compressor));
  }

  #sink(compressor: Compressor): BodySink {
    return {
      chunk: (bytes) => {
        if (this.#over) return false;
        this.#full = !compressor.write(bytes);
        if (this.#options.flushEach) compressor.flush();
        else this.#timer ??= setTimeout(() => this.#flush(compressor), FLUSH_MS);
        this.#waiting = this.#full || this.#paused;
        return !this.#waiting;
      },
      end: () => {
        if (this.#over) return;
        this.#ended = true;
        clearTimeout(this.#timer);
        compressor.end();
      },
      fail: (error) => {
        if (this.#over) return;
        this.#stop();
        this.output.fail(error);
      },
    };
  }

  #handler(): CompressorHandler {
    return {
      data: (chunk) => this.output.push(chunk),
      drained: () => {
        this.#full = false;
        this.#goOn();
      },
      end: () => {
        if (this.#over) return;
        this.#over = true;
        this.output.trailers = trailersOf(this.#source);
        this.output.finish();
      },
      fail: (error) => this.#break(error.message, error),
    };
  }

  #flush(compressor: Compressor): void {
    this.#timer = undefined;
    if (!this.#over && !this.#ended) compressor.flush();
  }

  #goOn(): void {
    if (this.#over || !this.#waiting || this.#full || this.#paused) return;
    this.#waiting = false;
    this.#source.resume();
  }

  #break(reason: string, cause?: Error): void {
    if (this.#over) return;
    this.#stop();
    this.#source.cancel();
    this.output.fail(
      new ProxyError(`compressing a body with ${this.#options.coding} failed: ${reason}`, {
        code: "compress-failed",
        source: "internal",
        status: 500,
        cause,
      }),
    );
  }

  #stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#compressor?.cancel();
  }
}

function trailersOf({ trailers }: Body): HeaderList | undefined {
  if (trailers !== undefined) { for (const name of staleFields) trailers.delete(name); }
  return trailers;
}
