// What can go wrong between weir and the API server, as one error class the list-and-watch loop decides by.

import { ProxyError } from "../../../net/error.ts";

/**
 * What a failure means for the loop: `unreachable`, `server` and `bad-answer` pass with time; `expired` needs a new
 * list; `unauthorized` a new token; `forbidden` and `not-served` concern one kind only.
 */
export type KubeFailure =
  | "unreachable"
  | "stalled"
  | "server"
  | "bad-answer"
  | "throttled"
  | "expired"
  | "unauthorized"
  | "forbidden"
  | "not-served";

/** The fields of a {@link KubeError} besides its message. */
export interface KubeErrorOptions {
  readonly failure: KubeFailure;
  /** What the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A request to the API server that failed. */
export class KubeError extends ProxyError {
  readonly failure: KubeFailure;
  readonly retryAfterMs: number;

  constructor(message: string, options: KubeErrorOptions) {
    super(message, { code: `kube-${options.failure}`, source: "upstream", status: 502, cause: options.cause });
    this.name = "KubeError";
    this.failure = options.failure;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
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
