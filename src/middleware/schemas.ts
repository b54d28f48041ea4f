// The options of all of Traefik's HTTP middlewares, those that weir serves and those that it does not serve yet.

import { addPrefix } from "./add-prefix.ts";
import { basicAuth } from "./basic-auth.ts";
import { buffering } from "./buffering.ts";
import { chain } from "./chain-middleware.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { contentType } from "./content-type.ts";
import { digestAuth } from "./digest-auth.ts";
import { encodedCharacters } from "./encoded-characters.ts";
import { errors } from "./errors.ts";
import { forwardAuth } from "./forward-auth.ts";
import { grpcWeb } from "./grpc-web.ts";
import { inFlightReq } from "./in-flight-req.ts";
import { ipAllowList } from "./ip-allow-list.ts";
import { ipWhiteList } from "./ip-white-list.ts";
import type { MiddlewareSchema } from "./middleware.ts";
import { passTLSClientCert } from "./pass-tls-client-cert.ts";
import { plugin } from "./plugin.ts";
import { rateLimit } from "./rate-limit.ts";
import { redirectRegex } from "./redirect-regex.ts";
import { redirectScheme } from "./redirect-scheme.ts";
import { middlewareRegistry } from "./registry.ts";
import { replacePath } from "./replace-path.ts";
import { replacePathRegex } from "./replace-path-regex.ts";
import { retry } from "./retry.ts";
import { stripPrefixRegex } from "./strip-prefix-regex.ts";

/** Kinds whose options are known and whose code is still to come: routers that use them are closed. */
const unserved: readonly MiddlewareSchema[] = [
  addPrefix,
  basicAuth,
  buffering,
  chain,
  circuitBreaker,
  contentType,
  digestAuth,
  encodedCharacters,
  errors,
  forwardAuth,
  grpcWeb,
  inFlightReq,
  ipAllowList,
  ipWhiteList,
  passTLSClientCert,
  plugin,
  rateLimit,
  redirectRegex,
  redirectScheme,
  replacePath,
  replacePathRegex,
  retry,
  stripPrefixRegex,
];

/** Options by kind, in the order of the kinds' names. */
export const middlewareSchemas: ReadonlyMap<string, MiddlewareSchema> = new Map(
  [...unserved, ...middlewareRegistry.values()]
    .map((declaration): [string, MiddlewareSchema] => [declaration.kind, declaration])
    .toSorted(([a], [b]) => a < b ? -1 : 1),
);
