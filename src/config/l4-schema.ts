// Services and transports of TCP and UDP as configuration files write them: Traefik's names and defaults.

import * as z from "zod";
import { duration, integer, oneOf, port, signedDuration } from "../schema/primitives.ts";
import { parseServerAddress } from "./address.ts";
import { weightedChildSchema } from "./service-schema.ts";
import { clientTlsSchema } from "./tls-schema.ts";

const DIAL_TIMEOUT_MS = 30_000;
const DIAL_KEEP_ALIVE_MS = 15_000;
const TERMINATION_DELAY_MS = 100;
const ADDRESS = 'must be a host and a port such as "10.0.0.5:6379" or "[fd00::5]:6379"';

/** `host:port`. */
export const serverAddress = z.string({ error: ADDRESS })
  .refine((text) => parseServerAddress(text) !== undefined, { error: ADDRESS })
  .meta({ format: "address" });

/** The header that tells a server who the client is. */
export const proxyProtocolSchema = z.strictObject({
  version: integer({ min: 1, max: 2 }).default(2).describe("Version of the PROXY protocol."),
});

const weightedSchema = z.strictObject({
  services: z.array(weightedChildSchema).default([]),
  healthCheck: z.strictObject({}).optional().describe("Accepted. Weir always passes the health of the children on."),
});

/** Active health checking of TCP servers. */
export const tcpHealthCheckSchema = z.strictObject({
  port: port.default(0).describe("Port of the probe; 0: the server's."),
  send: z.string().default("").describe("Sent once connected."),
  expect: z.string().default("").describe("What the answer must begin with; empty: anything."),
  interval: duration.default(30_000).describe("Time between two probes of a healthy server."),
  unhealthyInterval: duration.optional().describe(
    "Time between two probes of an unhealthy server. Default: `interval`.",
  ),
  timeout: duration.default(5_000).describe("Time a probe may take."),
});

const strategy = oneOf(["wrr", "p2c", "hrw", "leasttime"]).optional().describe(
  "weir: how a server is chosen; `hrw` goes by the client's address. Default: `wrr`.",
);

/** A TCP service: exactly one of these keys. */
export const tcpServiceSchema = z.strictObject({
  loadBalancer: z.strictObject({
    servers: z.array(z.strictObject({
      address: serverAddress.describe("Address of the server."),
      tls: z.boolean().default(false).describe("Speaks TLS to the server."),
    })).default([]).describe("The servers."),
    strategy,
    serversTransport: z.string().optional().describe("Name of the serversTransport."),
    healthCheck: tcpHealthCheckSchema.optional(),
    proxyProtocol: proxyProtocolSchema.optional().describe("Deprecated: it belongs to the serversTransport."),
    terminationDelay: integer().optional().describe(
      "Deprecated: it belongs to the serversTransport. Milliseconds; less than 0: no limit.",
    ),
  }).optional().describe("Sends connections to servers."),
  weighted: weightedSchema.optional().describe("Splits connections between services by weight."),
});

/** The options of a TCP serversTransport. */
export const tcpServersTransportSchema = z.strictObject({
  dialKeepAlive: signedDuration.default(DIAL_KEEP_ALIVE_MS).describe(
    "Silence after which keep-alive probes are sent; 0: the default, less than 0: never.",
  ),
  dialTimeout: duration.default(DIAL_TIMEOUT_MS).describe("Time to connect; 0: the system's own limit."),
  terminationDelay: signedDuration.default(TERMINATION_DELAY_MS).describe(
    "Time one side has to finish after the other has; less than 0: no limit.",
  ),
  proxyProtocol: proxyProtocolSchema.optional().describe("Tells servers who the client is."),
  tls: clientTlsSchema.optional().describe("Speaks TLS to all servers."),
});

/** A UDP service: exactly one of these keys. */
export const udpServiceSchema = z.strictObject({
  loadBalancer: z.strictObject({
    servers: z.array(z.strictObject({ address: serverAddress.describe("Address of the server.") })).default([])
      .describe("The servers."),
    strategy,
  }).optional().describe("Sends datagrams to servers."),
  weighted: weightedSchema.optional().describe("Splits clients between services by weight."),
});

/** See {@link tcpServiceSchema}. */
export type TcpServiceInput = z.output<typeof tcpServiceSchema>;
/** See {@link tcpServersTransportSchema}. */
export type TcpServersTransportInput = z.output<typeof tcpServersTransportSchema>;
/** See {@link udpServiceSchema}. */
export type UdpServiceInput = z.output<typeof udpServiceSchema>;
