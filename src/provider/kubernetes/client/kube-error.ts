// What can go wrong between weir and the API server, as one error class the list-and-watch loop decides by.

import { ProxyError } from "../../../net/error.ts";
import type { Problem } from "../../../schema/problem.ts";
import { summarizeProblem } from "../../../schema/problem-text.ts";

/**
 * What a failure means. For the list-and-watch loop: `unreachable`, `stalled`, `server` and `bad-answer` pass with
 * time; `expired` needs a new list; `unauthorized` a new token; `misconfigured` another configuration; `forbidden` and
 * `not-served` concern one kind only. For writes: `not-found` is the object, `conflict` somebody else was faster (or
 * was first: reason AlreadyExists), `invalid` and `refused` won't be accepted however often they are sent.
 */
export type KubeFailure =
  | "unreachable"
  | "stalled"
  | "server"
  | "bad-answer"
  | "throttled"
  | "expired"
  | "unauthorized"
  | "misconfigured"
  | "forbidden"
  | "not-served"
  | "not-found"
  | "conflict"
  | "invalid"
  | "refused";

/** The fields of a {@link KubeError} besides its message. */
export interface KubeErrorOptions {
  readonly failure: KubeFailure;
  /** The `reason` of the Status the server sent: `AlreadyExists`, `NotFound`. */
  readonly reason?: string;
  /** What the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** With `misconfigured`: what is wrong, and where. */
  readonly problem?: Problem;
  readonly cause?: unknown;
}

/** A request to the API server that failed. */
export class KubeError extends ProxyError {
  readonly failure: KubeFailure;
  /** Empty when the server gave none. */
  readonly reason: string;
  readonly retryAfterMs: number;
  readonly problem: Problem | undefined;

  constructor(message: string, options: KubeErrorOptions) {
    super(message, { code: `kube-${options.failure}`, source: "upstream", status: 502, cause: options.cause });
    this.name = "KubeError";
    this.failure = options.failure;
    this.reason = options.reason ?? "";
    this.retryAfterMs = options.retryAfterMs ?? 0;
    this.problem = options.problem;
  }
}

/** Something in weir's own configuration, or in a file it names, keeps it from asking at all. */
export function misconfigured(problem: Problem, cause?: unknown): KubeError {
  return new KubeError(summarizeProblem(problem), { failure: "misconfigured", problem, cause });
}

/** Turns whatever `fetch` or a body stream threw into a {@link KubeError}. */
export function toKubeError(thrown: unknown, what: string): KubeError {
  if (thrown instanceof KubeError) return thrown;
  return new KubeError(`${what}: ${describe(thrown)}`, { failure: "unreachable", cause: thrown });
}

/** Node says only "fetch failed" and hides the reason in `cause`, several levels deep. */
function describe(thrown: unknown): string {
  const texts: string[] = [];
  let current: unknown = thrown;
  for (let depth = 0; current instanceof Error && depth < 4; depth++) {
    if (current.message !== "" && !texts.includes(current.message)) texts.push(current.message);
    current = current.cause;
  }
  return texts.length === 0 ? String(thrown) : texts.join(": ");
}
