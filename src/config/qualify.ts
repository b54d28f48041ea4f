// Where HTTP parts refer to others: every reference of routers, services and middlewares, through one function.

import { isMapping } from "../schema/path.ts";
import type { HttpMiddleware, HttpRouter, HttpService } from "./dynamic.ts";
import type { WeightedChild } from "./dynamic-part.ts";
import type { RouterTls } from "./dynamic-tls.ts";
import type { ReferenceKind } from "./reference-resolver.ts";

/** Turns a reference into the key of what it means. */
export type Qualify = (kind: ReferenceKind, reference: string) => string;

/** A part with all its references qualified. */
export type QualifyPart<T> = (part: T, qualify: Qualify) => T;

/** The name by which a router asks for the default TLS options, whatever provider has them. */
export const DEFAULT_TLS_OPTIONS = "default";

/** Parts that refer to nothing. */
export function asItIs<T>(part: T): T {
  return part;
}

/** The router with its service, middlewares, TLS options and certificates qualified. */
export function qualifyRouter(router: HttpRouter, qualify: Qualify): HttpRouter {
  return {
    ...router,
    service: qualify("services", router.service),
    ...(router.middlewares !== undefined && { middlewares: qualifyAll(router.middlewares, "middlewares", qualify) }),
    ...(router.tls !== undefined && { tls: { ...router.tls, ...qualifyTls(router.tls, qualify) } }),
  };
}

/** The references of TLS wishes. */
export function qualifyTls(tls: RouterTls, qualify: Qualify): Pick<RouterTls, "options" | "certificates"> {
  const { options, certificates } = tls;
  return {
    ...(options !== undefined && options !== "" && {
      options: options === DEFAULT_TLS_OPTIONS ? options : qualify("tlsOptions", options),
    }),
    ...(certificates !== undefined && { certificates: qualifyAll(certificates, "certificates", qualify) }),
  };
}

/** The service with its children, transport and middlewares qualified. */
export function qualifyService(service: HttpService, qualify: Qualify): HttpService {
  const toService = (name: string): string => qualify("services", name);
  switch (service.kind) {
    case "loadBalancer":
      return {
        ...service,
        ...(service.serversTransport !== undefined && {
          serversTransport: qualify("serversTransports", service.serversTransport),
        }),
        ...(service.middlewares !== undefined && {
          middlewares: qualifyAll(service.middlewares, "middlewares", qualify),
        }),
      };
    case "weighted":
    case "highestRandomWeight":
      return { ...service, services: qualifyChildren(service.services, toService) };
    case "mirroring":
      return {
        ...service,
        service: toService(service.service),
        mirrors: service.mirrors.map((mirror) => ({ ...mirror, name: toService(mirror.name) })),
      };
    case "failover":
      return { ...service, service: toService(service.service), fallback: toService(service.fallback) };
  }
}

/** The middleware with what its options refer to qualified: `chain` names middlewares, `errors` a service. */
export function qualifyMiddleware(middleware: HttpMiddleware, qualify: Qualify): HttpMiddleware {
  const { kind, options } = middleware;
  if (!isMapping(options)) return middleware;
  if (kind === "chain" && Array.isArray(options["middlewares"])) {
    const names = options["middlewares"].map((name) => qualify("middlewares", String(name)));
    return { ...middleware, options: { ...options, middlewares: names } };
  }
  if (kind === "errors" && typeof options["service"] === "string") {
    return { ...middleware, options: { ...options, service: qualify("services", options["service"]) } };
  }
  return middleware;
}

/** Children under their keys. */
export function qualifyChildren(
  children: readonly WeightedChild[],
  toService: (name: string) => string,
): readonly WeightedChild[] {
  return children.map((child) => ({ ...child, name: toService(child.name) }));
}

/** Names under their keys. */
export function qualifyAll(names: readonly string[], kind: ReferenceKind, qualify: Qualify): string[] {
  return names.map((name) => qualify(kind, name));
}
