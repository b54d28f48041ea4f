// Ties a middleware's options to its schema, so that the two can't drift apart.

import type * as z from "zod";
import type { MiddlewareDefinition, MiddlewareSchema } from "./middleware.ts";

/** Declares a middleware; the options' type follows from the schema. @returns what `registry.ts` lists */
export function defineMiddleware<Options>(definition: MiddlewareDefinition<Options>): MiddlewareDefinition<Options> {
  return definition;
}

/**
 * Declares the options of a middleware whose code is still to come. The schema keeps its type, for those who derive
 * another from it. @returns what `schemas.ts` lists
 */
export function defineMiddlewareSchema<Schema extends z.ZodType>(
  declaration: MiddlewareSchema<Schema>,
): MiddlewareSchema<Schema> {
  return declaration;
}
