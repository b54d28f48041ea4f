// TCP and UDP routers and services as Traefik's API writes them.

import type { TcpHealthCheck, TcpLoadBalancer, TcpService } from "../config/dynamic-tcp.ts";
import type { UdpService } from "../config/dynamic-udp.ts";
import { toGoDuration } from "../schema/duration.ts";
import { ruledJson, shown, tlsJson } from "./part-json.ts";
import type { PartJson } from "./part-json.ts";
import type { ApiL4Service, ApiRoutingPart, ApiTcpRouter } from "./snapshot.ts";

/** A TCP router with its status and the entry points it serves. */
export function toTcpRouterJson(router: ApiTcpRouter): PartJson {
  return shown(router, { ...ruledJson(router), ...tlsJson(router.tls) }, { using: router.using });
}

/** A UDP router with its status and the entry points it serves. */
export function toUdpRouterJson(router: ApiRoutingPart): PartJson {
  const { entryPoints, service, using } = router;
  return shown(router, { entryPoints, service }, { using });
}

/** A TCP service with its status and who uses it. */
export function toTcpServiceJson(part: ApiL4Service<TcpService>): PartJson {
  const { service } = part;
  const definition = service.kind === "weighted"
    ? { weighted: { services: service.services } }
    : { loadBalancer: tcpLoadBalancerJson(service) };
  return shown(part, definition, usersJson(part));
}

/** A UDP service with its status and who uses it. */
export function toUdpServiceJson(part: ApiL4Service<UdpService>): PartJson {
  const { service } = part;
  const definition = service.kind === "weighted"
    ? { weighted: { services: service.services } }
    : { loadBalancer: { servers: service.servers.map(({ address }) => ({ address })), ...strategyJson(service) } };
  return shown(part, definition, usersJson(part));
}

function tcpLoadBalancerJson(service: TcpLoadBalancer): PartJson {
  const { servers, serversTransport, healthCheck, proxyProtocol, terminationDelayMs } = service;
  return {
    servers: servers.map(({ address, tls }) => ({ address, ...(tls && { tls }) })),
    ...strategyJson(service),
    ...(serversTransport === undefined ? {} : { serversTransport }),
    ...(healthCheck === undefined ? {} : { healthCheck: healthCheckJson(healthCheck) }),
    ...(proxyProtocol === undefined ? {} : { proxyProtocol }),
    ...(terminationDelayMs === undefined ? {} : { terminationDelay: terminationDelayMs }),
  };
}

function strategyJson({ strategy }: { readonly strategy?: string }): PartJson {
  return strategy === undefined ? {} : { strategy };
}

function healthCheckJson({ port, send, expect, intervalMs, unhealthyIntervalMs, timeoutMs }: TcpHealthCheck): PartJson {
  return {
    ...(port === 0 ? {} : { port }),
    ...(send === "" ? {} : { send }),
    ...(expect === "" ? {} : { expect }),
    interval: toGoDuration(intervalMs),
    unhealthyInterval: toGoDuration(unhealthyIntervalMs),
    timeout: toGoDuration(timeoutMs),
  };
}

function usersJson({ usedBy, serverStatus = {} }: Pick<ApiL4Service<TcpService>, "usedBy" | "serverStatus">): PartJson {
  return {
    ...(usedBy.length === 0 ? {} : { usedBy }),
    ...(Object.keys(serverStatus).length === 0 ? {} : { serverStatus }),
  };
}
