// Routers as configuration files write them: Traefik's names and defaults.

import * as z from "zod";
import { integer, nonEmptyString, oneOf } from "../schema/primitives.ts";

/** Names of one certificate. */
export const domainSchema = z.strictObject({
  main: nonEmptyString.describe("First name of the certificate."),
  sans: z.array(nonEmptyString).optional().describe("Further names."),
});

/** TLS wishes, of a router or of all routers of an entry point. */
export const routerTlsSchema = z.strictObject({
  options: z.string().optional().describe("Name of the TLS options."),
  certResolver: z.string().optional().describe("Name of the certificate resolver."),
  domains: z.array(domainSchema.describe("A certificate to ask for.")).optional().describe("Certificates to ask for."),
});

/** TLS wishes of a TCP router. */
export const tcpRouterTlsSchema = routerTlsSchema.extend({
  passthrough: z.boolean().default(false).describe(
    "Hands the bytes to the server as they are, which has the certificate.",
  ),
});

/** Which signals are sent. */
export const observabilitySchema = z.strictObject({
  accessLogs: z.boolean().optional().describe("Writes access log lines."),
  metrics: z.boolean().optional().describe("Counts requests."),
  tracing: z.boolean().optional().describe("Sends traces."),
  traceVerbosity: oneOf(["minimal", "detailed"]).optional().describe("How much a trace holds."),
});

const ruledFields = {
  entryPoints: z.array(nonEmptyString).optional().describe("Names of entry points. Default: the default ones."),
  rule: nonEmptyString.describe("What it takes: requests, or connections."),
  ruleSyntax: oneOf(["v3", "v2"]).optional().describe("Syntax of the rule. Default: `core.defaultRuleSyntax`."),
  priority: integer().optional().describe("Higher goes first; 0: the length of the rule."),
  middlewares: z.array(nonEmptyString).optional().describe("Names of middlewares, in order."),
  service: nonEmptyString.describe("Name of the service."),
};

/** A router. */
export const routerSchema = z.strictObject({
  ...ruledFields,
  tls: routerTlsSchema.optional().describe("Takes TLS connections only."),
  observability: observabilitySchema.optional(),
  parentRefs: z.unknown().optional().refine((value) => value === undefined, {
    error: "is not supported yet: join the rules of parent and child in one router",
  }),
});

/** A router as {@link routerSchema} gives it. */
export type RouterInput = z.output<typeof routerSchema>;

/** A router of connections. */
export const tcpRouterSchema = z.strictObject({
  ...ruledFields,
  tls: tcpRouterTlsSchema.optional().describe("Takes TLS connections only."),
});

/** A router of datagrams. */
export const udpRouterSchema = z.strictObject({
  entryPoints: z.array(nonEmptyString).optional().describe("Names of entry points: UDP has no default ones."),
  service: nonEmptyString.describe("Name of the service."),
});

/** See {@link tcpRouterSchema}. */
export type TcpRouterInput = z.output<typeof tcpRouterSchema>;

/** See {@link routerTlsSchema}. */
export type RouterTlsInput = z.output<typeof routerTlsSchema>;
