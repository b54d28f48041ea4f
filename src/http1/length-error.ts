// The error of a body that does not have the length it was announced with.

import { ProxyError } from "../net/error.ts";

/** Somebody inside weir announced one length and delivered another: the message may not be completed. */
export function lengthError(which: "more" | "fewer"): ProxyError {
  return new ProxyError(`the body had ${which} bytes than its length said`, {
    code: "body-length",
    source: "internal",
    status: 500,
  });
}
