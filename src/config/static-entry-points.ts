// Entry points in the static configuration: Traefik's options, and a few of weir's own beside them.

import * as z from "zod";
import { cidr, duration, integer, nonEmptyString, oneOf, port, size } from "../schema/primitives.ts";
import { parseEntryPointAddress } from "./address.ts";
import { observabilitySchema, routerTlsSchema } from "./router-schema.ts";

const KIB = 1024;
const ADDRESS = 'must be "[host]:port[/tcp|/udp]" such as ":80", "127.0.0.1:8080" or "[::1]:53/udp"';
const MAX_PRIORITY = Number.MAX_SAFE_INTEGER - 1;

const lifeCycle = z.strictObject({
  requestAcceptGraceTimeout: duration.default(0)
    .describe("Time after the stop signal during which new requests are still accepted."),
  graceTimeOut: duration.default(10_000).describe("Time that requests under way have to finish after the stop signal."),
}).prefault({});

const respondingTimeouts = z.strictObject({
  readTimeout: duration.default(0).describe(
    "Time for a whole request, head and body; 0: none. Traefik's default is 60s.",
  ),
  writeTimeout: duration.default(0).describe("Time for a whole answer; 0: none."),
  idleTimeout: duration.default(180_000).describe("Time a connection may wait for its next request; 0: none."),
  headerTimeout: duration.default(10_000).describe("weir: time for the head of a request; 0: none."),
  bodyIdleTimeout: duration.default(60_000).describe("weir: time between two pieces of a request's body; 0: none."),
  writeIdleTimeout: duration.default(60_000).describe("weir: time a client may take nothing of its answer; 0: none."),
  tunnelIdleTimeout: duration.default(3_600_000).describe(
    "weir: silence that ends a TCP or upgraded connection; 0: none.",
  ),
  firstByteTimeout: duration.default(100).describe(
    "weir: silence after which a client beside TLS routers is taken to wait for a server that speaks first; 0: never.",
  ),
}).prefault({});

const transport = z.strictObject({
  lifeCycle,
  respondingTimeouts,
  keepAliveMaxTime: duration.default(0).describe("Age at which a connection is closed after its answer; 0: none."),
  keepAliveMaxRequests: integer({ min: 0 }).default(0).describe(
    "Requests after which a connection is closed; 0: none.",
  ),
  maxConnections: integer({ min: 0 }).default(0)
    .describe("weir: connections open at once; 0: four fifths of the open files allowed, 50000 at most."),
}).prefault({});

const trust = {
  insecure: z.boolean().default(false).describe("Trusts every peer."),
  trustedIPs: z.array(cidr).default([]).describe("Peers that are trusted: addresses and ranges."),
};

const forwardedHeaders = z.strictObject({
  ...trust,
  connection: z.array(nonEmptyString).default([])
    .describe("Headers that a client's `Connection` header may not remove."),
  notAppendXForwardedFor: z.boolean().default(false).describe("Does not add the peer to `X-Forwarded-For`."),
  addXForwardedSchemeHeaders: z.boolean().default(false).describe("Adds `X-Forwarded-Scheme` and `X-Scheme`."),
}).prefault({});

const redirections = z.strictObject({
  entryPoint: z.strictObject({
    to: nonEmptyString.describe("Entry point, or `:port`, to redirect to."),
    scheme: z.string().default("https").describe("Scheme of the redirection."),
    permanent: z.boolean().default(true).describe("Redirects for good."),
    priority: integer().default(MAX_PRIORITY).describe("Priority of the generated router."),
  }).describe("Where requests are sent instead."),
}).describe("Redirects every request.");

const encodedCharacters = z.strictObject({
  allowEncodedSlash: z.boolean().default(true).describe("Accepts %2F in paths."),
  allowEncodedBackSlash: z.boolean().default(false).describe("Accepts %5C in paths. Traefik's default is true."),
  allowEncodedNullCharacter: z.boolean().default(false).describe("Accepts %00 in paths. Traefik's default is true."),
  allowEncodedSemicolon: z.boolean().default(true).describe("Accepts %3B in paths."),
  allowEncodedPercent: z.boolean().default(true).describe("Accepts %25 in paths."),
  allowEncodedQuestionMark: z.boolean().default(true).describe("Accepts %3F in paths."),
  allowEncodedHash: z.boolean().default(true).describe("Accepts %23 in paths."),
}).prefault({});

