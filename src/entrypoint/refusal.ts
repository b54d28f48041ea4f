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

/** The client speaks the new protocol, at length, before anybody has agreed to it. */
export function tooEarly(): ProxyError {
  return badMessage("downstream", "early-bytes", "the client did not wait for the change of protocol");
}

/** A handler answers 101 to a request that asked for nothing of the kind. */
export function unaskedUpgrade(): ProxyError {
  const message = "a handler answered 101 to a request that asked for no such protocol";
  return new ProxyError(message, { code: "unasked-upgrade", source: "internal", status: 500 });
}
