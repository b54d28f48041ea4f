// TCP and UDP parts: from what files hold to the discriminated values inside.

import { compact } from "./compact.ts";
import type { WeightedServices } from "./dynamic-part.ts";
import type { ProxyProtocol, TcpRouter, TcpServersTransport, TcpService } from "./dynamic-tcp.ts";
import type { UdpService } from "./dynamic-udp.ts";
import type { TcpServersTransportInput, TcpServiceInput, UdpServiceInput } from "./l4-schema.ts";
import type { TcpRouterInput } from "./router-schema.ts";
import { toClientTls, toRouterTls } from "./tls-part.ts";

/** A TCP router without its source. */
export function toTcpRouter({ tls, ...rest }: TcpRouterInput): TcpRouter {
  return compact({ ...rest, tls: tls && { ...toRouterTls(tls), passthrough: tls.passthrough } });
}

/** A TCP service without its source. @returns undefined when no kind is given */
export function toTcpService({ loadBalancer, weighted }: TcpServiceInput): TcpService | undefined {
  if (loadBalancer === undefined) return toWeighted(weighted);
  const { servers, strategy, serversTransport, healthCheck, proxyProtocol, terminationDelay } = loadBalancer;
  return compact({
    kind: "loadBalancer" as const,
    servers,
    strategy,
    serversTransport,
    healthCheck: healthCheck && toTcpHealthCheck(healthCheck),
    proxyProtocol: toProxyProtocol(proxyProtocol),
    terminationDelayMs: terminationDelay,
  });
}

/** A UDP service without its source. @returns undefined when no kind is given */
export function toUdpService({ loadBalancer, weighted }: UdpServiceInput): UdpService | undefined {
  return loadBalancer === undefined
    ? toWeighted(weighted)
    : compact({ kind: "loadBalancer" as const, ...loadBalancer });
}

/** A TCP transport without its source. */
export function toTcpServersTransport(input: TcpServersTransportInput): TcpServersTransport {
  const { dialKeepAlive, dialTimeout, terminationDelay, proxyProtocol, tls } = input;
  return compact({
    dialKeepAliveMs: dialKeepAlive,
    dialTimeoutMs: dialTimeout,
    terminationDelayMs: terminationDelay,
    proxyProtocol: toProxyProtocol(proxyProtocol),
    tls: tls && toClientTls(tls),
  });
}

/** A health check with its times in milliseconds. */
export function toTcpHealthCheck(input: NonNullable<NonNullable<TcpServiceInput["loadBalancer"]>["healthCheck"]>) {
  const { interval, unhealthyInterval = interval, timeout, ...rest } = input;
  return { ...rest, intervalMs: interval, unhealthyIntervalMs: unhealthyInterval, timeoutMs: timeout };
}

/** The version as one of those there are. */
export function toProxyProtocol(input: { readonly version: number } | undefined): ProxyProtocol | undefined {
  return input && { version: input.version === 1 ? 1 : 2 };
}

function toWeighted(weighted: TcpServiceInput["weighted"]): WeightedServices | undefined {
  return weighted && { kind: "weighted", services: weighted.services };
}
