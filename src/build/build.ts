// Pure: a merged configuration becomes a routing table and the status of each of its parts.

import type { MergedConfiguration } from "../config/merge.ts";
import type { Merged } from "../config/merge.ts";
import type { HttpRouter } from "../config/dynamic.ts";
import type { Handler } from "../http/handler.ts";
import { textResponse } from "../http/response.ts";
import { composeMiddlewares } from "../middleware/chain.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import { createRouter } from "../router/router.ts";
import { compileHttpRule } from "../rule/http-matcher.ts";
import { parseRule } from "../rule/parse.ts";
import { rulePriority } from "../rule/priority.ts";
import type { RuleNode } from "../rule/tree.ts";
import type { Problem } from "../schema/problem.ts";
import type { BuildContext } from "./context.ts";
import { MiddlewareBuilder } from "./middleware-builder.ts";
import type { Route } from "./route.ts";
import { closedChain, recordRoute } from "./route.ts";
import { ServiceBuilder } from "./service-builder.ts";
import type { RouterStatus, RoutingStatus } from "./status.ts";
import { degrade } from "./status.ts";

/** Traefik's highest priority a user may give. */
const MAX_PRIORITY = Number.MAX_SAFE_INTEGER - 1000;

/** Among routers of equal priority, those that can't serve come last; a lower priority never takes their requests. */
const CLOSED_LAST = 2 ** 32;

/** The compiled configuration: immutable, swapped whole. */
export interface RoutingTable {
  /** What answers on each entry point. */
  readonly entryPoints: ReadonlyMap<string, Handler>;
  readonly status: RoutingStatus;
  /** The providers' problems and the build's own. */
  readonly problems: readonly Problem[];
}

/** Builds a routing table. Parts that can't be built are disabled, each on its own. */
export function buildRoutingTable(config: MergedConfiguration, context: BuildContext): RoutingTable {
  const middlewares = new MiddlewareBuilder(config.http.middlewares, context);
  const services = new ServiceBuilder(config.http, context, middlewares);
  const routes = new Map<string, Route[]>(context.entryPoints().map(({ name }) => [name, []]));
  const problems: Problem[] = [...config.problems];
  const routers: RouterStatus[] = [];
  for (const [key, router] of Object.entries(config.http.routers)) {
    const builder = new RouterBuilder(key, router, { context, middlewares, services, problems });
    builder.addTo(routes, routers.length);
    routers.push(builder.status);
  }
  problems.push(...middlewares.problems, ...services.problems);
  return {
    entryPoints: new Map([...routes].map(([name, list]) => [name, handlerOf(list)])),
    status: { routers, services: services.statuses, middlewares: middlewares.statuses },
    problems,
  };
}

/** The answer of an entry point that has no router for a request. */
export function notFound(): ReturnType<Handler> {
  return textResponse(404, "404 page not found\n");
}

function handlerOf(routes: readonly Route[]): Handler {
  const router = createRouter(routes);
  return (request) => {
    const route = router.find(request);
    return route === undefined ? notFound() : route.handler(request);
  };
}

interface RouterBuildParts {
  readonly context: BuildContext;
  readonly middlewares: MiddlewareBuilder;
  readonly services: ServiceBuilder;
  readonly problems: Problem[];
}

/** Builds one router for all its entry points. */
class RouterBuilder {
  readonly status: RouterStatus;
  readonly #router: Merged<HttpRouter>;
  readonly #parts: RouterBuildParts;
  /** It can't serve, or has no server now: its requests fail. */
  #isClosed = false;

  constructor(key: string, router: Merged<HttpRouter>, parts: RouterBuildParts) {
    this.#router = router;
    this.#parts = parts;
    this.status = {
      key,
      name: `${router.displayName}@${router.provider}`,
      provider: router.provider,
      config: router,
      state: "enabled",
      errors: [],
      using: [],
      priority: 0,
    };
  }

  /** Adds the router to the routes of its entry points. */
  addTo(routes: ReadonlyMap<string, Route[]>, order: number): void {
    const rule = this.#rule();
    if (rule === undefined) return;
    const priority = this.#priority();
    const entryPoints = this.#entryPoints();
    if (this.#router.tls !== undefined) {
      this.#problem("warning", "tls-not-served", "TLS is not served yet, so the router gets no requests");
      return;
    }
    const facts = this.#facts();
    for (const entryPoint of entryPoints) {
      const chain = this.#chain(entryPoint.middlewares);
      const place = this.#isClosed ? order + CLOSED_LAST : order;
      routes.get(entryPoint.name)?.push({ rule, priority, order: place, handler: recordRoute(facts, chain) });
      this.status.using.push(entryPoint.name);
    }
  }

