// Where TCP and UDP parts refer to others.

import type { TcpRouter, TcpService } from "./dynamic-tcp.ts";
import type { UdpRouter, UdpService } from "./dynamic-udp.ts";
import { qualifyAll, qualifyChildren, qualifyTls } from "./qualify.ts";
import type { Qualify } from "./qualify.ts";

/** The router with its service, middlewares, TLS options and certificates qualified. */
export function qualifyTcpRouter(router: TcpRouter, qualify: Qualify): TcpRouter {
  return {
    ...router,
    service: qualify("tcpServices", router.service),
    ...(router.middlewares !== undefined && { middlewares: qualifyAll(router.middlewares, "tcpMiddlewares", qualify) }),
    ...(router.tls !== undefined && { tls: { ...router.tls, ...qualifyTls(router.tls, qualify) } }),
  };
}

/** The service with its children and transport qualified. */
export function qualifyTcpService(service: TcpService, qualify: Qualify): TcpService {
  if (service.kind === "weighted") {
    return { ...service, services: qualifyChildren(service.services, (name) => qualify("tcpServices", name)) };
  }
  const { serversTransport } = service;
  return serversTransport === undefined
    ? service
    : { ...service, serversTransport: qualify("tcpServersTransports", serversTransport) };
}

/** The router with its service qualified. */
export function qualifyUdpRouter(router: UdpRouter, qualify: Qualify): UdpRouter {
  return { ...router, service: qualify("udpServices", router.service) };
}

/** The service with its children qualified. */
export function qualifyUdpService(service: UdpService, qualify: Qualify): UdpService {
  if (service.kind !== "weighted") return service;
  return { ...service, services: qualifyChildren(service.services, (name) => qualify("udpServices", name)) };
}
