// From what files hold to the discriminated values inside: "exactly one of these keys" becomes `kind`.

import type { HttpRouter, HttpService, ServersTransport, StickyCookie } from "./dynamic.ts";
import type { RouterInput } from "./router-schema.ts";
import type { ServersTransportInput, ServiceInput } from "./service-schema.ts";

/** A router without its source. */
export function toRouter(input: RouterInput): HttpRouter {
  const { parentRefs: _, tls, observability, ...rest } = input;
  const { traceVerbosity: __, ...signals } = observability ?? {};
  return compact({
    ...rest,
    tls: tls && compact({ ...tls, domains: tls.domains?.map((domain) => compact(domain)) }),
    observability: observability && compact(signals),
  });
}

/** The kinds a service input has: exactly one in a right configuration. */
export function kindsOf(input: ServiceInput): string[] {
  return Object.entries(input).filter(([, value]) => value !== undefined).map(([kind]) => kind);
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
  const { serverName, insecureSkipVerify, rootCAs, maxIdleConnsPerHost, disableHTTP2 } = input;
  const { dialTimeout, responseHeaderTimeout, idleConnTimeout } = input.forwardingTimeouts;
  return compact({
    serverName,
    insecureSkipVerify,
    rootCAs,
    maxIdleConnsPerHost,
    disableHTTP2,
    forwardingTimeouts: {
      dialTimeoutMs: dialTimeout,
      responseHeaderTimeoutMs: responseHeaderTimeout,
      idleConnTimeoutMs: idleConnTimeout,
    },
  });
}

/** Options of a transport that are given, and that weir does not use yet. */
export function unusedTransportOptions(input: ServersTransportInput): string[] {
  const unused = ["certificates", "cipherSuites", "minVersion", "maxVersion", "peerCertURI", "peerCertSANs", "spiffe"];
  const given = new Set(Object.entries(input).filter(([, value]) => value !== undefined).map(([name]) => name));
  return unused.filter((name) => given.has(name));
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

/** The same type with fields that may be undefined turned into fields that may be absent. */
type Compact<T> =
  & { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] }
  & { [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined> };

function compact<T extends object>(value: T): Compact<T>;
function compact(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
