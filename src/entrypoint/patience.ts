// How long a client's connection may take for what it is doing.

import type { Deadlines, Waiting } from "../net/deadlines.ts";
import type { Http1Timeouts } from "./http1-server.ts";

/** How long a closing connection may still send, so that our last answer isn't lost to a reset. */
const LINGER_MS = 2_000;
/** A client that sent FIN gets its answer if bytes keep moving at this pace. */
const HALF_CLOSED_MS = 5_000;

/** Sets the deadline of one connection. */
export class Patience {
  /** The client sent FIN. */
  halfClosed = false;
  /** The client doesn't take its answers. */
  blocked = false;
  readonly #timeouts: Http1Timeouts;
  readonly #deadlines: Deadlines;
  readonly #owner: Waiting;
  /** End of the time for the whole request, then for the whole answer; 0: none. */
  #cap = 0;
  /** Bytes written, or still to be sent at the end, when a slow client was last looked at. */
  #seenBytes = 0;

  constructor(timeouts: Http1Timeouts, deadlines: Deadlines, owner: Waiting) {
    this.#timeouts = timeouts;
    this.#deadlines = deadlines;
    this.#owner = owner;
  }

  /** For a head, from its first byte or from accept. */
  forHead(): void {
    this.#wait(this.#timeouts.headMs);
  }

  /** For the next request, or until the client takes what it asked for. */
  forRequest(): void {
    this.#cap = 0;
    this.#wait(this.blocked ? this.#timeouts.writeIdleMs : this.#timeouts.keepAliveMs);
  }

  /** For a body as a whole. */
  forWholeBody(): void {
    const { readMs } = this.#timeouts;
    this.#cap = readMs === 0 ? 0 : this.#deadlines.now + readMs;
  }

  /** For more of a body. */
  forBody(): void {
    this.#wait(this.#timeouts.bodyIdleMs);
  }

  /** For nothing that is the client's business; the caps remain. */
  forOthers(): void {
    this.#wait(0);
  }

  /** For the whole answer, which somebody is making now. */
  forWholeAnswer(): void {
    const { writeMs } = this.#timeouts;
    this.#cap = writeMs === 0 ? 0 : this.#deadlines.now + writeMs;
    this.forAnswer();
  }

  /** For the answer's next bytes. */
  forAnswer(): void {
    if (this.blocked) this.#wait(this.#timeouts.writeIdleMs);
    else this.#wait(this.halfClosed ? HALF_CLOSED_MS : 0);
  }

  /** For the client's FIN. */
  forEnd(): void {
    this.#cap = 0;
    this.#seenBytes = 0;
    this.#wait(LINGER_MS);
  }

  /** Whether a client that is to close still takes the last answer; if so, it gets more time. */
  isTaking(unsent: number): boolean {
    if (unsent === 0 || unsent === this.#seenBytes) return false;
    this.#seenBytes = unsent;
    this.#wait(this.#timeouts.writeIdleMs);
    return true;
  }

  /** The client sent FIN while its answer is being made. @param written bytes of the answer so far */
  forHalfClosed(written: number): void {
    this.#seenBytes = written;
    this.forAnswer();
  }

  /** Whether a client that sent FIN still takes its answer; if so, it gets more time. */
  isRewarded(written: number): boolean {
    const isCapped = this.#cap !== 0 && this.#deadlines.isOver(this.#cap);
    if (!this.halfClosed || this.blocked || isCapped || written === this.#seenBytes) return false;
    this.forHalfClosed(written);
    return true;
  }

  /** Never beyond the cap of the whole read or write. @param ms 0: as long as the cap allows */
  #wait(ms: number): void {
    const until = ms === 0 ? 0 : this.#deadlines.now + ms;
    this.#owner.deadline = this.#cap !== 0 && (until === 0 || until > this.#cap) ? this.#cap : until;
  }
}
