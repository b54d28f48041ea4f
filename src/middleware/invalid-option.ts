// The error of a middleware that can't be built: its routers are then taken down, never left open (DESIGN D7).

import { ProxyError } from "../net/error.ts";

/**
 * @param field path of the option inside the middleware: `stripPrefix.prefixes[0]`
 * @param message quotes the value and says what was wanted
 */
export function invalidOption(field: string, message: string, cause?: unknown): ProxyError {
  return new ProxyError(`${field}: ${message}`, { code: "invalid-option", source: "internal", status: 500, cause });
}
