// Ties a middleware's options to its schema, so that the two can't drift apart.

import type { MiddlewareDefinition } from "./middleware.ts";

/** Declares a middleware; the options' type follows from the schema. @returns what `registry.ts` lists */
export function defineMiddleware<Options>(definition: MiddlewareDefinition<Options>): MiddlewareDefinition<Options> {
  return definition;
}
