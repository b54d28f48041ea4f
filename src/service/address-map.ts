// What is kept of each backend address: as Pods come and go, so do addresses, so the unused ones are forgotten.

import type { Deadlines } from "../net/deadlines.ts";
import type { Target } from "./transport.ts";

const UNUSED_MS = 600_000; // those not asked for in this time are forgotten
const MIN_SWEEP = 64; // addresses; below, forgetting is not worth the look

/** Something kept per address. */
export interface PerAddress {
  /** When it was last asked for, by the clock of the transport's deadlines. */
  usedAt: number;
  /** Connections, and whatever waits for one; with any it is not forgotten. */
  readonly size: number;
  /** Nobody will ask for it any more. */
  retire(): void;
}

/** See the file's sentence. */
export class AddressMap<T extends PerAddress> {
  readonly #deadlines: Deadlines;
  readonly #create: (target: Target) => T;
  readonly #kept = new Map<string, T>();
  /** Addresses at which the unused ones are looked for. */
  #sweepAt = MIN_SWEEP;

  /** @param create must not keep more of the target than its host, port and authority: it is of the first who asks */
  constructor(deadlines: Deadlines, create: (target: Target) => T) {
    this.#deadlines = deadlines;
    this.#create = create;
  }

  /** How many are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** What is kept of the target's address, made when it is new. */
  get(target: Target): T {
    const key = target.authority;
    const known = this.#kept.get(key);
    if (known !== undefined) {
      known.usedAt = this.#deadlines.now;
      return known;
    }
    if (this.#kept.size >= this.#sweepAt) this.#sweep();
    const made = this.#create(target);
    made.usedAt = this.#deadlines.now;
    this.#kept.set(key, made);
    return made;
  }

  /** Forgets all of them. */
  retire(): void {
    for (const each of this.#kept.values()) each.retire();
    this.#kept.clear();
  }

  /** Costs a look at each address once per doubling, so next to nothing per address. */
  #sweep(): void {
    const before = this.#deadlines.now - UNUSED_MS;
    for (const [key, each] of this.#kept) {
      if (each.size > 0 || each.usedAt > before) continue;
      each.retire();
      this.#kept.delete(key);
    }
    this.#sweepAt = Math.max(MIN_SWEEP, 2 * this.#kept.size);
  }
}
