// How the servers of a TCP service are reached, and what is counted of its connections.

import type { ServerTls } from "../server-tls.ts";
import { defaultServerTls } from "../server-tls.ts";
import type { ByteCounter } from "./tunnel.ts";

/** A TCP serversTransport, ready for use. */
export interface TcpTransport {
  /** For all tries together; 0: the system's own limit. */
  readonly dialTimeoutMs: number;
  /** See `TunnelOptions`. */
  readonly terminationMs: number;
  /** Milliseconds of silence after which the system asks whether a server is still there; 0: never. */
  readonly keepAliveMs: number;
  /** Version of the header that tells a server who the client is; undefined: none. */
  readonly proxyProtocol: 1 | 2 | undefined;
  /** For servers that are spoken to in TLS. */
  readonly tls: ServerTls;
  /** All servers are spoken to in TLS, whatever they say themselves. */
  readonly isAlwaysTls: boolean;
}

const DEFAULT_KEEP_ALIVE_MS = 15_000;

/** What is used where nothing is configured: Traefik's documented values. */
export const defaultTcpTransport: TcpTransport = {
  dialTimeoutMs: 30_000,
  terminationMs: 100,
  keepAliveMs: DEFAULT_KEEP_ALIVE_MS,
  proxyProtocol: undefined,
  tls: defaultServerTls,
  isAlwaysTls: false,
};

/** @returns what the option `dialKeepAlive` means: 0 is the default, as in Go's dialer, and less than 0 is never */
export function toKeepAlive(optionMs: number): number {
  return optionMs === 0 ? DEFAULT_KEEP_ALIVE_MS : Math.max(0, optionMs);
}

/** Counters of one service, held by what it builds; those of the metrics, or numbers nobody looks at. */
export interface TcpMeter {
  /** Connections that are open. */
  readonly open: ByteCounter;
  /** Connections there ever were. */
  readonly total: ByteCounter;
  /** Bytes from clients. */
  readonly received: ByteCounter;
  /** Bytes to clients. */
  readonly sent: ByteCounter;
}

/** Counters that nobody looks at. */
export function createIdleMeter(): TcpMeter {
  return { open: { value: 0 }, total: { value: 0 }, received: { value: 0 }, sent: { value: 0 } };
}
