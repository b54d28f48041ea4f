// Puts middlewares before a handler, once, when the routing table is built.

import type { Handler } from "../http/handler.ts";
import type { Middleware } from "./middleware.ts";

/**
 * Folds middlewares and a handler into one handler. A request then costs one call per middleware, nothing else.
 * @param middlewares in the order requests pass them; answers pass them in the opposite order
 */
export function composeMiddlewares(middlewares: readonly Middleware[], handler: Handler): Handler {
  return middlewares.reduceRight((next, middleware) => middleware(next), handler);
}
