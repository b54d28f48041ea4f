// Finds out whether a request that gets no answer is slow, or lost on a server that has come back meanwhile.

import type { Clock } from "./clock.ts";
import { KubeError } from "./kube-error.ts";

/** A request under guard. */
export interface Guarded {
  /** Aborts with the caller's signal, or when the request is given up. */
  readonly signal: AbortSignal;
  /** Bytes arrived. */
  progress(): void;
  /** The request needs no guard any more; the signal still follows the caller's. */
  settle(): void;
  /** The request is over: lets go of the caller's signal. */
  release(): void;
}

/** How a guard finds out whether the server lives. */
export interface StallGuardOptions {
  /** Resolves true when the server answers; must not reject, nor outlive its signal. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>;
  /** Whether a probe may be sent now; a refusal is asked again at the next look. */
  readonly mayProbe: () => boolean;
  /** Told of each probe without an answer. */
  readonly silent: () => void;
}

interface Entry {
  readonly patienceMs: number;
  readonly controller: AbortController;
  progressAt: number;
}

/**
 * ```
 * request ──▶ no byte for `patienceMs` ──▶ probe (a tiny request) ─┬─▶ answered: the request is lost, give it up
 *                                                                  └─▶ silent: the server hangs, keep waiting
 * ```
 * A list that is slow on a living server is given up too; the caller retries it with twice the patience.
 */
export class StallGuard {
  readonly #clock: Clock;
  readonly #asking: StallGuardOptions;
  readonly #entries: Set<Entry>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #probing: AbortController | undefined;

  constructor(clock: Clock, asking: StallGuardOptions) {
    this.#clock = clock;
    this.#asking = asking;
    this.#entries = new Set();
    this.#timer = undefined;
    this.#probing = undefined;
  }

  /** @param patienceMs how long the request may stay silent before the server is probed */
  guard(signal: AbortSignal, patienceMs: number): Guarded {
    const controller = new AbortController();
    const entry: Entry = { patienceMs, controller, progressAt: this.#clock.now() };
    const abort = () => controller.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    this.#entries.add(entry);
    this.#arm();
    const settle = () => this.#remove(entry);
    return {
      signal: controller.signal,
      progress: () => {
        entry.progressAt = this.#clock.now();
      },
      settle,
      release: () => {
        settle();
        signal.removeEventListener("abort", abort);
      },
    };
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    if (this.#entries.size > 0) return;
    this.#probing?.abort(); // nobody waits for its answer any more
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look();
      if (this.#entries.size > 0) this.#arm();
    }, this.#clock.tickMs);
  }

  #look(): void {
    const now = this.#clock.now();
    let impatient = false;
    for (const entry of [...this.#entries]) {
      const silentMs = now - entry.progressAt;
      if (silentMs >= this.#clock.requestLimitMs) this.#giveUp(entry);
      else if (silentMs >= entry.patienceMs) impatient = true;
    }
    if (impatient && this.#probing === undefined && this.#asking.mayProbe()) void this.#ask();
  }

  async #ask(): Promise<void> {
    const controller = new AbortController();
    this.#probing = controller;
    const timer = setTimeout(() => controller.abort(), this.#clock.probeMs);
    const alive = await this.#asking.probe(controller.signal);
    clearTimeout(timer);
    this.#probing = undefined;
    if (!alive) {
      if (this.#entries.size > 0) this.#asking.silent(); // otherwise the probe was given up, and says nothing
      return;
    }
    const now = this.#clock.now();
    for (const entry of [...this.#entries]) if (now - entry.progressAt >= entry.patienceMs) this.#giveUp(entry);
  }

  #giveUp(entry: Entry): void {
    this.#remove(entry);
    const seconds = Math.round((this.#clock.now() - entry.progressAt) / 100) / 10;
    entry.controller.abort(new KubeError(`no byte for ${seconds} s`, { failure: "stalled" }));
  }
}
