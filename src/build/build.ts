// Pure: a merged configuration becomes a routing table and the status of each of its parts.

import type { MergedConfiguration } from "../config/merge.ts";
import type { Handler } from "../http/handler.ts";
import { textResponse } from "../http/response.ts";
import { createRouter } from "../router/router.ts";
import type { Problem } from "../schema/problem.ts";
import type { BuildContext } from "./context.ts";
import { MiddlewareBuilder } from "./middleware-builder.ts";
import type { Route } from "./route.ts";
import { RouterBuilder } from "./router-builder.ts";
import { isRuleCache, RuleCache } from "./rule-cache.ts";
import { reportShadowed } from "./shadowed.ts";
import { ServiceBuilder } from "./service-builder.ts";
import type { RouterStatus, RoutingStatus } from "./status.ts";

/** The compiled configuration: immutable, swapped whole. */
export interface RoutingTable {
  /** What answers on each entry point. */
  readonly entryPoints: ReadonlyMap<string, Handler>;
  readonly status: RoutingStatus;
  /** The providers' problems and the build's own. */
  readonly problems: readonly Problem[];
}

/**
 * Builds a routing table. Parts that can't be built are disabled, each on its own.
 * What outlives the table is taken from `context.state`, whose build the caller begins and commits.
 */
export function buildRoutingTable(config: MergedConfiguration, context: BuildContext): RoutingTable {
  const middlewares = new MiddlewareBuilder(config.http.middlewares, context);
  const services = new ServiceBuilder(config.http, context, middlewares);
  const rules = context.state.take("rules", isRuleCache, () => new RuleCache());
  rules.turn();
  const entryPoints = context.entryPoints().map((entryPoint) => ({
    ...entryPoint,
    middlewares: entryPoint.middlewares.map((reference) => middlewares.resolve(reference)),
  }));
  const routes = new Map<string, Route[]>(entryPoints.map(({ name }) => [name, []]));
  const problems: Problem[] = [...config.problems];
  const parts = { context, entryPoints, rules, middlewares, services, problems };
  const routers: RouterStatus[] = [];
  for (const [key, router] of Object.entries(config.http.routers)) {
    const builder = new RouterBuilder(key, router, parts);
    builder.addTo(routes, routers.length);
    routers.push(builder.status);
  }
  problems.push(...reportShadowed(routes));
  problems.push(...middlewares.problems, ...services.problems);
  return {
    entryPoints: new Map([...routes].map(([name, list]) => [name, handlerOf(list)])),
    status: { routers, services: services.statuses, middlewares: middlewares.statuses },
    problems,
  };
}

function handlerOf(routes: readonly Route[]): Handler {
  const router = createRouter(routes);
  return (request) => {
    const route = router.find(request);
    return route === undefined ? textResponse(404, "404 page not found\n") : route.handler(request);
  };
}
