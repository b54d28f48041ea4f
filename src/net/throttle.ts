// Many changes, few rebuilds: the first at once, the following ones together.

const MOST_SHARES = 4; // times a run's own duration to rest after it: a storm gets a fifth of the processor
const MOST_REST_MS = 1_000; // that a long run asks for

/**
 * Coalesces calls. After each run it rests for as long as asked, and at least for as long as the run took, or the one
 * before if that was shorter: the first of all takes long. While one run follows the other it rests up to four times
 * that.
 *
 * ```
 * a change    ▼                    ▼   ▼ ▼                  ▼ ▼▼▼ ▼▼
 * run         ██                   ██    ██                 ██  ██    ██
 * rest          ──                   ──    ────               ──  ────  ──────
 * ```
 */
export class Throttle {
  readonly #run: () => void;
  readonly #leastMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPending: boolean;
  /** Runs in a row, without a rest in which nothing changed. */
  #row: number;
  /** How long the last run took. */
  #tookMs: number;
  #isStopped: boolean;

  /** @param leastMs time between the end of a run and the beginning of the next one */
  constructor(run: () => void, leastMs: number) {
    this.#run = run;
    this.#leastMs = leastMs;
    this.#timer = undefined;
    this.#isPending = false;
    this.#row = 0;
    this.#tookMs = 0;
    this.#isStopped = false;
  }

  /** Whether something changed since the last run. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Something changed: runs soon. What changes in the same turn of the event loop is taken along. */
  trigger(): void {
    if (this.#isStopped || this.#isPending) return;
    this.#isPending = true;
    this.#timer ??= this.#wait(0);
  }

  /** Runs now. */
  flush(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#isPending = false;
    this.#row++;
    const startedAt = performance.now();
    try {
      this.#run();
    } finally {
      const tookMs = performance.now() - startedAt;
      const restMs = Math.min(Math.min(tookMs, this.#tookMs) * Math.min(this.#row, MOST_SHARES), MOST_REST_MS);
      this.#tookMs = tookMs;
      clearTimeout(this.#timer); // of a change that the run itself made: it waits like any other
      this.#timer = this.#isStopped ? undefined : this.#wait(Math.max(this.#leastMs, restMs));
    }
  }

  /** Nothing runs any more. */
  stop(): void {
    this.#isStopped = true;
    this.#isPending = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#timer = undefined;
      if (this.#isPending) this.flush();
      else this.#row = 0;
    }, ms);
  }
}
