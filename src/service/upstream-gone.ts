// The error of a backend connection that ended at the wrong moment.

import { ProxyError } from "../net/error.ts";

/** @param retry whether the request may be sent again */
export function upstreamGone(message: string, retry: "idempotent" | "never", cause?: unknown): ProxyError {
  return new ProxyError(message, { code: "backend-gone", source: "upstream", status: 502, retry, cause });
}
