// TCP in the dynamic configuration: routers, services, middlewares and transports of connections.

import type { Breakable, KindAndOptions, L4Strategy, Part, RuledRouter, WeightedServices } from "./dynamic-part.ts";
import type { ClientTls, TcpRouterTls } from "./dynamic-tls.ts";

/** The `tcp` section. */
export interface TcpConfiguration {
  readonly routers: Readonly<Record<string, TcpRouter>>;
  readonly services: Readonly<Record<string, TcpService>>;
  readonly middlewares: Readonly<Record<string, TcpMiddleware>>;
  readonly serversTransports: Readonly<Record<string, TcpServersTransport>>;
}

/** Entry points + rule → middlewares → service, decided once per connection. */
export interface TcpRouter extends RuledRouter {
  /** Present: takes TLS connections only. */
  readonly tls?: TcpRouterTls;
}

/** A service: exactly one kind. */
export type TcpService = TcpLoadBalancer | WeightedServices;

/** A service that has servers. */
export interface TcpLoadBalancer extends Part {
  readonly kind: "loadBalancer";
  readonly servers: readonly TcpServer[];
  /** How a server is chosen; weir's own option. Default: `wrr`. */
  readonly strategy?: L4Strategy;
  readonly serversTransport?: string;
  readonly healthCheck?: TcpHealthCheck;
  /** Deprecated in Traefik in favour of the transport's, which wins. */
  readonly proxyProtocol?: ProxyProtocol;
  /** Deprecated in Traefik in favour of the transport's, which wins. */
  readonly terminationDelayMs?: number;
}

/** One backend address. */
export interface TcpServer {
  /** `host:port`; an IPv6 host is in brackets. */
  readonly address: string;
  /** The connection to the server is in TLS. */
  readonly tls: boolean;
  /** Terminating: only while no other server is left. */
  readonly fenced?: boolean;
}

/** The header that tells a server who the client is. */
export interface ProxyProtocol {
  readonly version: 1 | 2;
}

/** Active health checking: a connection that opens, and answers as expected. */
export interface TcpHealthCheck {
  /** 0: the server's own. */
  readonly port: number;
  /** Sent once connected; empty: nothing. */
  readonly send: string;
  /** What the answer must begin with; empty: anything. */
  readonly expect: string;
  readonly intervalMs: number;
  readonly unhealthyIntervalMs: number;
  readonly timeoutMs: number;
}

/** A middleware of connections. */
export type TcpMiddleware = KindAndOptions;

/** How to reach servers. */
export interface TcpServersTransport extends Part, Breakable {
  /** Time between two keep-alive probes; 0: the system's. */
  readonly dialKeepAliveMs: number;
  /** 0: the system's own limit. */
  readonly dialTimeoutMs: number;
  /** Time the other side has to finish after one side closed; negative: no limit. */
  readonly terminationDelayMs: number;
  readonly proxyProtocol?: ProxyProtocol;
  /** Present: servers are spoken to in TLS, whatever they say themselves. */
  readonly tls?: ClientTls;
}

/** A TCP section with nothing in it. */
export const emptyTcp: TcpConfiguration = { routers: {}, services: {}, middlewares: {}, serversTransports: {} };
