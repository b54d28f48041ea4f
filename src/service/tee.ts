// One request body for several readers: the main one sets the pace, the others keep up or are dropped.

import type { Body, BodySink } from "../http/body.ts";
import { toStream } from "../http/body.ts";
import type { HeaderList } from "../http/header-list.ts";
import { ChunkQueue } from "../net/chunk-queue.ts";
import { ProxyError } from "../net/error.ts";

/**
 * Bytes a branch may be behind the main reader. A server that still has to be dialled (about a millisecond)
 * must survive what a fast client sends meanwhile; 1,000 branches at the limit hold 256 MiB.
 */
export const BRANCH_LIMIT = 256 * 1024;

/**
 * The main reader's side: it reads the source as if nobody else did, and what it has read is offered to the
 * branches.
 *
 * ```
 * source ──▶ Tee ──▶ main sink      its backpressure, and no other, reaches the source
 *             ├────▶ TeeBranch ▶ queue of at most BRANCH_LIMIT ▶ sink of a mirror
 *             └────▶ TeeBranch ▶ …
 * ```
 */
export class Tee implements Body {
  readonly length: number | undefined;
  readonly #source: Body;
  readonly #branches: TeeBranch[] = [];
  /** Bytes the branches may get in all; a longer body cuts them off. */
  readonly #maxBytes: number;
  #passed = 0;

  /** @param maxBytes bytes; a body that turns out longer is not for branches. -1: no limit */
  constructor(source: Body, maxBytes: number) {
    this.length = source.length;
    this.#source = source;
    this.#maxBytes = maxBytes < 0 ? Infinity : maxBytes;
  }

  get used(): boolean {
    return this.#source.used;
  }

  get trailers(): HeaderList | undefined {
    return this.#source.trailers;
  }

  /** Another reader. It must be made before the main one begins to read. */
  branch(limit: number = BRANCH_LIMIT): TeeBranch {
    const branch = new TeeBranch(this.length, limit);
    this.#branches.push(branch);
    return branch;
  }

  /** The exchange is over before the body is: the branches hear it, the source is not touched. */
  abandon(reason: ProxyError): void {
    for (const branch of this.#branches) shielded(branch, () => branch.drop(reason));
    this.#branches.length = 0;
  }

  takeWhole(): Uint8Array | undefined {
    const whole = this.#source.takeWhole();
    if (whole === undefined) return undefined;
    if (whole.length > 0) this.#offer(whole);
    this.#finish();
    return whole;
  }

  start(sink: BodySink): void {
    this.#source.start({
      chunk: (bytes) => {
        const more = sink.chunk(bytes);
        if (this.#branches.length > 0) this.#offer(bytes);
        return more;
      },
      end: () => {
        sink.end();
        this.#finish();
      },
      fail: (error) => {
        sink.fail(error);
        this.abandon(error);
      },
    });
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(): void {
    this.#source.cancel();
    this.abandon(cutOff("tee-main-cancelled", "the main service stopped reading the body"));
  }

  get stream(): ReadableStream<Uint8Array> {
    return toStream(this);
  }

  #offer(bytes: Uint8Array): void {
    this.#passed += bytes.length;
    if (this.#passed > this.#maxBytes) {
      this.abandon(cutOff("tee-body-too-large", `the body is longer than ${this.#maxBytes} bytes`));
      return;
    }
    for (const branch of this.#branches) shielded(branch, () => branch.offer(bytes));
  }

  #finish(): void {
    for (const branch of this.#branches) shielded(branch, () => branch.finish(this.trailers));
    this.#branches.length = 0;
  }
}

/** A branch's reader runs inside the main's read: what it throws ends the branch, and nothing else. */
function shielded(branch: TeeBranch, run: () => void): void {
  try {
    run();
  } catch {
    branch.cancel();
  }
}

/** What one branch reads: a bounded queue that never asks the source to wait. */
export class TeeBranch implements Body {
  readonly length: number | undefined;
  used = false;
  trailers: HeaderList | undefined = undefined;
  /** Told, once, when the branch is cut off: it fell behind, or the body broke off. */
  onDrop: ((reason: ProxyError) => void) | undefined = undefined;
  readonly #limit: number;
  readonly #queue = new ChunkQueue();
  #sink: BodySink | undefined = undefined;
  #blocked = true;
  #complete = false;
  #over = false;
  #error: ProxyError | undefined = undefined;

  constructor(length: number | undefined, limit: number) {
    this.length = length;
    this.#limit = limit;
  }

  /** Takes the next bytes, or drops the branch when they don't fit. */
  offer(bytes: Uint8Array): void {
    if (this.#over) return;
    if (!this.#blocked && this.#sink !== undefined) {
      this.#blocked = !this.#sink.chunk(bytes);
      return;
    }
    // one chunk always fits: a socket's read may be larger than the limit, and nothing has been late yet
    if (this.#queue.bytes > 0 && this.#queue.bytes + bytes.length > this.#limit) {
      this.drop(cutOff("mirror-too-slow", `more than ${this.#limit} bytes behind the main service`));
      return;
    }
    this.#queue.push(bytes);
  }

  /** That was all. @param trailers the fields that followed it */
  finish(trailers?: HeaderList): void {
    if (this.#over) return;
    this.trailers = trailers;
    this.#complete = true;
    if (this.#sink !== undefined && this.#queue.isEmpty) this.#end();
  }

  /** Cuts the branch off. */
  drop(reason: ProxyError): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = reason;
    this.#queue.clear();
    this.#sink?.fail(reason);
    this.onDrop?.(reason);
  }

  takeWhole(): Uint8Array | undefined {
    if (this.used || !this.#complete || this.#over) return undefined;
    this.used = true;
    this.#over = true;
    return this.#queue.takeAll();
  }

  start(sink: BodySink): void {
    if (this.used) throw new TypeError("body is used already");
    this.used = true;
    this.#sink = sink;
    if (this.#error === undefined) this.resume();
    else sink.fail(this.#error);
  }

  resume(): void {
    const sink = this.#sink;
    if (this.#over || sink === undefined || !this.#blocked) return;
    this.#blocked = false;
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      if (!sink.chunk(chunk)) {
        this.#blocked = true;
        break;
      }
      if (this.#over) return;
    }
    if (this.#complete && this.#queue.isEmpty) this.#end();
  }

  cancel(): void {
    this.used = true;
    this.#over = true;
    this.#queue.clear();
  }

  get stream(): ReadableStream<Uint8Array> {
    return toStream(this);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink?.end();
  }
}

function cutOff(code: string, message: string): ProxyError {
  return new ProxyError(message, { code, source: "internal", status: 502 });
}
