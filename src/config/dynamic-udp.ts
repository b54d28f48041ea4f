// UDP in the dynamic configuration: routers without rules, and services.

import type { L4Strategy, Part, WeightedServices } from "./dynamic-part.ts";

/** The `udp` section. */
export interface UdpConfiguration {
  readonly routers: Readonly<Record<string, UdpRouter>>;
  readonly services: Readonly<Record<string, UdpService>>;
}

/** Entry points → service: an entry point has one router. */
export interface UdpRouter extends Part {
  /** Absent: none, as UDP has no default entry points. */
  readonly entryPoints?: readonly string[];
  readonly service: string;
  /** What the provider found wrong with it and has reported: shown as the router's errors. */
  readonly defects?: readonly string[];
}

/** A service: exactly one kind. */
export type UdpService = UdpLoadBalancer | WeightedServices;

/** A service that has servers. */
export interface UdpLoadBalancer extends Part {
  readonly kind: "loadBalancer";
  readonly servers: readonly UdpServer[];
  /** How a server is chosen; weir's own option. Default: `wrr`. */
  readonly strategy?: L4Strategy;
}

/** One backend address. */
export interface UdpServer {
  /** `host:port`; an IPv6 host is in brackets. */
  readonly address: string;
  /** Terminating: only while no other server is left. */
  readonly fenced?: boolean;
}

/** A UDP section with nothing in it. */
export const emptyUdp: UdpConfiguration = { routers: {}, services: {} };
