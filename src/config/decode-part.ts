// HTTP parts: from what files hold to the discriminated values inside. "Exactly one of these keys" becomes `kind`.

import { compact } from "./compact.ts";
import type { HttpRouter, HttpService, ServersTransport, StickyCookie } from "./dynamic.ts";
import type { RouterInput } from "./router-schema.ts";
import type { ServersTransportInput, ServiceInput } from "./service-schema.ts";
import { toClientTls, toRouterTls } from "./tls-part.ts";

/** A router without its source. */
export function toRouter(input: RouterInput): HttpRouter {
  const { parentRefs: _, tls, observability, ...rest } = input;
  const { traceVerbosity: __, ...signals } = observability ?? {};
  return compact({
    ...rest,
    tls: tls && toRouterTls(tls),
    observability: observability && compact(signals),
  });
}

/** A service without its source. @returns undefined when no kind is given */
export function toService(input: ServiceInput): HttpService | undefined {
  if (input.loadBalancer !== undefined) return toLoadBalancer(input.loadBalancer);
  if (input.weighted !== undefined) {
    const { services, sticky } = input.weighted;
    return compact({ kind: "weighted" as const, services, sticky: toSticky(sticky) });
  }
  if (input.mirroring !== undefined) {
    const { healthCheck: _, ...rest } = input.mirroring;
    return { kind: "mirroring", ...rest };
  }
  if (input.failover !== undefined) {
    const { healthCheck: _, ...rest } = input.failover;
    return compact({ kind: "failover" as const, ...rest });
  }
  if (input.highestRandomWeight === undefined) return undefined;
  return { kind: "highestRandomWeight", services: input.highestRandomWeight.services };
}

/** A transport without its source. */
export function toServersTransport(input: ServersTransportInput): ServersTransport {
  const { maxIdleConnsPerHost, disableHTTP2, forwardingTimeouts } = input;
  const { dialTimeout, responseHeaderTimeout, idleConnTimeout, readIdleTimeout, pingTimeout } = forwardingTimeouts;
  return {
    ...toClientTls(input),
    maxIdleConnsPerHost,
    disableHTTP2,
    forwardingTimeouts: {
      dialTimeoutMs: dialTimeout,
      responseHeaderTimeoutMs: responseHeaderTimeout,
      idleConnTimeoutMs: idleConnTimeout,
      readIdleTimeoutMs: readIdleTimeout,
      pingTimeoutMs: pingTimeout,
    },
  };
}

type LoadBalancerInput = NonNullable<ServiceInput["loadBalancer"]>;

function toLoadBalancer(input: LoadBalancerInput): HttpService {
  const { servers, sticky, healthCheck, passiveHealthCheck, responseForwarding: _, ...rest } = input;
  return compact({
    kind: "loadBalancer" as const,
    ...rest,
    servers: servers.map((server) => compact(server)),
    sticky: toSticky(sticky),
    healthCheck: healthCheck && toHealthCheck(healthCheck),
    passiveHealthCheck: passiveHealthCheck && {
      failureWindowMs: passiveHealthCheck.failureWindow,
      maxFailedAttempts: passiveHealthCheck.maxFailedAttempts,
    },
  });
}

function toSticky(sticky: LoadBalancerInput["sticky"]): StickyCookie | undefined {
  return sticky?.cookie && compact(sticky.cookie);
}

function toHealthCheck(input: NonNullable<LoadBalancerInput["healthCheck"]>) {
  const { interval, unhealthyInterval, timeout, ...rest } = input;
  return compact({
    ...rest,
    intervalMs: interval,
    unhealthyIntervalMs: unhealthyInterval ?? interval,
    timeoutMs: timeout,
  });
}
