// Schemas of Middleware and MiddlewareTCP, in both API groups: one field, whose name is the middleware's kind.

import * as z from "zod";

/** `spec` of a Middleware; the options under each kind are checked by that kind's own schema. */
export const middlewareSpec = z.record(z.string(), z.unknown());

/** Kinds of Traefik's objects, so that one without a schema here is told from a spelling mistake. */
export const traefikMiddlewareKinds: readonly string[] = [
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
  "inFlightConn",
  "buffering",
  "circuitBreaker",
  "compress",
  "passTLSClientCert",
  "retry",
  "contentType",
  "grpcWeb",
  "plugin",
];
