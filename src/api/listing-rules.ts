// How routers, services and middlewares are searched and sorted: the columns of Traefik's dashboard.

import type { ListingRules } from "./listing.ts";
import { providerOf } from "./part-json.ts";
import type { ApiMiddleware, ApiRouter, ApiService } from "./snapshot.ts";

/** Traefik's name of a service kind in lists: `loadbalancer`. */
export function serviceType(service: ApiService): string {
  return service.service.kind.toLowerCase();
}

/** Traefik's name of a middleware kind in lists: `stripprefix`. */
export function middlewareType(middleware: ApiMiddleware): string {
  return middleware.kind.toLowerCase();
}

/** Columns of routers. */
export const routerRules: ListingRules<ApiRouter> = {
  nameOf: (router) => router.name,
  statusOf: (router) => router.status,
  searchable: (router) => [router.name, router.rule, router.service, ...router.entryPoints],
  sortKeys: {
    provider: (router) => providerOf(router.name),
    priority: (router) => router.priority,
    status: (router) => router.status,
    rule: (router) => router.rule,
    service: (router) => router.service,
    entryPoints: (router) => router.entryPoints.join(", "),
  },
  filters: {
    serviceName: (router, wanted) => isNamed(router.service, wanted),
    middlewareName: (router, wanted) => router.middlewares.some((name) => isNamed(name, wanted)),
  },
};

/** Columns of services. */
export const serviceRules: ListingRules<ApiService> = {
  nameOf: (service) => service.name,
  statusOf: (service) => service.status,
  searchable: (service) => [service.name, ...Object.keys(service.serverStatus)],
  sortKeys: {
    provider: (service) => providerOf(service.name),
    type: serviceType,
    servers: (service) => (service.service.kind === "loadBalancer" ? service.service.servers.length : 0),
    status: (service) => service.status,
  },
};

/** Columns of middlewares. */
export const middlewareRules: ListingRules<ApiMiddleware> = {
  nameOf: (middleware) => middleware.name,
  statusOf: (middleware) => middleware.status,
  searchable: (middleware) => [middleware.name, middleware.kind],
  sortKeys: {
    provider: (middleware) => providerOf(middleware.name),
    type: middlewareType,
    status: (middleware) => middleware.status,
  },
};

/** `app` names `app@file`, too. */
function isNamed(name: string, wanted: string): boolean {
  return name === wanted || name.slice(0, name.lastIndexOf("@")) === wanted;
}
