// From an entry point's static configuration to what its listener and its HTTP/1.1 server need.

import { parseEntryPointAddress } from "../config/address.ts";
import type { StaticConfiguration } from "../config/static.ts";
import type { EntryPointConfiguration } from "../config/static-entry-points.ts";
import type { EntryPointOptions } from "../entrypoint/entry-point.ts";
import type { Http1Options } from "../entrypoint/http1-server.ts";
import type { UdpEntryPointOptions } from "../entrypoint/udp-entry-point.ts";
import type { TcpServerOptions } from "../entrypoint/tcp-server.ts";
import { encodedCharacterFilter } from "../http/path.ts";
import { createCidrSet, parseCidr } from "../net/cidr.ts";
import type { ProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";

/** Share of the open files that client connections may take; the rest is for backends, logs and the API. */
const FILE_SHARE = 0.8;
const MAX_CONNECTIONS = 50_000;
/** Each session has a socket, and TCP clients need theirs, too. */
const SESSION_SHARE = 0.4;
const MAX_SESSIONS = 16_384;
const DEFAULT_UDP_TIMEOUT_MS = 3_000;

/** Where TLS is expected though no option says so. */
const HTTPS_PORTS: ReadonlySet<number> = new Set([443, 8443]);

/** What hears of an entry point's exchanges. */
export type ExchangeListener =
  & Pick<Http1Options, "finished" | "failed" | "refused">
  & Pick<TcpServerOptions, "rejected">;

/** What an entry point's options depend on besides its own configuration. */
export interface EntryPointSurroundings {
  readonly config: StaticConfiguration;
  readonly runtime: Runtime;
  readonly listener: ExchangeListener;
  /** Told when an entry point can't be used any more. */
  failed(error: ProxyError): void;
}

/** Works out the options of one entry point. @returns undefined for UDP, and for an address that is none */
export function entryPointOptions(
  name: string,
  entryPoint: EntryPointConfiguration,
  { config, runtime, listener, failed }: EntryPointSurroundings,
): EntryPointOptions | undefined {
  const address = parseEntryPointAddress(entryPoint.address);
  if (address === undefined || address.protocol === "udp") return undefined;
  const { host, port } = address;
  const { reusePort, transport } = entryPoint;
  const maxConnections = transport.maxConnections === 0 ? connectionCap(runtime) : transport.maxConnections;
  const http1 = http1Options(name, entryPoint, config, runtime.hostname);
  const tcp = { ...tcpOptions(name, entryPoint), rejected: listener.rejected };
  return {
    host,
    port,
    reusePort,
    maxConnections,
    http1: { ...http1, ...listener },
    http2: {
      maxConcurrentStreams: entryPoint.http2.maxConcurrentStreams,
      decoderTable: entryPoint.http2.maxDecoderHeaderTableSize,
      encoderTable: entryPoint.http2.maxEncoderHeaderTableSize,
    },
    tcp,
    expectsTls: entryPoint.http.tls !== undefined || HTTPS_PORTS.has(port),
    failed,
  };
}

/** Works out the options of one UDP entry point. @returns undefined for TCP, and for an address that is none */
export function udpEntryPointOptions(
  name: string,
  { address: text, udp }: EntryPointConfiguration,
  { runtime, failed }: { readonly runtime: Runtime; readonly failed: UdpEntryPointOptions["failed"] },
): UdpEntryPointOptions | undefined {
  const address = parseEntryPointAddress(text);
  if (address?.protocol !== "udp") return undefined;
  const { host, port } = address;
  const maxSessions = Math.min(MAX_SESSIONS, Math.floor((runtime.fileLimit ?? Infinity) * SESSION_SHARE));
  // Without an end, every client that ever was would keep a socket.
  const timeoutMs = udp.timeout === 0 ? DEFAULT_UDP_TIMEOUT_MS : udp.timeout;
  return { name, host, port, timeoutMs, maxSessions, failed };
}

function tcpOptions(
  name: string,
  { transport: { respondingTimeouts }, proxyProtocol }: EntryPointConfiguration,
): Omit<TcpServerOptions, "rejected"> {
  return {
    entryPoint: name,
    firstBytesMs: respondingTimeouts.headerTimeout,
    silenceMs: respondingTimeouts.firstByteTimeout,
    idleMs: respondingTimeouts.tunnelIdleTimeout,
    trustsProxy: proxyProtocol === undefined ? undefined : trustOf(proxyProtocol),
  };
}

function http1Options(
  entryPoint: string,
  { http, transport, forwardedHeaders }: EntryPointConfiguration,
  config: StaticConfiguration,
  serverName: string,
): Omit<Http1Options, "finished" | "failed" | "refused"> {
  const { respondingTimeouts: timeouts } = transport;
  return {
    entryPoint,
    policy: {
      scheme: "http",
      sanitizePath: http.sanitizePath,
      encodedFilter: encodedCharacterFilter(http.encodedCharacters),
      kept: new Set(forwardedHeaders.connection.map((name) => name.toLowerCase())),
      limits: {
        headBytes: http.maxHeaderBytes,
        lineBytes: Math.min(http.maxHeaderBytes, MAX_LINE_BYTES),
        headers: http.maxHeaderFields,
        targetBytes: http.maxRequestTargetBytes,
      },
    },
    forwarded: {
      underscore: http.underscoreHeadersStrategy,
      serverName,
      addSchemeHeaders: forwardedHeaders.addXForwardedSchemeHeaders,
    },
    appendsForwardedFor: !forwardedHeaders.notAppendXForwardedFor && !config.global.notAppendXForwardedFor,
    encodeQuerySemicolons: http.encodeQuerySemicolons,
    keepAliveMaxRequests: transport.keepAliveMaxRequests,
    upgrades: new Set(http.upgrades.map((token) => token.toLowerCase())),
    timeouts: {
      headMs: timeouts.headerTimeout,
      bodyIdleMs: timeouts.bodyIdleTimeout,
      writeIdleMs: timeouts.writeIdleTimeout,
      keepAliveMs: timeouts.idleTimeout,
      readMs: timeouts.readTimeout,
      writeMs: timeouts.writeTimeout,
      keepAliveMaxMs: transport.keepAliveMaxTime,
      tunnelIdleMs: timeouts.tunnelIdleTimeout,
    },
    trusts: trustOf(forwardedHeaders),
  };
}

type Trust = Pick<EntryPointConfiguration["forwardedHeaders"], "insecure" | "trustedIPs">;

/** A longer header line is refused even where heads may be long: no backend of note takes more. */
const MAX_LINE_BYTES = 16_384;

function trustOf({ insecure, trustedIPs }: Trust): (ip: string) => boolean {
  if (insecure) return () => true;
  const ranges = trustedIPs.map(parseCidr).filter((range) => range !== undefined);
  if (ranges.length === 0) return () => false;
  const set = createCidrSet(ranges);
  return (ip) => set.contains(ip);
}

function connectionCap(runtime: Runtime): number | undefined {
  const { fileLimit } = runtime;
  return fileLimit === undefined ? undefined : Math.min(MAX_CONNECTIONS, Math.floor(fileLimit * FILE_SHARE));
}
