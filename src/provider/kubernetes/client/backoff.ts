// How long to wait after failures, and one queue for everybody who waits for the same API server.

import type { Logger } from "../../../telemetry/logger.ts";
import type { Clock } from "./clock.ts";

/** What every message about a failure ends with. */
export const KEPT = "; what was read before stays in force";

const FIRST_MS = 800; // client-go's first step
const CAP_MS = 4000; // not client-go's 30 s: traffic must follow within 5 s of the API server's return

/** Doubles from 400–800 ms up to 2–4 s. @param failures how many there were before this one */
export function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return full * (0.5 + random() / 2);
}

interface Waiter {
  readonly go: () => void;
}

/**
 * Everybody whose request failed queues here; one at a time is let go, so that an outage costs one request per
 * step and not one per kind; the first success lets all the others go at once.
 */
export class RetryGate {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiters: Set<Waiter>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: number;
  #down: boolean;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#waiters = new Set();
    this.#timer = undefined;
    this.#round = 0;
    this.#down = false;
  }

  /** The API server does not answer at all: said once, until it does. */
  outage(message: string): void {
    if (this.#down) return;
    this.#down = true;
    this.#logger.error(`Kubernetes API: ${message}${KEPT}`);
  }

  /** Resolves when it is the caller's turn to try, or when the signal aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const waiter: Waiter = {
        go: () => {
          this.#waiters.delete(waiter);
          signal.removeEventListener("abort", waiter.go);
          if (this.#waiters.size === 0) this.#disarm();
          resolve();
        },
      };
      signal.addEventListener("abort", waiter.go);
      this.#waiters.add(waiter);
      this.#arm();
    });
  }

  /** The API server answered somebody. */
  succeeded(): void {
    if (this.#down) this.#logger.info("Kubernetes API: answers again");
    this.#down = false;
    this.#round = 0;
    for (const waiter of [...this.#waiters]) waiter.go();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#round++;
      const [first] = this.#waiters;
      first?.go();
      // The one just let go may hang: the next in line does not wait for it.
      if (this.#waiters.size > 0) this.#arm();
    }, backoffMs(this.#round, this.#clock.random));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
