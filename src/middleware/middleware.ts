// What a middleware is: one file with its schema, its documentation line and its code, listed in `registry.ts`.

import type * as z from "zod";
import type { Handler } from "../http/handler.ts";
import type { Runtime } from "../net/runtime.ts";
import type { StateStore } from "../net/state.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Puts itself before a handler. Called once per router, when the routing table is built. */
export type Middleware = (next: Handler) => Handler;

/** What a middleware may use while it is built. */
export interface MiddlewareContext {
  /** Name as logs show it; two middlewares may have the same. */
  readonly name: string;
  /** Unique, and the same in every build: what its state is kept under. */
  readonly key: string;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly state: StateStore;
}

/** What a kind of middleware is called and which options it has, whether weir has its code or not. */
export interface MiddlewareSchema<Schema extends z.ZodType = z.ZodType> {
  /** Traefik's option name: `stripPrefix`. */
  readonly kind: string;
  /** One line for the reference docs. */
  readonly summary: string;
  /** Names, types, defaults and documentation of its options. */
  readonly schema: Schema;
}

/** A kind of middleware. */
export interface MiddlewareDefinition<Options = unknown> extends MiddlewareSchema<z.ZodType<Options>> {
  /**
   * Builds it.
   * @throws {ProxyError} when it can't be built; every router that uses it is then taken down, never left open
   */
  create(options: Options, context: MiddlewareContext): Middleware;
}
