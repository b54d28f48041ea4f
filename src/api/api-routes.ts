// The paths below `/api`, in Traefik's shapes, and weir's own `/api/problems`.

import type { Context } from "hono";
import { Hono } from "hono";
import { redact } from "../telemetry/redact.ts";
import { guard, message } from "./guard.ts";
import type { ListingRules, Page } from "./listing.ts";
import { listPage, pageOf } from "./listing.ts";
import { middlewareRules, middlewareType, routerRules, serviceRules, serviceType } from "./listing-rules.ts";
import { toEntryPointJson, toListed, toMiddlewareJson, toRouterJson, toServicePartJson } from "./part-json.ts";
import type { PartJson } from "./part-json.ts";
import type { ApiMiddleware, ApiPart, ApiRouter, ApiService, ApiSnapshot } from "./snapshot.ts";

/** What the API tells and about what. */
export interface ApiRoutesOptions {
  snapshot(): ApiSnapshot;
  readonly version: string;
  readonly codename: string;
  readonly startDate: Date;
  /** `/`, or a path without trailing slash. */
  readonly basePath: string;
}

/** Kinds of parts weir does not serve yet; their lists are empty, in the right shape. */
const EMPTY_LISTS = [
  ["/api/tcp/routers", "router"],
  ["/api/tcp/services", "service"],
  ["/api/tcp/middlewares", "middleware"],
  ["/api/udp/routers", "router"],
  ["/api/udp/services", "service"],
  ["/api/certificates", "certificate"],
] as const;

/** Serves everything below `/api`. */
export function createApiRoutes(options: ApiRoutesOptions): Hono {
  const app = new Hono().basePath(options.basePath);
  const { snapshot } = options;
  const { version: Version, codename: Codename, startDate } = options;
  app.use(guard);
  app.get("/api/version", (context) => context.json({ Version, Codename, startDate: startDate.toISOString() }));
  app.get("/api/rawdata", (context) => context.json(rawData(snapshot())));
  app.get("/api/overview", (context) => context.json(overview(snapshot())));
  app.get("/api/problems", (context) => {
    return answerPage(context, pageOf(snapshot().problems, context.req.query()), (problem) => redact(problem));
  });
  app.get("/api/entrypoints", (context) => {
    return answerPage(context, pageOf(snapshot().entryPoints, context.req.query()), toEntryPointJson);
  });
  app.get("/api/entrypoints/:name", (context) => {
    const name = context.req.param("name");
    const found = snapshot().entryPoints.find((entryPoint) => entryPoint.name === name);
    return found === undefined ? message(404, `entry point not found: ${name}`) : context.json(toEntryPointJson(found));
  });
  addParts(app, {
    path: "routers",
    noun: "router",
    rules: routerRules,
    list: () => snapshot().routers,
    show: showRouter,
  });
  addParts(app, {
    ...{ path: "services", noun: "service", rules: serviceRules },
    ...{ list: () => snapshot().services, show: showService },
  });
  addParts(app, {
    ...{ path: "middlewares", noun: "middleware", rules: middlewareRules },
    ...{ list: () => snapshot().middlewares, show: showMiddleware },
  });
  for (const [path, noun] of EMPTY_LISTS) {
    app.get(path, (context) => answerPage(context, pageOf([], context.req.query()), (item) => item));
    app.get(`${path}/:id`, (context) => message(404, `${noun} not found: ${context.req.param("id")}`));
  }
  app.notFound((context) => message(404, `no such path: ${context.req.path}`));
  return app;
}

interface PartRoutes<T extends ApiPart> {
  readonly path: string;
  readonly noun: string;
  readonly rules: ListingRules<T>;
  list(): readonly T[];
  show(part: T): PartJson;
}

function addParts<T extends ApiPart>(app: Hono, routes: PartRoutes<T>): void {
  app.get(`/api/http/${routes.path}`, (context) => {
    return answerPage(context, listPage(routes.list(), context.req.query(), routes.rules), routes.show);
  });
  app.get(`/api/http/${routes.path}/:id`, (context) => {
    const name = context.req.param("id");
    const found = routes.list().find((part) => part.name === name);
    return found === undefined ? message(404, `${routes.noun} not found: ${name}`) : context.json(routes.show(found));
  });
}

function answerPage<T>(context: Context, page: Page<T>, show: (item: T) => unknown): Response {
  if ("error" in page) return message(400, page.error);
  context.header("X-Next-Page", String(page.nextPage));
  return context.json(page.items.map(show));
}

function showRouter(router: ApiRouter): PartJson {
  return toListed(router, toRouterJson(router), { priorityStr: String(router.priority) });
}

function showService(service: ApiService): PartJson {
  return toListed(service, toServicePartJson(service), { type: serviceType(service) });
}

function showMiddleware(middleware: ApiMiddleware): PartJson {
  return toListed(middleware, toMiddlewareJson(middleware), { type: middlewareType(middleware) });
}

/** Traefik leaves empty kinds out. */
function rawData({ routers, services, middlewares }: ApiSnapshot): PartJson {
  return {
    ...(routers.length === 0 ? {} : { routers: byName(routers, toRouterJson) }),
    ...(middlewares.length === 0 ? {} : { middlewares: byName(middlewares, toMiddlewareJson) }),
    ...(services.length === 0 ? {} : { services: byName(services, toServicePartJson) }),
  };
}

function byName<T extends ApiPart>(parts: readonly T[], show: (part: T) => PartJson): PartJson {
  return Object.fromEntries(parts.map((part) => [part.name, show(part)]));
}

function overview({ routers, services, middlewares, features, providers }: ApiSnapshot): PartJson {
  const none = countStatuses([]);
  return {
    http: {
      routers: countStatuses(routers),
      services: countStatuses(services),
      middlewares: countStatuses(middlewares),
    },
    tcp: { routers: none, services: none, middlewares: none },
    udp: { routers: none, services: none },
    certificates: none,
    features,
    providers,
  };
}

function countStatuses(parts: readonly ApiPart[]): PartJson {
  const count = (status: string) => parts.filter((part) => part.status === status).length;
  return { total: parts.length, warnings: count("warning"), errors: count("disabled") };
}
