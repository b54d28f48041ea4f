// Schema of Middleware, in both API groups: one field, whose name is the middleware's kind.

import * as z from "zod";

/** `spec` of a Middleware; the options under each kind are checked by that kind's own schema. */
export const middlewareSpec = z.record(z.string(), z.unknown());

/** Middleware kinds of Traefik's Middleware object, so that one that weir lacks is told from a spelling mistake. */
export const traefikMiddlewareKinds = [
  "addPrefix",
  "stripPrefix",
  "stripPrefixRegex",
  "replacePath",
  "replacePathRegex",
  "chain",
  "ipWhiteList",
  "ipAllowList",
  "headers",
  "encodedCharacters",
  "errors",
  "rateLimit",
  "redirectRegex",
  "redirectScheme",
  "basicAuth",
  "digestAuth",
  "forwardAuth",
  "inFlightReq",
  "buffering",
  "circuitBreaker",
  "compress",
  "passTLSClientCert",
  "retry",
  "contentType",
  "grpcWeb",
  "plugin",
] as const;

/** What the provider needs of a middleware definition; the registry's definitions fit. */
export interface MiddlewareSchema {
  readonly schema: z.ZodType<unknown>;
}

/** Middleware kinds by name. */
export type MiddlewareSchemas = ReadonlyMap<string, MiddlewareSchema>;
