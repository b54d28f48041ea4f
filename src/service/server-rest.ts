// A server that failed several times in a row gets no new requests for a moment, so that few have to be sent twice.

import type { ProxyError } from "../net/error.ts";

/** Failures in a row that send a server to rest: one is an accident, and two may be one restart. */
export const FAILURES_BEFORE_REST = 3;
/** The first rest; each following one without a success between lasts twice as long. */
export const FIRST_REST_MS = 1_000;
/** The longest rest: a server that has come back is used again within this time. */
export const LONGEST_REST_MS = 5_000;

/** The rests of one server. Health checks say who is down; this only says who is not worth a try right now. */
export class ServerRest {
  /** An answer came: passes it on. Bound once, so that a request needs no closure for it. */
  readonly passOn: <T>(answer: T) => T;
  #failures = 0;
  #restMs = FIRST_REST_MS;
  /** 0: awake. */
  #until = 0;

  constructor() {
    this.passOn = (answer) => {
      if (this.#failures > 0) this.#wake();
      return answer;
    };
  }

  /** @param now milliseconds of a monotonic clock */
  isResting(now: () => number): boolean {
    return this.#until !== 0 && now() < this.#until;
  }

  /**
   * A request failed. What a backend may not be blamed for, or answered too late, does not count.
   * @returns how long it rests, when this failure is what sends it to rest
   */
  failed(error: ProxyError, now: number): number | undefined {
    if (error.source !== "upstream" || error.retry === "never") return undefined;
    this.#failures++;
    if (this.#failures < FAILURES_BEFORE_REST || now < this.#until) return undefined;
    const restMs = this.#restMs;
    this.#until = now + restMs;
    this.#restMs = Math.min(LONGEST_REST_MS, restMs * 2);
    return restMs;
  }

  #wake(): void {
    this.#failures = 0;
    this.#restMs = FIRST_REST_MS;
    this.#until = 0;
  }
}

/** For `StateStore.take`. */
export function isServerRest(value: unknown): value is ServerRest {
  return value instanceof ServerRest;
}