const TOKEN = 'must be a protocol of the Upgrade header such as "websocket" or "SPDY/3.1"';
const H2C = "h2c is never passed on: what follows would reach the backend unseen, past every router and middleware";

const upgradeToken = z.string().superRefine((text, context) => {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)?$/.test(text)) {
    context.addIssue({ code: "custom", message: TOKEN });
  } else if (/^(?:h2c|http)(?:\/|$)/i.test(text)) context.addIssue({ code: "custom", message: H2C });
});

const http = z.strictObject({
  redirections: redirections.optional(),
  middlewares: z.array(nonEmptyString).default([])
    .describe("Middlewares before those of every router, as `name@provider`."),
  tls: routerTlsSchema.optional().describe("TLS of routers that have none of their own."),
  encodedCharacters,
  encodeQuerySemicolons: z.boolean().default(false).describe("Encodes semicolons in the query."),
  sanitizePath: z.boolean().default(true).describe("Removes `.`, `..` and doubled slashes from paths."),
  maxHeaderBytes: size.pipe(integer({ min: KIB })).default(64 * KIB)
    .describe("Largest head of a request. Traefik's default is 1 MiB."),
  maxHeaderFields: integer({ min: 1 }).default(100).describe("weir: most headers of a request."),
  maxRequestTargetBytes: size.pipe(integer({ min: 256 })).default(16 * KIB).describe("weir: longest request target."),
  upgrades: z.array(upgradeToken).default(["websocket"])
    .describe("weir: protocols that requests may change to, as the `Upgrade` header names them."),
  underscoreHeadersStrategy: oneOf(["keep", "delete", "reject"]).default("keep")
    .describe("What happens to headers with an underscore or dot; those that imitate a forwarded header always go."),
}).prefault({});

/** Every connection may fill its table, and keeps it for its whole life. */
const MAX_HEADER_TABLE = KIB * KIB;

const http2 = z.strictObject({
  maxConcurrentStreams: integer({ min: 1 }).default(100).describe("Streams per connection. Traefik's default is 250."),
  maxDecoderHeaderTableSize: size.pipe(integer({ max: MAX_HEADER_TABLE })).default(4096)
    .describe("Bytes of the table that clients may use to compress the header fields they send."),
  maxEncoderHeaderTableSize: size.pipe(integer({ max: MAX_HEADER_TABLE })).default(4096)
    .describe("Bytes of the table for header fields sent to a client, if it allows as many."),
}).prefault({});

const observability = z.strictObject({
  ...observabilitySchema.shape,
  accessLogs: z.boolean().default(true).describe("Writes access log lines."),
  metrics: z.boolean().default(true).describe("Counts requests."),
  tracing: z.boolean().default(true).describe("Sends traces."),
  traceVerbosity: oneOf(["minimal", "detailed"]).default("minimal").describe("How much a trace holds."),
}).prefault({});

/** One entry point. */
export const entryPointSchema = z.strictObject({
  address: z.string().superRefine((text, context) => {
    if (parseEntryPointAddress(text) === undefined) context.addIssue({ code: "custom", message: ADDRESS });
  }).describe("Where it listens: `[host]:port[/tcp|/udp]`."),
  allowACMEByPass: z.boolean().default(false).describe("Lets routers serve ACME challenges."),
  reusePort: z.boolean().default(false).describe("Shares the port with other processes."),
  asDefault: z.boolean().default(false).describe("Serves routers that name no entry point."),
  transport,
  proxyProtocol: z.strictObject(trust).optional().describe("Reads the PROXY protocol of trusted peers."),
  forwardedHeaders,
  http,
  http2,
  http3: z.strictObject({
    advertisedPort: port.default(0).describe("Port told to clients; 0: the entry point's."),
  }).optional().describe("Serves HTTP/3."),
  udp: z.strictObject({ timeout: duration.default(3_000).describe("Silence that ends a session.") }).prefault({}),
  observability,
});

/** An entry point; durations are milliseconds, sizes bytes. */
export type EntryPointConfiguration = z.output<typeof entryPointSchema>;
