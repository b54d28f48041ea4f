// Timeouts without a timer per connection: one coarse sweep over everything that waits.

/** Something that may wait too long. */
export interface Waiting {
  /** When it expires, in milliseconds of `Deadlines.now`; 0: it isn't waiting for anything. */
  deadline: number;
  /** Called once per expiry, after `deadline` was set to 0. */
  expire(): void;
}

const TICK_MS = 100; // a timeout fires up to this much late; setting one costs a field write

/**
 * A set of things with deadlines, swept every {@link TICK_MS} while it is not empty.
 * Chosen over timers because a proxied request moves several deadlines and hardly ever reaches one.
 */
export class Deadlines {
  /** A monotonic clock that advances with the sweep; good enough for timeouts. */
  now: number;
  readonly #waiting = new Set<Waiting>();
  #timer: ReturnType<typeof setInterval> | undefined = undefined;

  constructor() {
    this.now = performance.now();
  }

  /** Watches over `item` until it is removed. */
  add(item: Waiting): void {
    this.#waiting.add(item);
    if (this.#timer !== undefined) return;
    this.now = performance.now();
    this.#timer = setInterval(() => this.#sweep(), TICK_MS);
  }

  /** Forgets `item`. */
  remove(item: Waiting): void {
    this.#waiting.delete(item);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    this.now = performance.now();
    for (const item of this.#waiting) {
      if (item.deadline === 0 || item.deadline > this.now) continue;
      item.deadline = 0;
      item.expire();
    }
  }
}
