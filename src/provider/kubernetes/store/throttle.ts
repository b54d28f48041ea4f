// Many changes, few rebuilds: the first at once, the following ones together.

/** Coalesces calls. */
export class Throttle {
  readonly #run: () => void;
  readonly #intervalMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pending: boolean;
  #resting: boolean;
  #stopped: boolean;

  /** @param intervalMs least time between two runs */
  constructor(run: () => void, intervalMs: number) {
    this.#run = run;
    this.#intervalMs = intervalMs;
    this.#timer = undefined;
    this.#pending = false;
    this.#resting = false;
    this.#stopped = false;
  }

  /** Something changed: runs soon. What changes in the same turn of the event loop is taken along. */
  trigger(): void {
    if (this.#stopped || this.#pending) return;
    this.#pending = true;
    if (!this.#resting) this.#arm(0);
  }

  /** Nothing runs any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => this.#fire(), ms);
  }

  #fire(): void {
    this.#resting = this.#pending;
    if (!this.#pending) return;
    this.#pending = false;
    this.#arm(this.#intervalMs);
    this.#run();
  }
}
