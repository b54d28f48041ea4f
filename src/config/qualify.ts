// Where parts refer to others: every reference of routers, services and middlewares, passed through one function.

import { isMapping } from "../schema/path.ts";
import type { HttpMiddleware, HttpRouter, HttpService, WeightedChild } from "./dynamic.ts";

/** Sections that can be referred to. */
export type ReferenceKind = "services" | "middlewares" | "serversTransports";

/** Turns a reference into the key of what it means. */
export type Qualify = (kind: ReferenceKind, reference: string) => string;

/** The router with its service and middlewares qualified. */
export function qualifyRouter(router: HttpRouter, qualify: Qualify): HttpRouter {
  return {
    ...router,
    service: qualify("services", router.service),
    ...(router.middlewares !== undefined && { middlewares: qualifyAll(router.middlewares, "middlewares", qualify) }),
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
      return { ...service, services: service.services.map((child) => qualifyChild(child, toService)) };
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

function qualifyChild(child: WeightedChild, toService: (name: string) => string): WeightedChild {
  return { ...child, name: toService(child.name) };
}

function qualifyAll(names: readonly string[], kind: ReferenceKind, qualify: Qualify): string[] {
  return names.map((name) => qualify(kind, name));
}