  #rule(): RuleNode | undefined {
    const { rule, ruleSyntax } = this.#router;
    let tree: RuleNode;
    if (typeof rule === "string") {
      const parsed = parseRule(rule, { syntax: ruleSyntax ?? this.#parts.context.defaultSyntax, protocol: "http" });
      if ("error" in parsed) return this.#badRule(parsed.error);
      for (const warning of parsed.warnings) this.#ruleProblem("warning", warning);
      tree = parsed.tree;
    } else tree = rule;
    const { error } = compileHttpRule(tree);
    return error === undefined ? tree : this.#badRule(error);
  }

  #badRule(error: { readonly message: string; readonly hint?: string }): undefined {
    this.#ruleProblem("error", error);
    return undefined;
  }

  #ruleProblem(severity: "error" | "warning", error: { readonly message: string; readonly hint?: string }): void {
    const { rule } = this.#router;
    const text = typeof rule === "string" ? `the rule ${JSON.stringify(rule)}` : "the rule";
    this.#problem(severity, "bad-rule", `${text}: ${error.message}`, error.hint);
  }

  #priority(): number {
    const { rule, priority = 0 } = this.#router;
    const effective = priority === 0 ? rulePriority(rule) : priority;
    if (effective > MAX_PRIORITY && this.#router.provider !== "internal") {
      this.#problem(
        "warning",
        "bad-priority",
        `the priority ${priority} is above ${MAX_PRIORITY}, which is used instead`,
      );
    }
    const limit = this.#router.provider === "internal" ? Number.MAX_SAFE_INTEGER : MAX_PRIORITY;
    this.status.priority = Math.min(effective, limit);
    return this.status.priority;
  }

  #entryPoints(): ReturnType<BuildContext["entryPoints"]> {
    const all = this.#parts.context.entryPoints();
    const wanted = this.#router.entryPoints;
    if (wanted === undefined || wanted.length === 0) return all.filter(({ isDefault }) => isDefault);
    for (const name of wanted) {
      if (all.some((entryPoint) => entryPoint.name === name)) continue;
      const known = all.map((entryPoint) => entryPoint.name).join(", ");
      this.#problem("error", "unknown-entry-point", `there is no entry point ${name}`, `there are: ${known}`);
    }
    return all.filter(({ name }) => wanted.includes(name));
  }

  /** Middlewares and service, or what stands in for them when the router can't serve. */
  #chain(before: readonly string[]): Handler {
    const { middlewares, services } = this.#parts;
    const names = [...before, ...this.#router.middlewares ?? []];
    for (const name of names) middlewares.use(name, this.status.name);
    services.use(this.#router.service, this.status.name);
    try {
      const chain = names.map((name) => middlewares.get(name));
      const service = services.get(this.#router.service);
      if (!service.available()) this.#isClosed = true;
      return composeMiddlewares(chain, service.handler);
    } catch (thrown) {
      const { message, code } = toProxyError(thrown);
      if (!this.status.errors.includes(message)) this.#problem("error", code, message);
      this.#isClosed = true;
      return closedChain(new ProxyError(message, { code, source: "internal", status: 503 }));
    }
  }

  #facts(): Parameters<typeof recordRoute>[0] {
    const { meters } = this.#parts.context;
    const { service, observability } = this.#router;
    const serviceName = this.#parts.services.nameOf(service);
    const counted = observability?.metrics !== false;
    return {
      routerName: this.status.name,
      serviceName,
      routerMeter: counted ? meters?.router(this.status.name, serviceName) : undefined,
      serviceMeter: counted ? meters?.service(serviceName) : undefined,
      logged: observability?.accessLogs !== false,
    };
  }

  #problem(severity: "error" | "warning", code: string, message: string, hint?: string): void {
    degrade(this.status, severity === "error" ? "disabled" : "warning", message);
    const { source } = this.#router;
    this.#parts.problems.push({
      severity,
      code,
      message: `router ${this.status.name}: ${message}`,
      ...(hint !== undefined && { hint }),
      ...(source !== undefined && { source }),
    });
  }
}
