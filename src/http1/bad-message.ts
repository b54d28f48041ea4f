// Refusals of malformed messages: never repaired, never forwarded.

import { ProxyError } from "../net/error.ts";

/** Which side sent the message being read; decides status and blame. */
export type Side = "downstream" | "upstream";

/**
 * The error for a message that breaks the rules.
 * @param status for a client's message; a backend's always becomes 502
 */
export function badMessage(side: Side, code: string, detail: string, status = 400): ProxyError {
  return new ProxyError(detail, { code, source: side, status: side === "downstream" ? status : 502 });
}
