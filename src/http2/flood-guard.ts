// Counts what a peer may do at no cost of its own, and says when it is too much.

import { EARLY_RESET_MS } from "./options.ts";

/** Frames without use that a peer may send at once; useful ones give the credit back. */
const CREDIT = 1000;
/** Credit that time gives back, per second. */
const PER_SECOND = 50;
/** What a frame costs that a peer has hardly a reason to send more than once. */
const DEAR = 10;
/** What a useful frame gives back: window updates of stream and connection, and a ping, may follow each. */
const BACK = 4;

/** The clock of whoever owns a connection: milliseconds, monotonic, may be coarse. */
export interface Clock {
  readonly now: number;
}

/** One per connection. Its methods answer true when the connection must end. */
export class FloodGuard {
  readonly #clock: Clock;
  readonly #maxResets: number;
  #credit = CREDIT;
  #creditedAt: number;
  #resets = 0;
  #resetsSince: number;
  /** Streams handed over that were reset in the current second: their work may still go on. */
  #recent = 0;
  #recentSince: number;

  constructor(clock: Clock, maxResets: number) {
    this.#clock = clock;
    this.#maxResets = maxResets;
    this.#creditedAt = this.#resetsSince = this.#recentSince = clock.now;
  }

  /** A frame that moves nothing: PING, PRIORITY, WINDOW_UPDATE, an unknown one. */
  idle(): boolean {
    return this.#pay(1);
  }

  /** SETTINGS, or a frame that is empty where it has no reason to be. */
  dear(): boolean {
    return this.#pay(DEAR);
  }

  /** A stream was opened, or data moved. */
  useful(): void {
    if (this.#credit < CREDIT) this.#credit += BACK;
  }

  /** A stream ended before its answer: the peer reset it, or did something for which we had to. */
  reset(wasHandedOver: boolean): boolean {
    const { now } = this.#clock;
    if (wasHandedOver) {
      this.#forgetRecent(now);
      this.#recent++;
    }
    if (now - this.#resetsSince > EARLY_RESET_MS) {
      this.#resetsSince = now;
      this.#resets = 0;
    }
    return ++this.#resets > this.#maxResets;
  }

  /** Streams that count as being worked on although they were reset. */
  get recentResets(): number {
    if (this.#recent > 0) this.#forgetRecent(this.#clock.now);
    return this.#recent;
  }

  #forgetRecent(now: number): void {
    if (now - this.#recentSince <= 1000) return;
    this.#recentSince = now;
    this.#recent = 0;
  }

  #pay(cost: number): boolean {
    this.#credit -= cost;
    if (this.#credit >= 0) return false;
    const { now } = this.#clock;
    this.#credit += Math.floor((now - this.#creditedAt) / 1000 * PER_SECOND);
    this.#credit = Math.min(this.#credit, CREDIT);
    this.#creditedAt = now;
    return this.#credit < 0;
  }
}
