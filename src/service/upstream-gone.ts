// The error of a backend connection that ended at the wrong moment, and whether the request may be sent again.

import { ProxyError } from "../net/error.ts";

/** @param retry whether the request may be sent again */
export function upstreamGone(message: string, retry: "idempotent" | "never", cause?: unknown): ProxyError {
  return new ProxyError(message, { code: "backend-gone", source: "upstream", status: 502, retry, cause });
}

/** The same error of a request that may not be sent again any more: the backend has answered, or its body is gone. */
export function unrepeatable(error: ProxyError): ProxyError {
  if (error.retry === "never") return error;
  const { code, source, status, cause } = error;
  return new ProxyError(error.message, { code, source, status, retry: "never", cause });
}
