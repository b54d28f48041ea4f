// The one place where an error becomes what the client sees: a status and its reason, never a cause.

import { type ProxyError, toProxyError } from "../net/error.ts";
import { BytesBody } from "./body.ts";
import { HeaderList } from "./header-list.ts";
import type { ProxyRequest } from "./request.ts";
import { ProxyResponse } from "./response.ts";

const encoder = new TextEncoder();

/** Bodies of error answers: the reason alone, without newline and Content-Type, as Traefik's are. */
const bodies: ReadonlyMap<number, Uint8Array> = new Map(
  [
    [408, "Request Timeout"],
    [413, "Request Entity Too Large"],
    [414, "Request URI Too Long"],
    [417, "Expectation Failed"],
    [421, "Misdirected Request"],
    [426, "Upgrade Required"],
    [429, "Too Many Requests"],
    [431, "Request Header Fields Too Large"],
    [499, "Client Closed Request"],
    [500, "Internal Server Error"],
    [501, "Not Implemented"],
    [502, "Bad Gateway"],
    [503, "Service Unavailable"],
    [504, "Gateway Timeout"],
    [505, "HTTP Version Not Supported"],
  ].map(([status, text]) => [Number(status), encoder.encode(String(text))]),
);

/** The answer to a request that ended in `error`. A status that is not in the table has no body. */
export function errorResponse(error: ProxyError): ProxyResponse {
  return statusResponse(error.status);
}

/** An answer that says its status and nothing else. @param status 400 to 599 */
export function statusResponse(status: number): ProxyResponse {
  const bytes = bodies.get(status);
  return new ProxyResponse(status, new HeaderList(), bytes === undefined ? undefined : new BytesBody(bytes));
}

/**
 * The failure of a backend, noted with its request, for those who answer it before the entry point would.
 * @throws {ProxyError} when it is not the backend's: a client that is gone or at fault gets no answer here
 */
export function backendFailure(thrown: unknown, request: ProxyRequest): ProxyError {
  const error = toProxyError(thrown);
  if (error.source !== "upstream" || request.aborted !== undefined) throw error;
  request.record.errorCode = error.code;
  return error;
}
