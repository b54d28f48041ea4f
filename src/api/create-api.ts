// The internal services as fetch handlers: `api@internal`, `dashboard@internal`, `ping@internal`, `prometheus@internal`.

import { exposeMetrics } from "../telemetry/exposition.ts";
import type { MetricsRegistry } from "../telemetry/metrics-registry.ts";
import { createApiRoutes } from "./api-routes.ts";
import { createDashboard } from "./dashboard.ts";
import type { ApiSnapshot } from "./snapshot.ts";

/** What the internal services are made of. */
export interface ApiOptions {
  /** Called once per request; may build the picture each time. */
  snapshot(): ApiSnapshot;
  readonly version: string;
  /** Default: `weir`. */
  readonly codename?: string | undefined;
  readonly startDate: Date;
  /** What is waited for before requests may be sent to this process, which `/ping` tells with 503; undefined: nothing. */
  awaited?(): string | undefined;
  /** True while the process stops: `/ping` then answers {@link terminatingStatusCode}. */
  isStopping(): boolean;
  /** Default: 503. */
  readonly terminatingStatusCode?: number | undefined;
  /** Absent: `/metrics` answers 404. */
  readonly metrics?: MetricsRegistry | undefined;
  /** Traefik's `api.basePath`. Default: `/`. */
  readonly basePath?: string | undefined;
  /** Traefik's `api.dashboard`. Default: true. */
  readonly dashboard?: boolean | undefined;
}

/** Answers a request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** The internal services. */
export interface Api {
  /** All of them, told apart by path: what the `traefik` entry point serves. */
  readonly fetch: Fetch;
  /** By the names routers use: each answers every request routed to it. */
  readonly services: Readonly<Record<InternalService, Fetch>>;
}

/** Names of the internal services, with their provider. */
export type InternalService = "api@internal" | "dashboard@internal" | "ping@internal" | "prometheus@internal";

const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]); // a Response of these must have no body

/** Builds the internal services. */
export function createApi(options: ApiOptions): Api {
  const basePath = cleanBase(options.basePath ?? "/");
  const { version, startDate, codename = "weir" } = options;
  const routes = createApiRoutes({ snapshot: () => options.snapshot(), version, codename, startDate, basePath });
  const page = createDashboard({ version, basePath });
  const dashboard: Fetch = (request) => page.fetch(request);
  const prefix = `${basePath === "/" ? "" : basePath}/api`;
  const api: Fetch = (request) => {
    const path = pathOf(request);
    const isApi = path === prefix || path.startsWith(`${prefix}/`);
    return isApi || options.dashboard === false ? routes.fetch(request) : dashboard(request);
  };
  const ping: Fetch = () => answerPing(options);
  const metrics: Fetch = (request) => answerMetrics(options.metrics, request);
  const byPath = new Map<string, Fetch>([["/ping", ping], ["/metrics", metrics]]);
  return {
    fetch: (request) => (byPath.get(pathOf(request)) ?? api)(request),
    services: {
      "api@internal": api,
      "dashboard@internal": dashboard,
      "ping@internal": ping,
      "prometheus@internal": metrics,
    },
  };
}

function answerPing(options: ApiOptions): Response {
  if (!options.isStopping()) {
    const awaited = options.awaited?.();
    return awaited === undefined ? plain(200, "OK") : plain(503, `weir starts: waiting for ${awaited}`);
  }
  const status = options.terminatingStatusCode ?? 503;
  return BODILESS.has(status) ? new Response(null, { status }) : plain(status, "Service Unavailable");
}

function answerMetrics(registry: MetricsRegistry | undefined, request: Request): Response {
  if (registry === undefined) return plain(404, "404 page not found\n");
  const { contentType, text } = exposeMetrics(registry, request.headers.get("Accept") ?? undefined);
  return new Response(text, { headers: { "Content-Type": contentType } });
}

function plain(status: number, text: string): Response {
  const headers = { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" };
  return new Response(text, { status, headers });
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname;
}

function cleanBase(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return `/${trimmed}`;
}
