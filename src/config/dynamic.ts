// The dynamic configuration: what providers produce. JSON-serialisable; durations are milliseconds, sizes bytes.

import type { Breakable, KindAndOptions, Part, RuledRouter, WeightedChild, WeightedServices } from "./dynamic-part.ts";
import type { TcpConfiguration } from "./dynamic-tcp.ts";
import type { ClientTls, RouterTls, TlsConfiguration } from "./dynamic-tls.ts";
import type { UdpConfiguration } from "./dynamic-udp.ts";

/** What one provider produces. Keys are unique inside the provider; references are such keys, or `name@provider`. */
export interface DynamicConfiguration {
  readonly http: HttpConfiguration;
  readonly tcp?: TcpConfiguration;
  readonly udp?: UdpConfiguration;
  readonly tls?: TlsConfiguration;
}

/** The HTTP half. */
export interface HttpConfiguration {
  readonly routers: Readonly<Record<string, HttpRouter>>;
  readonly services: Readonly<Record<string, HttpService>>;
  readonly middlewares: Readonly<Record<string, HttpMiddleware>>;
  readonly serversTransports: Readonly<Record<string, ServersTransport>>;
}

/** Entry points + rule → middlewares → service. */
export interface HttpRouter extends RuledRouter {
  /** Present: serves TLS connections only. */
  readonly tls?: RouterTls;
  readonly observability?: Observability;
}

/** Which signals a router or entry point sends. */
export interface Observability {
  readonly accessLogs?: boolean;
  readonly metrics?: boolean;
  readonly tracing?: boolean;
}

/** A service: exactly one kind. */
export type HttpService = LoadBalancer | Weighted | HighestRandomWeight | Mirroring | Failover;

/** How a load balancer chooses. */
export type Strategy = "wrr" | "p2c" | "hrw" | "leasttime";

/** A service that has servers. */
export interface LoadBalancer extends Part {
  readonly kind: "loadBalancer";
  readonly servers: readonly Server[];
  readonly strategy: Strategy;
  readonly sticky?: StickyCookie;
  readonly healthCheck?: HealthCheck;
  readonly passiveHealthCheck?: PassiveHealthCheck;
  readonly passHostHeader: boolean;
  readonly serversTransport?: string;
  readonly middlewares?: readonly string[];
}

/** One backend address. */
export interface Server {
  /** `http://host:port[/path]`, or `https` or `h2c` in place of `http`. */
  readonly url: string;
  /** 0: takes no new requests. */
  readonly weight: number;
  /** Join the URL's path and the request's. */
  readonly preservePath: boolean;
  /** Terminating: sticky requests only. */
  readonly fenced?: boolean;
}

/** A service that splits requests between services by weight. */
export interface Weighted extends WeightedServices {
  readonly sticky?: StickyCookie;
}

/** A service that chooses a child by the client's address. */
export interface HighestRandomWeight extends Part {
  readonly kind: "highestRandomWeight";
  readonly services: readonly WeightedChild[];
}

/** A service that answers with one service and copies requests to others. */
export interface Mirroring extends Part {
  readonly kind: "mirroring";
  readonly service: string;
  readonly mirrors: readonly { readonly name: string; readonly percent: number }[];
  readonly mirrorBody: boolean;
  /** Bytes; -1: no limit besides the mirror's own buffer. */
  readonly maxBodySize: number;
}

/** A service with a spare. */
export interface Failover extends Part {
  readonly kind: "failover";
  readonly service: string;
  readonly fallback: string;
  readonly errors?: {
    /** Status ranges, both ends included. */
    readonly status: readonly (readonly [from: number, to: number])[];
    /** -1: no limit. */
    readonly maxRequestBodyBytes: number;
  };
}

/** The sticky cookie. */
export interface StickyCookie {
  /** Default: derived from the service's name. */
  readonly name?: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite?: "none" | "lax" | "strict";
  /** Seconds; 0: a session cookie. */
  readonly maxAge: number;
  readonly path: string;
  readonly domain?: string;
}

/** Active health checking. */
export interface HealthCheck {
  readonly scheme?: string;
  readonly mode: "http" | "grpc";
  readonly path: string;
  readonly method: string;
  /** 0: any of 200 to 399. */
  readonly status: number;
  /** 0: the server's own. */
  readonly port: number;
  readonly intervalMs: number;
  readonly unhealthyIntervalMs: number;
  readonly timeoutMs: number;
  readonly hostname?: string;
  readonly followRedirects: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Passive health checking. */
export interface PassiveHealthCheck {
  readonly failureWindowMs: number;
  readonly maxFailedAttempts: number;
}

/** A middleware of requests. */
export type HttpMiddleware = KindAndOptions & Breakable;

/** How to reach servers. */
export interface ServersTransport extends Part, Breakable, ClientTls {
  readonly maxIdleConnsPerHost: number;
  readonly disableHTTP2: boolean;
  readonly forwardingTimeouts: ForwardingTimeouts;
}

/** Milliseconds; 0: none. */
export interface ForwardingTimeouts {
  readonly dialTimeoutMs: number;
  readonly responseHeaderTimeoutMs: number;
  readonly idleConnTimeoutMs: number;
  /** HTTP/2: silence after which a server is asked for a sign of life; 0: it is not. Default: 0. */
  readonly readIdleTimeoutMs?: number;
  /** HTTP/2: time the sign may take. Default: 15 s. */
  readonly pingTimeoutMs?: number;
}

/** A configuration with nothing in it. */
export const emptyConfiguration: DynamicConfiguration = {
  http: { routers: {}, services: {}, middlewares: {}, serversTransports: {} },
};
