// What providers need to know of middlewares, by the name of their kind.

import type * as z from "zod";

/** What the provider needs of a middleware definition; the registry's definitions fit. */
export interface MiddlewareSchema {
  readonly schema: z.ZodType<unknown>;
  /** One line for `kubectl explain`. */
  readonly summary?: string;
}

/** Middleware kinds by name, with their options as files write them. */
export type MiddlewareSchemas = ReadonlyMap<string, MiddlewareSchema>;

/** The kinds that Middleware and MiddlewareTCP objects may have. */
export interface MiddlewareKinds {
  readonly http: MiddlewareSchemas;
  readonly tcp: MiddlewareSchemas;
}
