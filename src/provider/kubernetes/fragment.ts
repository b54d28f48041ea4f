// What one Kubernetes object becomes: parts of the dynamic configuration, and everything that is wrong with it.

import type { HttpMiddleware, HttpRouter, HttpService, ServersTransport } from "../../config/dynamic.ts";
import type { TcpMiddleware, TcpRouter, TcpServersTransport, TcpService } from "../../config/dynamic-tcp.ts";
import type { TlsCertificate, TlsOptions, TlsStore } from "../../config/dynamic-tls.ts";
import type { UdpRouter, UdpService } from "../../config/dynamic-udp.ts";
import type { Problem } from "../../schema/problem.ts";

/** Parts by section and key. The same key in two fragments means the same part: what two objects share is in both. */
export interface Sections {
  readonly routers: Record<string, HttpRouter>;
  readonly services: Record<string, HttpService>;
  readonly middlewares: Record<string, HttpMiddleware>;
  readonly serversTransports: Record<string, ServersTransport>;
  readonly tcpRouters: Record<string, TcpRouter>;
  readonly tcpServices: Record<string, TcpService>;
  readonly tcpMiddlewares: Record<string, TcpMiddleware>;
  readonly tcpServersTransports: Record<string, TcpServersTransport>;
  readonly udpRouters: Record<string, UdpRouter>;
  readonly udpServices: Record<string, UdpService>;
  readonly certificates: Record<string, TlsCertificate>;
  readonly tlsOptions: Record<string, TlsOptions>;
  readonly tlsStores: Record<string, TlsStore>;
}

/** The name of a section. */
export type SectionName = keyof Sections;

/** The contribution of one object; sections without parts are left out, as there may be ten thousand fragments. */
export interface Fragment {
  readonly sections: Partial<Sections>;
  readonly problems: readonly Problem[];
}

/** Sections to be filled. */
export function createSections(): Sections {
  return {
    routers: {},
    services: {},
    middlewares: {},
    serversTransports: {},
    tcpRouters: {},
    tcpServices: {},
    tcpMiddlewares: {},
    tcpServersTransports: {},
    udpRouters: {},
    udpServices: {},
    certificates: {},
    tlsOptions: {},
    tlsStores: {},
  };
}

/** Names of all sections. */
export const sectionNames: readonly SectionName[] = [
  "routers",
  "services",
  "middlewares",
  "serversTransports",
  "tcpRouters",
  "tcpServices",
  "tcpMiddlewares",
  "tcpServersTransports",
  "udpRouters",
  "udpServices",
  "certificates",
  "tlsOptions",
  "tlsStores",
];

/** The filled sections and the problems as one value. */
export function toFragment(sections: Sections, problems: readonly Problem[]): Fragment {
  return { sections: { ...filledHttp(sections), ...filledL4(sections), ...filledTls(sections) }, problems };
}

function filledHttp({ routers, services, middlewares, serversTransports }: Sections): Partial<Sections> {
  return {
    ...(isFilled(routers) && { routers }),
    ...(isFilled(services) && { services }),
    ...(isFilled(middlewares) && { middlewares }),
    ...(isFilled(serversTransports) && { serversTransports }),
  };
}

function filledL4(sections: Sections): Partial<Sections> {
  const { tcpRouters, tcpServices, tcpMiddlewares, tcpServersTransports, udpRouters, udpServices } = sections;
  return {
    ...(isFilled(tcpRouters) && { tcpRouters }),
    ...(isFilled(tcpServices) && { tcpServices }),
    ...(isFilled(tcpMiddlewares) && { tcpMiddlewares }),
    ...(isFilled(tcpServersTransports) && { tcpServersTransports }),
    ...(isFilled(udpRouters) && { udpRouters }),
    ...(isFilled(udpServices) && { udpServices }),
  };
}

function filledTls({ certificates, tlsOptions, tlsStores }: Sections): Partial<Sections> {
  return {
    ...(isFilled(certificates) && { certificates }),
    ...(isFilled(tlsOptions) && { tlsOptions }),
    ...(isFilled(tlsStores) && { tlsStores }),
  };
}

function isFilled(section: object): boolean {
  for (const _ in section) return true;
  return false;
}
