// The routers weir makes itself: API, dashboard, ping, metrics, and redirections between entry points.

import type { DynamicConfiguration, HttpRouter } from "../config/dynamic.ts";
import { emptyConfiguration } from "../config/dynamic.ts";
import type { StaticConfiguration } from "../config/static.ts";
import type { Handler } from "../http/handler.ts";
import { HeaderList } from "../http/header-list.ts";
import { ProxyResponse } from "../http/response.ts";
import type { Provider } from "../provider/provider.ts";
import type { RuleNode } from "../rule/tree.ts";

/** Above every priority a user may give; the first wins. */
const PRIORITY = { ping: Number.MAX_SAFE_INTEGER, api: Number.MAX_SAFE_INTEGER - 1, rest: Number.MAX_SAFE_INTEGER - 2 };
const TRAEFIK = "traefik"; // the entry point of everything internal

/** Provides weir's own routers; they never change. */
export function createInternalProvider(config: StaticConfiguration): Provider {
  const routers = Object.fromEntries([...ownRouters(config), ...redirectRouters(config)]);
  const configuration: DynamicConfiguration = { http: { ...emptyConfiguration.http, routers } };
  return {
    name: "internal",
    start: (update) => update({ configuration, problems: [] }),
    stop: () => Promise.resolve(),
  };
}

function ownRouters({ api, ping, metrics }: StaticConfiguration): [string, HttpRouter][] {
  const routers: [string, HttpRouter][] = [];
  if (api?.insecure) {
    const base = api.basePath.replace(/\/+$/, "");
    routers.push(["api", router(TRAEFIK, prefix(`${base}/api`), "api@internal", PRIORITY.api)]);
    if (api.dashboard) {
      routers.push(["dashboard", router(TRAEFIK, prefix(base || "/"), "dashboard@internal", PRIORITY.rest)]);
    }
  }
  if (ping !== undefined && !ping.manualRouting) {
    routers.push(["ping", router(ping.entryPoint, prefix("/ping"), "ping@internal", PRIORITY.ping)]);
  }
  const { prometheus } = metrics;
  if (prometheus !== undefined && !prometheus.manualRouting) {
    routers.push([
      "prometheus",
      router(prometheus.entryPoint, prefix("/metrics"), "prometheus@internal", PRIORITY.ping),
    ]);
  }
  return routers;
}

function redirectRouters({ entryPoints }: StaticConfiguration): [string, HttpRouter][] {
  return Object.entries(entryPoints).flatMap(([name, { http }]) => {
    const redirection = http.redirections?.entryPoint;
    if (redirection === undefined) return [];
    const service = redirectService(name);
    const key = `${name}-to-${redirection.to.replace(/^:/, "")}`;
    return [[key, router(name, prefix("/"), service, redirection.priority)] satisfies [string, HttpRouter]];
  });
}

/** The internal services that redirect one entry point to another, by name. */
export function redirectServices(config: StaticConfiguration): [string, Handler][] {
  return Object.entries(config.entryPoints).flatMap(([name, { http }]) => {
    const redirection = http.redirections?.entryPoint;
    if (redirection === undefined) return [];
    const port = portOf(redirection.to, config);
    const handler = redirectHandler(redirection.scheme, port, redirection.permanent);
    return [[redirectService(name), handler] satisfies [string, Handler]];
  });
}

function redirectService(entryPoint: string): string {
  return `redirect-${entryPoint}@internal`;
}

/** `:443`, or the port of the entry point of that name. */
function portOf(to: string, config: StaticConfiguration): string {
  const address = to.startsWith(":") ? to : config.entryPoints[to]?.address ?? "";
  return /:(\d+)(?:\/\w+)?$/.exec(address)?.[1] ?? "";
}

function redirectHandler(scheme: string, port: string, permanent: boolean): Handler {
  const isDefault = (scheme === "https" && port === "443") || (scheme === "http" && port === "80") || port === "";
  return (request) => {
    const host = request.host.includes(":") ? `[${request.host}]` : request.host;
    const location = `${scheme}://${host}${isDefault ? "" : `:${port}`}${request.path}${request.search}`;
    return new ProxyResponse(redirectStatus(request.method, permanent), HeaderList.of(["Location", location]));
  };
}

/** As Traefik: GET may become GET, everything else keeps its method. */
function redirectStatus(method: string, permanent: boolean): number {
  if (method === "GET") return permanent ? 301 : 302;
  return permanent ? 308 : 307;
}

function router(entryPoint: string, rule: RuleNode, service: string, priority: number): HttpRouter {
  return { entryPoints: [entryPoint], rule, service, priority };
}

function prefix(path: string): RuleNode {
  return { type: "matcher", name: "PathPrefix", args: [path] };
}
