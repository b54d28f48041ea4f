// How routers, services and middlewares are searched and sorted: the columns of Traefik's dashboard.

import type { ListingRules } from "./listing.ts";
import { providerOf } from "./part-json.ts";
import type { ApiMiddleware, ApiPart, ApiRoutingPart, ApiRuledRouter } from "./snapshot.ts";

/** A service of any protocol, as lists see it. */
export interface ListedService extends ApiPart {
  readonly service:
    | {
      readonly kind: "loadBalancer";
      readonly servers: readonly { readonly url?: string; readonly address?: string }[];
    }
    | { readonly kind: "weighted" | "highestRandomWeight" | "mirroring" | "failover" };
}

/** Traefik's name of a service kind in lists: `loadbalancer`. */
export function serviceType({ service }: ListedService): string {
  return service.kind.toLowerCase();
}

/** Traefik's name of a middleware kind in lists: `stripprefix`. */
export function middlewareType(middleware: ApiMiddleware): string {
  return middleware.kind.toLowerCase();
}

/** Columns of routers without rules. */
export const plainRouterRules: ListingRules<ApiRoutingPart> = {
  nameOf: (router) => router.name,
  statusOf: (router) => router.status,
  searchable: (router) => [router.name, router.service, ...router.entryPoints],
  sortKeys: {
    provider: (router) => providerOf(router.name),
    status: (router) => router.status,
    service: (router) => router.service,
    entryPoints: (router) => router.entryPoints.join(", "),
  },
  filters: {
    serviceName: (router, wanted) => isNamed(router.service, wanted),
  },
};

/** Columns of routers. */
export const routerRules: ListingRules<ApiRuledRouter> = {
  ...plainRouterRules,
  searchable: (router) => [router.name, router.rule, router.service, ...router.entryPoints],
  sortKeys: {
    ...plainRouterRules.sortKeys,
    priority: (router) => router.priority,
    rule: (router) => router.rule,
  },
  filters: {
    ...plainRouterRules.filters,
    middlewareName: (router, wanted) => router.middlewares.some((name) => isNamed(name, wanted)),
  },
};

/** Columns of services. */
export const serviceRules: ListingRules<ListedService> = {
  nameOf: (service) => service.name,
  statusOf: (service) => service.status,
  searchable: (service) => [service.name, ...serversOf(service)],
  sortKeys: {
    provider: (service) => providerOf(service.name),
    type: serviceType,
    servers: (service) => serversOf(service).length,
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

function serversOf({ service }: ListedService): string[] {
  if (service.kind !== "loadBalancer") return [];
  return service.servers.map(({ url, address }) => url ?? address ?? "");
}

/** `app` names `app@file`, too. */
function isNamed(name: string, wanted: string): boolean {
  return name === wanted || name.slice(0, name.lastIndexOf("@")) === wanted;
}
