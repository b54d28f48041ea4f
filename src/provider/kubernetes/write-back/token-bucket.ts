// How often something may happen: a burst at first, then at a steady rate.

/** The limits of a bucket. */
export interface BucketLimits {
  readonly burst: number;
  /** Milliseconds until one more token is there. */
  readonly refillMs: number;
}

/** Tokens that come back with time. */
export class TokenBucket {
  readonly #limits: BucketLimits;
  /** Below zero: as many are promised. */
  #tokens: number;
  #at: number;

  constructor(limits: BucketLimits, now: number) {
    this.#limits = limits;
    this.#tokens = limits.burst;
    this.#at = now;
  }

  /** Takes a token, be it one that is still to come. @returns milliseconds until it is there */
  reserve(now: number): number {
    const { burst, refillMs } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) / refillMs) - 1;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : -this.#tokens * refillMs;
  }
}
