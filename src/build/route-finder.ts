// What answers on an entry point: the route that a request finds. The index knows rules only, and outlives what serves.

import type { Handler } from "../http/handler.ts";
import { textResponse } from "../http/response.ts";
import { createRouter, type Router } from "../router/router.ts";
import type { RouteEntry } from "../router/route.ts";
import type { Route } from "./route.ts";

/** A rule, and where its route stands in the list. */
interface Place extends RouteEntry {
  readonly at: number;
}

/** The routes of one entry point, ready to answer. */
export interface RouteFinder {
  readonly routes: readonly Route[];
  readonly router: Router<Place>;
  readonly handler: Handler;
}

/**
 * Makes one.
 * @param before of the last build: it is kept where nothing has changed, and its index where no rule has
 */
export function createRouteFinder(routes: readonly Route[], before: RouteFinder | undefined): RouteFinder {
  if (before === undefined || before.routes.length !== routes.length) return withRouter(routes, indexOf(routes));
  let isSame = true;
  for (const [at, route] of routes.entries()) {
    const old = before.routes[at];
    if (old === route) continue;
    if (old?.identity !== route.identity || old.order !== route.order) return withRouter(routes, indexOf(routes));
    isSame = false;
  }
  return isSame ? before : withRouter(routes, before.router);
}

function indexOf(routes: readonly Route[]): Router<Place> {
  return createRouter(routes.map(({ rule, priority, order }, at) => ({ rule, priority, order, at })));
}

function withRouter(routes: readonly Route[], router: Router<Place>): RouteFinder {
  return {
    routes,
    router,
    handler: (request) => {
      const place = router.find(request);
      const route = place === undefined ? undefined : routes[place.at];
      return route === undefined ? textResponse(404, "404 page not found\n") : route.handler(request);
    },
  };
}
