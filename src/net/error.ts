// The one error class of the proxy: what went wrong, whose fault it is, and what the client may be told.

/** Who caused an error: the client, the backend, or weir itself. */
export type ErrorSource = "downstream" | "upstream" | "internal";

/**
 * Whether another attempt is allowed. `unsent`: not one byte of the request left this process, so any
 * request may be sent elsewhere; `idempotent`: the backend may have seen it, so only idempotent ones.
 */
export type Retry = "unsent" | "idempotent" | "never";

/** The fields of a {@link ProxyError} besides its message. */
export interface ProxyErrorOptions {
  /** Machine-readable, in kebab case: `connect-refused`, `head-too-large`. */
  readonly code: string;
  readonly source: ErrorSource;
  /** The status the client gets when an answer is still possible. */
  readonly status: number;
  /** Default: `never`. */
  readonly retry?: Retry;
  readonly cause?: unknown;
}

/** An error with everything that decides status, log level and retry. Its message never reaches a client. */
export class ProxyError extends Error {
  readonly code: string;
  readonly source: ErrorSource;
  readonly status: number;
  readonly retry: Retry;

  constructor(message: string, options: ProxyErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ProxyError";
    this.code = options.code;
    this.source = options.source;
    this.status = options.status;
    this.retry = options.retry ?? "never";
  }
}

/** Turns anything thrown into a {@link ProxyError}; an unknown one is internal and answers 500. */
export function toProxyError(thrown: unknown): ProxyError {
  if (thrown instanceof ProxyError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ProxyError(message, { code: "internal", source: "internal", status: 500, cause: thrown });
}
