// One door for all requests to an API server: how many may wait for an answer, and how seldom while it fails.

import type { Logger } from "../../../telemetry/logger.ts";
import type { Clock } from "./clock.ts";

/** What every message about a failure ends with. */
export const KEPT = "; what was read before stays in force";

const UNANSWERED = 8; // requests on their way at once: all that a server that has just died is asked in vain

/** A permission to send requests. Its holder says how it went, once; what is said later is not heard. */
export interface Turn {
  /**
   * Another request under the same turn: the next page, or the watch after the list.
   * @returns whether it may be sent; always, unless its answer had begun and too many others are on their way
   */
  again(): boolean;
  /** The answer began: somebody else may send meanwhile. */
  answered(): void;
  /** The server does what it should: everybody may go. */
  succeeded(): void;
  /** It does not. @param waitMs what it asked to be left alone for */
  failed(waitMs?: number): void;
}

interface Waiter {
  readonly go: () => void;
  /** Not before, unless the server recovers. */
  dueAt: number;
}

/**
 * ```
 *            fine: up to 8 unanswered requests
 *   failed() │  ▲ succeeded()
 *            ▼  │
 *            troubled: one request per 1 to 1.25 s, probes and pages counted
 * ```
 */
export class RetryGate {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiters: Set<Waiter>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unanswered: number;
  #isTroubled: boolean;
  #isDown: boolean;
  /** While troubled: when the next request may leave. */
  #nextAt: number;
  /** Until then the next request is to be a probe. */
  #reservedUntil: number;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#waiters = new Set();
    this.#timer = undefined;
    this.#unanswered = 0;
    this.#isTroubled = false;
    this.#isDown = false;
    this.#nextAt = 0;
    this.#reservedUntil = 0;
  }

  /** The API server does not answer at all: said once, until it does. */
  outage(message: string): void {
    if (this.#isDown) return;
    this.#isDown = true;
    this.#logger.error(`Kubernetes API: ${message}${KEPT}`);
  }

  /**
   * Resolves when it is the caller's turn, or when the signal aborts.
   * @param waitMs at least so long, unless the server recovers before
   */
  async enter(signal: AbortSignal, waitMs = 0): Promise<Turn> {
    if (waitMs > 0 || !this.#take()) await this.#queue(signal, waitMs);
    return this.#createTurn();
  }

  /**
   * For a probe, at once or not at all. One that is refused while the server fails goes before everybody else.
   * @returns whether it may be sent
   */
  tryTake(): boolean {
    if (!this.#isTroubled) return true;
    if (this.#clock.now() < this.#nextAt) {
      this.#reservedUntil = this.#nextAt + this.#clock.stepMs; // the guard looks more often than that
      return false;
    }
    this.#reservedUntil = 0;
    this.#charge();
    return true;
  }

  /** The server hangs, or says that it fails. */
  trouble(waitMs = 0): void {
    const now = this.#clock.now();
    // The first failure after a good while may be a broken connection: the next try need not wait.
    if (!this.#isTroubled) this.#nextAt = Math.max(this.#nextAt, now);
    this.#isTroubled = true;
    this.#nextAt = Math.max(this.#nextAt, now + waitMs);
    this.#arm();
  }

  /** @returns whether the caller may go; it is counted then */
  #take(): boolean {
    if (this.#isTroubled) {
      if (this.#waiters.size > 0 || this.#clock.now() < this.#openAt) return false;
      this.#charge();
    } else if (this.#unanswered >= UNANSWERED) return false;
    this.#unanswered++;
    return true;
  }

  /** While troubled: when somebody may go. */
  get #openAt(): number {
    return Math.max(this.#nextAt, this.#reservedUntil);
  }

  #charge(): void {
    const { now, stepMs, random } = this.#clock;
    this.#nextAt = Math.max(now(), this.#nextAt) + stepMs * (1 + random() / 4);
  }

  #queue(signal: AbortSignal, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        this.#unanswered++;
        return resolve();
      }
      const waiter: Waiter = {
        dueAt: this.#clock.now() + waitMs,
        go: () => {
          this.#waiters.delete(waiter);
          signal.removeEventListener("abort", waiter.go);
          this.#unanswered++;
          resolve();
        },
      };
      signal.addEventListener("abort", waiter.go);
      this.#waiters.add(waiter);
      this.#arm();
    });
  }

  #createTurn(): Turn {
    let isCounted = true;
    let isOver = false;
    const answered = () => {
      if (!isCounted) return;
      isCounted = false;
      this.#unanswered--;
      this.#letGo();
    };
    const over = (told: () => void) => () => {
      if (isOver) return answered();
      isOver = true;
      told();
      answered();
    };
    return {
      again: () => {
        if (this.#isTroubled) this.#charge();
        else if (!isCounted && this.#unanswered >= UNANSWERED) return false;
        if (!isCounted) this.#unanswered++;
        isCounted = true;
        return true;
      },
      answered,
      succeeded: over(() => this.#recover()),
      failed: (waitMs = 0) => over(() => this.trouble(waitMs))(),
    };
  }

  #recover(): void {
    if (this.#isDown) this.#logger.info("Kubernetes API: answers again");
    this.#isDown = false;
    if (!this.#isTroubled) return;
    this.#isTroubled = false;
    this.#reservedUntil = 0;
    for (const waiter of this.#waiters) waiter.dueAt = 0;
    this.#letGo();
  }

  /** Lets those go whose time has come, as many as may. */
  #letGo(): void {
    const now = this.#clock.now();
    for (const waiter of [...this.#waiters]) {
      if (this.#isTroubled ? now < this.#openAt : this.#unanswered >= UNANSWERED) break;
      if (now < waiter.dueAt) continue;
      if (this.#isTroubled) this.#charge();
      waiter.go();
    }
    this.#arm();
  }

  /** One timer, for whoever may go next. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiters.size === 0 || (!this.#isTroubled && this.#unanswered >= UNANSWERED)) return;
    let dueAt = Infinity;
    for (const waiter of this.#waiters) dueAt = Math.min(dueAt, waiter.dueAt);
    if (this.#isTroubled) dueAt = Math.max(dueAt, this.#openAt);
    this.#timer = setTimeout(() => this.#letGo(), Math.max(0, dueAt - this.#clock.now()));
  }
}
