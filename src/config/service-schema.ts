// Services and transports as configuration files write them: Traefik's names and defaults.

import * as z from "zod";
import { duration, integer, nonEmptyString, oneOf, port, size, statusRange, url } from "../schema/primitives.ts";
import { clientTlsSchema, clientTlsVersionsSchema } from "./tls-schema.ts";

const DIAL_TIMEOUT_MS = 30_000;
const RESPONSE_HEADER_TIMEOUT_MS = 60_000; // Traefik has none; a backend that never answers would hold a client for ever
const IDLE_CONNECTION_TIMEOUT_MS = 60_000;
const MAX_IDLE_CONNECTIONS_PER_HOST = 200;

/** Turned on by being there; weir looks at the health of children without being asked. */
const healthCheckSwitch = z.strictObject({}).optional()
  .describe("Accepted. Weir always passes the health of the children on.");

/** `sticky.cookie` and its defaults. */
export const stickySchema = z.strictObject({
  cookie: z.strictObject({
    name: z.string().optional().describe("Name of the cookie. Default: derived from the service's name."),
    secure: z.boolean().default(false).describe("Sets the `Secure` attribute."),
    httpOnly: z.boolean().default(false).describe("Sets the `HttpOnly` attribute."),
    sameSite: oneOf(["none", "lax", "strict"]).optional().describe("Sets the `SameSite` attribute."),
    maxAge: integer().default(0).describe("Seconds the cookie lives; 0 leaves it to the browser session."),
    path: z.string().default("/").describe("Sets the `Path` attribute."),
    domain: z.string().optional().describe("Sets the `Domain` attribute."),
  }).optional().describe("Keeps a client at one server by a cookie."),
});

/** Active health checking and its defaults. */
export const healthCheckSchema = z.strictObject({
  scheme: oneOf(["http", "https"]).optional().describe("Scheme of the probe. Default: the server's."),
  mode: oneOf(["http", "grpc"]).default("http").describe("Protocol of the probe."),
  path: z.string().default("/").describe("Path of the probe."),
  method: nonEmptyString.default("GET").describe("Method of the probe."),
  status: integer({ min: 0, max: 599 }).default(0).describe("Status that counts as healthy; 0: any of 200 to 399."),
  port: port.default(0).describe("Port of the probe; 0: the server's."),
  interval: duration.default(30_000).describe("Time between two probes of a healthy server."),
  unhealthyInterval: duration.optional().describe(
    "Time between two probes of an unhealthy server. Default: `interval`.",
  ),
  timeout: duration.default(5_000).describe("Time a probe may take."),
  hostname: z.string().optional().describe("Host header of the probe."),
  followRedirects: z.boolean().default(true).describe("Follows redirects of the probe."),
  headers: z.record(z.string(), z.string()).default({}).describe("Headers of the probe."),
});

/** Passive health checking and its defaults. */
export const passiveHealthCheckSchema = z.strictObject({
  failureWindow: duration.default(10_000).describe("Time within which failures are counted, and a server then rests."),
  maxFailedAttempts: integer({ min: 1 }).default(1).describe("Failures that put a server out of use."),
});

const serverSchema = z.strictObject({
  url: url(["http", "https", "h2c"]).describe("Address of the server: scheme, host, port."),
  weight: integer({ min: 0 }).default(1).describe("Share of requests; 0 takes no new ones."),
  preservePath: z.boolean().default(false).describe("Puts the URL's path before the request's."),
  fenced: z.boolean().optional().describe("Serves only clients that are sticky to it."),
});

const loadBalancerSchema = z.strictObject({
  servers: z.array(serverSchema).default([]).describe("The servers."),
  strategy: oneOf(["wrr", "p2c", "hrw", "leasttime"]).default("wrr").describe("How a server is chosen."),
  sticky: stickySchema.optional(),
  healthCheck: healthCheckSchema.optional(),
  passiveHealthCheck: passiveHealthCheckSchema.optional(),
  passHostHeader: z.boolean().default(true).describe("Sends the client's Host header on."),
  responseForwarding: z.strictObject({ flushInterval: duration.optional() }).optional()
    .describe("Accepted. Weir passes every chunk on at once."),
  serversTransport: z.string().optional().describe("Name of the serversTransport."),
  middlewares: z.array(nonEmptyString).optional().describe("Names of middlewares before the servers."),
});

