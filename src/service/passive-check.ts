// Passive health checking: a server that fails real requests gets none for a while.

import type { PassiveHealthCheck } from "../config/dynamic.ts";
import type { ServiceContext } from "./context.ts";
import { runAfter } from "./timer.ts";

/** Tells that a server is up or down, and why. */
export type Judge = (isUp: boolean, reason: string) => void;

/** Counts the failures of one server. */
export class PassiveCheck {
  readonly #config: PassiveHealthCheck;
  /** False: active checks exist, and their next success ends the break. */
  readonly #endsByItself: boolean;
  readonly #judge: Judge;
  #context: ServiceContext | undefined = undefined;
  /** Times of the latest failures, oldest first; never more than it takes to go down. */
  #failures: number[] = [];
  #stopTimer: (() => void) | undefined = undefined;

  constructor(config: PassiveHealthCheck, endsByItself: boolean, judge: Judge) {
    this.#config = config;
    this.#endsByItself = endsByItself;
    this.#judge = judge;
  }

  /** Sets whose clock counts. */
  attach(context: ServiceContext): void {
    this.#context = context;
  }

  /** One success clears the count. */
  succeeded(): void {
    if (this.#failures.length > 0) this.#failures = [];
  }

  /** Counts a failure; the last one allowed in the window takes the server out. */
  failed(reason: string): void {
    const context = this.#context;
    if (context === undefined || this.#stopTimer !== undefined) return;
    const { failureWindowMs, maxFailedAttempts } = this.#config;
    const now = context.now();
    this.#failures = this.#failures.filter((time) => now - time < failureWindowMs);
    this.#failures.push(now);
    const count = this.#failures.length;
    if (count < maxFailedAttempts) return;
    this.#failures = [];
    this.#judge(false, `${count} failed in ${failureWindowMs} ms; the last one: ${reason}`);
    if (!this.#endsByItself) return;
    this.#stopTimer = runAfter(context, failureWindowMs, () => {
      this.#stopTimer = undefined;
      this.#judge(true, "the failure window is over");
    });
  }

  /** The server was found up by somebody else. */
  reset(): void {
    this.#failures = [];
    this.#endBreak();
  }

  /** No service has the server any more: exchanges still under way are judged no more. */
  dispose(): void {
    this.#endBreak();
    this.#context = undefined;
  }

  #endBreak(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
