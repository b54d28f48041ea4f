// Timeouts without a timer per connection: one coarse sweep over everything that waits.

/** Something that may wait too long. */
export interface Waiting {
  /** When it expires, in milliseconds of `Deadlines.now`; 0: it isn't waiting for anything. */
  deadline: number;
  /** Called once per expiry, after `deadline` was set to 0. */
  expire(): void;
}

// A deadline is set by reading `now`, which is as old as the last sweep. It counts as over this much later, so that
// none fires early; the price is that one may fire up to STALE_MS + SWEEP_MS late. Setting one costs a field write.
const STALE_MS = 100;
const SWEEP_MS = 80; // less than STALE_MS, for timers that come late
const STALL_MS = 40; // by which a sweep is late when this process, and not a client, kept everybody waiting

/**
 * A set of things with deadlines, swept every {@link SWEEP_MS} while it is not empty.
 * Chosen over timers because a proxied request moves several deadlines and hardly ever reaches one.
 */
export class Deadlines {
  /** A monotonic clock that advances with the sweep; good enough for timeouts. It stands still while nothing waits. */
  now: number;
  readonly #clock: () => number;
  readonly #waiting = new Set<Waiting>();
  #timer: ReturnType<typeof setInterval> | undefined = undefined;
  /** The sweep that was due was put off. */
  #isPutOff = false;

  /** @param clock milliseconds, monotonic; tests bring their own */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.now = clock();
  }

  /** How many things are watched over. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Watches over `item` until it is removed. Add before reading `now`, which may have stood still until then. */
  add(item: Waiting): void {
    this.#waiting.add(item);
    if (this.#timer !== undefined) return;
    this.now = this.#clock();
    this.#timer = setInterval(() => this.#tick(), SWEEP_MS);
  }

  /** Forgets `item`. */
  remove(item: Waiting): void {
    this.#waiting.delete(item);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Tells whether a deadline, worked out from `now`, has passed for certain. */
  isOver(deadline: number): boolean {
    return deadline <= this.now - STALE_MS;
  }

  /** Moves the clock, and expires what is due. The timer's business; tests call it themselves. */
  sweep(): void {
    this.now = this.#clock();
    this.#expire();
  }

  /** After a stall of our own, what arrived meanwhile is read before anybody is called silent: one sweep is put off. */
  #tick(): void {
    const before = this.now;
    this.now = this.#clock();
    this.#isPutOff = !this.#isPutOff && this.now - before > SWEEP_MS + STALL_MS;
    if (!this.#isPutOff) this.#expire();
  }

  #expire(): void {
    for (const item of this.#waiting) {
      if (item.deadline === 0 || !this.isOver(item.deadline)) continue;
      item.deadline = 0;
      item.expire();
    }
  }
}
