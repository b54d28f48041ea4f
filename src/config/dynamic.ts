// The dynamic configuration: what providers produce. JSON-serialisable; durations are milliseconds, sizes bytes.

import type { RuleNode, RuleSyntax } from "../rule/tree.ts";
import type { Source } from "../schema/problem.ts";

/** What every named part may carry besides its own fields. */
export interface Part {
  /** Traefik-style name for people (`default-wrr`); the key it is stored under when absent. */
  readonly displayName?: string;
  /** Where it came from, for problems and the API. */
  readonly source?: Source;
}

/** What one provider produces. Keys are unique inside the provider; references are such keys, or `name@provider`. */
export interface DynamicConfiguration {
  readonly http: HttpConfiguration;
}

/** The HTTP half. */
export interface HttpConfiguration {
  readonly routers: Readonly<Record<string, HttpRouter>>;
  readonly services: Readonly<Record<string, HttpService>>;
  readonly middlewares: Readonly<Record<string, HttpMiddleware>>;
  readonly serversTransports: Readonly<Record<string, ServersTransport>>;
}

/** Entry points + rule → middlewares → service. */
export interface HttpRouter extends Part {
  /** Absent: all default entry points. */
  readonly entryPoints?: readonly string[];
  readonly rule: string | RuleNode;
  /** Where the rule stands in the router's source: `["spec", "routes", 0, "match"]`. */
  readonly rulePath?: readonly (string | number)[];
  /** Default: the static configuration's default syntax. */
  readonly ruleSyntax?: RuleSyntax;
  /** 0 or absent: the length of the rule's text. */
  readonly priority?: number;
  readonly middlewares?: readonly string[];
  readonly service: string;
  /** What the provider found wrong with it and has reported: shown as the router's errors. */
  readonly defects?: readonly string[];
  /** Present: serves TLS connections only. */
  readonly tls?: RouterTls;
  readonly observability?: Observability;
}

/** TLS wishes of a router. */
export interface RouterTls {
  readonly options?: string;
  readonly certResolver?: string;
  readonly domains?: readonly { readonly main: string; readonly sans?: readonly string[] }[];
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
  /** `http://host:port[/path]`; `https` and `h2c` come with their issues. */
  readonly url: string;
  /** 0: takes no new requests. */
  readonly weight: number;
  /** Join the URL's path and the request's. */
  readonly preservePath: boolean;
  /** Terminating: sticky requests only. */
  readonly fenced?: boolean;
}

/** A service that splits requests between services by weight. */
export interface Weighted extends Part {
  readonly kind: "weighted";
  readonly services: readonly WeightedChild[];
  readonly sticky?: StickyCookie;
}

/** A child of a weighted service. */
export interface WeightedChild {
  readonly name: string;
  readonly weight: number;
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

/** A middleware: its kind and its parsed options. */
export interface HttpMiddleware extends Part {
  /** A name of the middleware registry: `stripPrefix`. */
  readonly kind: string;
  readonly options: unknown;
}

/** How to reach servers. */
export interface ServersTransport extends Part {
  readonly serverName?: string;
  readonly insecureSkipVerify: boolean;
  readonly rootCAs: readonly string[];
  readonly maxIdleConnsPerHost: number;
  readonly disableHTTP2: boolean;
  readonly forwardingTimeouts: ForwardingTimeouts;
}

/** Milliseconds; 0: none. */
export interface ForwardingTimeouts {
  readonly dialTimeoutMs: number;
  readonly responseHeaderTimeoutMs: number;
  readonly idleConnTimeoutMs: number;
}

/** A configuration with nothing in it. */
export const emptyConfiguration: DynamicConfiguration = {
  http: { routers: {}, services: {}, middlewares: {}, serversTransports: {} },
};