/** A child of a weighted service, of any protocol. */
export const weightedChildSchema = z.strictObject({
  name: nonEmptyString.describe("Name of the service."),
  weight: integer({ min: 0 }).default(1).describe("Share of requests; 0 takes none."),
});

const weightedSchema = z.strictObject({
  services: z.array(weightedChildSchema).default([]),
  sticky: stickySchema.optional(),
  healthCheck: healthCheckSwitch,
});

const highestRandomWeightSchema = z.strictObject({
  services: z.array(weightedChildSchema).default([]),
  healthCheck: healthCheckSwitch,
});

const mirroringSchema = z.strictObject({
  service: nonEmptyString.describe("Name of the service that answers."),
  mirrorBody: z.boolean().default(true).describe("Copies request bodies, too."),
  maxBodySize: size.default(-1).describe("Largest body that is mirrored; -1: no limit."),
  mirrors: z.array(z.strictObject({
    name: nonEmptyString.describe("Name of the service that gets copies."),
    percent: integer({ min: 0, max: 100 }).default(0).describe("Share of requests copied."),
  })).default([]),
  healthCheck: healthCheckSwitch,
});

const failoverSchema = z.strictObject({
  service: nonEmptyString.describe("Name of the service that answers while it is healthy."),
  fallback: nonEmptyString.describe("Name of the service that stands in."),
  healthCheck: healthCheckSwitch,
  errors: z.strictObject({
    status: z.array(statusRange).default([]).describe("Answers that count as failure."),
    maxRequestBodyBytes: size.default(-1).describe("Largest body kept for a second try; -1: no limit."),
  }).optional(),
});

/** A service: exactly one of these keys. */
export const serviceSchema = z.strictObject({
  loadBalancer: loadBalancerSchema.optional().describe("Sends requests to servers."),
  weighted: weightedSchema.optional().describe("Splits requests between services by weight."),
  mirroring: mirroringSchema.optional().describe("Copies requests to other services."),
  failover: failoverSchema.optional().describe("Has a spare service."),
  highestRandomWeight: highestRandomWeightSchema.optional().describe("Chooses a service by the client's address."),
});

/** The options of a serversTransport. */
export const serversTransportSchema = z.strictObject({
  ...clientTlsSchema.shape,
  ...clientTlsVersionsSchema.shape,
  maxIdleConnsPerHost: integer({ min: 0 }).default(MAX_IDLE_CONNECTIONS_PER_HOST)
    .describe("Idle connections kept per server."),
  disableHTTP2: z.boolean().default(false).describe("Does not speak HTTP/2 to servers."),
  forwardingTimeouts: z.strictObject({
    dialTimeout: duration.default(DIAL_TIMEOUT_MS).describe("Time to connect; 0: the system's own limit."),
    responseHeaderTimeout: duration.default(RESPONSE_HEADER_TIMEOUT_MS)
      .describe("Time until the head of the answer; 0: none."),
    idleConnTimeout: duration.default(IDLE_CONNECTION_TIMEOUT_MS)
      .describe("Time an unused connection is kept; 0: for ever."),
    readIdleTimeout: duration.default(0).describe("HTTP/2: silence after which a ping is sent."),
    pingTimeout: duration.default(15_000).describe("HTTP/2: time a ping may take."),
  }).prefault({}).describe("How long weir waits for servers."),
});

/** A service as {@link serviceSchema} gives it. */
export type ServiceInput = z.output<typeof serviceSchema>;

/** A transport as {@link serversTransportSchema} gives it. */
export type ServersTransportInput = z.output<typeof serversTransportSchema>;
