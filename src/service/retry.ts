// Whether a failed try may be repeated on another server (promises: never a POST twice, no retry storms).

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyError } from "../net/error.ts";
import { idempotentMethods } from "./exchange.ts";

/** Further tries of a request that never left this process. */
export const MAX_UNSENT_RETRIES = 3;
/** Further tries of an idempotent request that a server may have seen. */
export const MAX_RESENT_RETRIES = 1;

const EARNED_PER_REQUEST = 0.2; // in a long outage at most 20 % more requests reach the servers
const FULL_BUDGET = 100; // a restarting backend breaks this many exchanges at once without an error for anybody

/**
 * How many requests may be sent twice. Requests that were not sent don't count: they cost no server anything.
 * Kept over reloads.
 */
export class RetryBudget {
  #tokens = FULL_BUDGET;

  /** A request came in. */
  earn(): void {
    if (this.#tokens < FULL_BUDGET) this.#tokens = Math.min(FULL_BUDGET, this.#tokens + EARNED_PER_REQUEST);
  }

  /** @returns false when there is none left */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** For `StateStore.take`. */
export function isRetryBudget(value: unknown): value is RetryBudget {
  return value instanceof RetryBudget;
}

/** Further tries of one request, so far. */
export interface FurtherTries {
  /** Because it was not sent. */
  unsent: number;
  /** Although a server may have seen it. */
  resent: number;
}

/** Whether the request may be sent once more after this failure. */
export function mayRetry(error: ProxyError, request: ProxyRequest, tries: FurtherTries): boolean {
  if (request.aborted !== undefined || request.body?.used === true) return false;
  if (error.retry === "unsent") return tries.unsent < MAX_UNSENT_RETRIES;
  // a protocol change is a conversation, which the server may have begun
  const isRepeatable = idempotentMethods.has(request.method) && request.upgrade === undefined;
  return error.retry === "idempotent" && isRepeatable && tries.resent < MAX_RESENT_RETRIES;
}

/** Counts a further try that {@link mayRetry} allowed. @returns false when the budget does not have it */
export function bookRetry(error: ProxyError, tries: FurtherTries, budget: RetryBudget): boolean {
  if (error.retry === "unsent") {
    tries.unsent++;
    return true;
  }
  tries.resent++;
  return budget.spend();
}
