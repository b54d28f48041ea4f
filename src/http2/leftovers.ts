// What still comes of requests that were answered before they were complete: it is dropped, for a moment without a word.

import type { Clock } from "./flood-guard.ts";
import type { Http2Options } from "./options.ts";

/**
 * How long a client may take to see its answer, and to stop by itself. Seen with curl 7.88: told at once by RST_STREAM
 * that the rest is of no use, which RFC 9113 §8.1 allows, it takes that for a failure and forgets the answer.
 */
const PATIENCE_MS = 1000;
/** Requests of one connection that are treated so at most. */
const MOST = 32;
/** Of the streams a client may have open, those that may be no use to it. */
const SHARE = 0.25;

/** Windows that a client may fill with what is dropped: the second is given after its answer, so it has seen that. */
const WINDOWS = 1.5;

/** A request that goes on. */
interface Leftover {
  readonly since: number;
  /** Bytes dropped. */
  dropped: number;
}

/** What becomes of a stream whose bytes were dropped. */
type Verdict = "go on" | "give window" | "stop";

/** One per connection. A stream is named by its identifier; 0: none. */
export class Leftovers {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #window: number;
  /** Oldest first. */
  readonly #streams = new Map<number, Leftover>();

  constructor(clock: Clock, { maxConcurrentStreams, streamWindow }: Http2Options) {
    this.#clock = clock;
    this.#most = Math.min(MOST, Math.floor(maxConcurrentStreams * SHARE));
    this.#window = streamWindow;
  }

  /** A request was answered. */
  add(id: number): void {
    this.#streams.set(id, { since: this.#clock.now, dropped: 0 });
  }

  /** The rest of a stream's request is awaited, to be dropped. */
  has(id: number): boolean {
    return this.#streams.has(id);
  }

  /** @returns false: it wasn't there */
  remove(id: number): boolean {
    return this.#streams.delete(id);
  }

  /** Drops bytes of a stream. */
  drop(id: number, bytes: number): Verdict {
    const leftover = this.#streams.get(id);
    if (leftover === undefined) return "stop";
    const before = leftover.dropped;
    leftover.dropped += bytes;
    if (leftover.dropped >= WINDOWS * this.#window) return "stop";
    const half = this.#window / 2;
    return before < half && leftover.dropped >= half ? "give window" : "go on";
  }

  /** The oldest, when there are too many. */
  surplus(): number {
    return this.#streams.size > this.#most ? this.#oldest(Number.POSITIVE_INFINITY) : 0;
  }

  /** The oldest, when its client had time enough. */
  stale(): number {
    return this.#oldest(this.#clock.now - PATIENCE_MS);
  }

  #oldest(before: number): number {
    for (const [id, { since }] of this.#streams) return since < before ? id : 0;
    return 0;
  }
}
