// What a TCP middleware is: one file with its schema, its documentation line and its code, listed in `schemas.ts`.

import type * as z from "zod";
import type { TcpMiddleware } from "../../net/tcp-session.ts";
import type { MiddlewareContext, MiddlewareSchema } from "../middleware.ts";

/** A kind of TCP middleware. */
export interface TcpMiddlewareDefinition<Options = unknown> extends MiddlewareSchema<z.ZodType<Options>> {
  /**
   * Builds it.
   * @throws {ProxyError} when it can't be built; every router that uses it is then taken down, never left open
   */
  create(options: Options, context: Pick<MiddlewareContext, "key" | "state" | "logger">): TcpMiddleware;
}

/** Declares a TCP middleware; the options' type follows from the schema. @returns what `schemas.ts` lists */
export function defineTcpMiddleware<Options>(
  definition: TcpMiddlewareDefinition<Options>,
): TcpMiddlewareDefinition<Options> {
  return definition;
}
