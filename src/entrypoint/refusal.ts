// Why an exchange with a client ended early.

import { badMessage } from "../http1/bad-message.ts";
import { ProxyError } from "../net/error.ts";

/** The client took too long. */
export function clientTimeout(code: string, detail: string): ProxyError {
  return badMessage("downstream", code, detail, 408);
}

/** The client sent FIN before its request was complete. */
export function incompleteBody(): ProxyError {
  return badMessage("downstream", "incomplete-body", "the client ended within the request's body");
}

/** The client left; 499 is what logs and metrics say, nobody is there to read it. */
export function clientGone(message: string, cause?: unknown): ProxyError {
  return new ProxyError(message, { code: "client-gone", source: "downstream", status: 499, cause });
}
