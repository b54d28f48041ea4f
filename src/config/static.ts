// The static configuration: what weir needs to know to start. Traefik's names; weir's defaults where they are stricter.

import * as z from "zod";
import { duration, integer, oneOf, signedDuration } from "../schema/primitives.ts";
import { entryPointSchema } from "./static-entry-points.ts";
import { accessLogSchema, apiSchema, logSchema, metricsSchema, pingSchema } from "./static-observability.ts";
import { providersSchema } from "./static-providers.ts";
import { spiffeSchema } from "./tls-schema.ts";

/** Accepted as they come; their issues will give them a schema. */
const later = z.looseObject({}).optional().describe("Accepted, without effect yet.");

const spiffe = spiffeSchema.optional()
  .describe("SPIFFE identities servers must have, below the given `rootCAs`; no workload API is asked.");

const serversTransport = z.strictObject({
  insecureSkipVerify: z.boolean().default(false).describe("Does not check the servers' certificates."),
  rootCAs: z.array(z.string()).default([]).describe("Certificate authorities, as files or PEM."),
  maxIdleConnsPerHost: integer({ min: 0 }).default(200).describe("Idle connections kept per server."),
  forwardingTimeouts: z.strictObject({
    dialTimeout: duration.default(30_000).describe("Time for all tries to connect; 0: the system's own limit."),
    responseHeaderTimeout: duration.default(60_000)
      .describe("Time until the head of the answer; 0: none. Traefik's default is 0."),
    idleConnTimeout: duration.default(60_000)
      .describe("Time an unused connection is kept; 0: for ever. Traefik's default is 90s."),
  }).prefault({}),
  spiffe,
}).prefault({});

const tcpServersTransport = z.strictObject({
  dialKeepAlive: signedDuration.default(15_000)
    .describe("Silence after which keep-alive probes are sent; 0: the default, less than 0: never."),
  dialTimeout: duration.default(30_000).describe("Time to connect; 0: the system's own limit."),
  terminationDelay: signedDuration.default(100)
    .describe("Time the other side has after one side has ended; less than 0: no limit."),
  tls: z.strictObject({
    insecureSkipVerify: z.boolean().default(false).describe("Does not check the servers' certificates."),
    rootCAs: z.array(z.string()).default([]).describe("Certificate authorities, as files or PEM."),
    spiffe,
  }).optional().describe("For servers that are spoken to in TLS."),
}).prefault({});

/** The whole static configuration. */
export const staticSchema = z.strictObject({
  global: z.strictObject({
    checkNewVersion: z.boolean().default(false).describe("Accepted. weir asks nobody for versions."),
    sendAnonymousUsage: z.boolean().default(false).describe("Accepted. weir sends nothing to anybody."),
    notAppendXForwardedFor: z.boolean().default(false).describe("Does not add peers to `X-Forwarded-For`."),
  }).prefault({}),
  entryPoints: z.record(z.string().min(1), entryPointSchema).default({}).describe("Named listeners."),
  providers: providersSchema,
  serversTransport,
  tcpServersTransport,
  api: apiSchema.optional().describe("The API and the dashboard."),
  ping: pingSchema.optional().describe("Answers `/ping` while weir is well."),
  log: logSchema,
  accessLog: accessLogSchema.optional().describe("A line per request."),
  metrics: metricsSchema,
  tracing: later,
  hostResolver: later,
  certificatesResolvers: z.record(z.string(), z.looseObject({}).describe("A certificate resolver."))
    .optional().describe("Accepted, without effect yet."),
  experimental: later,
  core: z.strictObject({
    defaultRuleSyntax: oneOf(["v3", "v2"]).default("v3").describe("Syntax of rules that say none."),
  }).prefault({}),
  spiffe: later,
  ocsp: later,
});

/** What {@link loadStatic} gives: durations are milliseconds, sizes bytes. */
export type StaticConfiguration = z.output<typeof staticSchema>;
