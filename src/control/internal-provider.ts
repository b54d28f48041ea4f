// The routers weir makes itself: API, dashboard, ping, metrics, and redirections between entry points.

import type { DynamicConfiguration, HttpRouter } from "../config/dynamic.ts";
import { emptyConfiguration } from "../config/dynamic.ts";
import type { StaticConfiguration } from "../config/static.ts";
import type { Handler } from "../http/handler.ts";
import { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest } from "../http/request.ts";
import { ProxyResponse, textResponse } from "../http/response.ts";
import type { Provider } from "../provider/provider.ts";
import type { RuleNode } from "../rule/tree.ts";

/** Above every priority a user may give; the first wins. */
const PRIORITY = { ping: Number.MAX_SAFE_INTEGER, api: Number.MAX_SAFE_INTEGER - 1, rest: Number.MAX_SAFE_INTEGER - 2 };
const TRAEFIK = "traefik"; // the entry point of everything internal

/** What the internal provider needs to know. */
type Own = Pick<StaticConfiguration, "api" | "ping" | "metrics" | "entryPoints">;

/** Provides weir's own routers. */
export interface InternalProvider extends Provider {
  /** Entry points have changed, and with them their redirections. */
  follow(entryPoints: Own["entryPoints"]): void;
}

/** Makes it; the routers change with the entry points, and with nothing else. */
export function createInternalProvider(config: Own): InternalProvider {
  let current = config;
  let tell: Parameters<Provider["start"]>[0] | undefined;
  const update = (): void => tell?.({ configuration: configurationOf(current), problems: [] });
  return {
    name: "internal",
    start(listener) {
      tell = listener;
      update();
    },
    stop: () => Promise.resolve(),
    follow(entryPoints) {
      current = { ...current, entryPoints };
      update();
    },
  };
}

function configurationOf(config: Own): DynamicConfiguration {
  const routers = Object.fromEntries([...ownRouters(config), ...redirectRouters(config)]);
  return { http: { ...emptyConfiguration.http, routers } };
}

function ownRouters({ api, ping, metrics }: Own): [string, HttpRouter][] {
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

function redirectRouters({ entryPoints }: Own): [string, HttpRouter][] {
  return Object.entries(entryPoints).flatMap(([name, { http }]) => {
    const redirection = http.redirections?.entryPoint;
    if (redirection === undefined) return [];
    const service = redirectService(name);
    const key = `${name}-to-${redirection.to.replace(/^:/, "")}`;
    return [[key, router(name, prefix("/"), service, redirection.priority)] satisfies [string, HttpRouter]];
  });
}

/** The internal services that redirect one entry point to another, by name. */
export function redirectServices(config: Pick<Own, "entryPoints">): [string, Handler][] {
  return Object.entries(config.entryPoints).flatMap(([name, { http }]) => {
    const redirection = http.redirections?.entryPoint;
    if (redirection === undefined) return [];
    const port = portOf(redirection.to, config);
    const handler = redirectHandler(redirection.scheme, port, redirection.permanent);
    return [[redirectService(name), handler] satisfies [string, Handler]];
  });
}

/** Those services, as they are with the entry points of the moment: a table built before keeps what it holds of them. */
export class RedirectServices {
  /** By name; grows as entry points get redirections, and forgets none, for tables that still hold it. */
  readonly handlers = new Map<string, Handler>();
  #current: ReadonlyMap<string, Handler> = new Map();

  /** Entry points are these, now. */
  follow(entryPoints: Own["entryPoints"]): void {
    this.#current = new Map(redirectServices({ entryPoints }));
    for (const name of this.#current.keys()) this.handlers.set(name, (request) => this.#answer(name, request));
  }

  #answer(name: string, request: ProxyRequest): ReturnType<Handler> {
    return this.#current.get(name)?.(request) ?? textResponse(404, "404 page not found\n");
  }
}

function redirectService(entryPoint: string): string {
  return `redirect-${entryPoint}@internal`;
}

/** `:443`, or the port of the entry point of that name. */
function portOf(to: string, config: Pick<Own, "entryPoints">): string {
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
