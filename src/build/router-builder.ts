// Builds one router for all its entry points; whatever goes wrong costs this router alone, and never opens it.

import type { HttpRouter } from "../config/dynamic.ts";
import type { Merged } from "../config/merge.ts";
import type { Handler } from "../http/handler.ts";
import { composeMiddlewares } from "../middleware/chain.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import { prepareRule } from "../router/prepare-rule.ts";
import { rulePriority } from "../rule/priority.ts";
import type { RuleNode } from "../rule/tree.ts";
import type { Problem } from "../schema/problem.ts";
import type { BuildContext, EntryPointFacts } from "./context.ts";
import type { MiddlewareBuilder } from "./middleware-builder.ts";
import type { Route, RouteFacts } from "./route.ts";
import { closedChain, recordOrigin, recordRoute } from "./route.ts";
import type { RuleCache } from "./rule-cache.ts";
import type { ServiceBuilder } from "./service-builder.ts";
import type { RouterStatus } from "./status.ts";
import { degrade } from "./status.ts";

/** Traefik's highest priority a user may give. */
const MAX_PRIORITY = Number.MAX_SAFE_INTEGER - 1000;

/**
 * Among routers of equal priority, those whose service has no servers come last: a dead object must not shadow a
 * live one. Those that a middleware keeps closed stay where they are: an equal router without that middleware must
 * not take their requests.
 */
const EMPTY_LAST = 2 ** 32;

const uncounted = { routerMeter: undefined, serviceMeter: undefined } as const;

/** What all routers of one table are built with. */
export interface RouterBuildParts {
  readonly context: BuildContext;
  /** With their middlewares resolved. */
  readonly entryPoints: readonly EntryPointFacts[];
  readonly rules: RuleCache;
  readonly middlewares: MiddlewareBuilder;
  readonly services: ServiceBuilder;
  readonly problems: Problem[];
}

/** See the file's sentence. */
export class RouterBuilder {
  readonly status: RouterStatus;
  readonly #router: Merged<HttpRouter>;
  readonly #parts: RouterBuildParts;

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

  /** Adds the router to the routes of its entry points. @param order decides between equal priorities */
  addTo(routes: ReadonlyMap<string, Route[]>, order: number): void {
    const rule = this.#rule();
    if (rule === undefined) return;
    const priority = this.#priority();
    const entryPoints = this.#entryPoints();
    if (this.#router.tls !== undefined) {
      this.#problem("warning", "tls-not-served", "TLS is not served yet, so the router gets no requests");
      this.status.state = "disabled";
      return;
    }
    const isEmpty = this.#noteUses();
    for (const defect of this.#router.defects ?? []) degrade(this.status, isEmpty ? "disabled" : "warning", defect);
    const facts = this.#facts();
    const place = { rule, priority, order: isEmpty ? order + EMPTY_LAST : order, status: this.status };
    for (const entryPoint of entryPoints) {
      const handler = recordRoute(facts, this.#chain(entryPoint));
      routes.get(entryPoint.name)?.push({ ...place, handler });
      this.status.using.push(entryPoint.name);
    }
  }

  #rule(): RuleNode | undefined {
    try {
      const tree = this.#tree();
      if (tree === undefined) return undefined;
      const { error } = prepareRule(tree);
      return error === undefined ? tree : this.#badRule(error);
    } catch (thrown) {
      return this.#badRule(toProxyError(thrown)); // a mistake of weir's own
    }
  }

  #tree(): RuleNode | undefined {
    const { rule, ruleSyntax } = this.#router;
    if (typeof rule !== "string") return rule;
    const parsed = this.#parts.rules.read(rule, ruleSyntax ?? this.#parts.context.defaultSyntax);
    if ("error" in parsed) return this.#badRule(parsed.error);
    for (const warning of parsed.warnings) this.#ruleProblem("warning", warning);
    return parsed.tree;
  }

  #badRule(error: { readonly message: string; readonly hint?: string }): undefined {
    this.#ruleProblem("error", error);
    return undefined;
  }

  #ruleProblem(severity: "error" | "warning", error: { readonly message: string; readonly hint?: string }): void {
    const { rule } = this.#router;
    const text = typeof rule === "string" ? `the rule ${JSON.stringify(rule)}` : "the rule";
    this.#problem(severity, "bad-rule", `${text}: ${error.message}`, { hint: error.hint, path: this.#router.rulePath });
  }

  #priority(): number {
    const { rule, priority = 0, provider } = this.#router;
    const limit = provider === "internal" ? Number.MAX_SAFE_INTEGER : MAX_PRIORITY;
    if (priority > limit) {
      this.#problem("warning", "bad-priority", `the priority ${priority} is above ${limit}, which is used instead`);
    }
    this.status.priority = Math.min(priority === 0 ? rulePriority(rule) : priority, limit);
    return this.status.priority;
  }

  #entryPoints(): readonly EntryPointFacts[] {
    const all = this.#parts.entryPoints;
    const wanted = this.#router.entryPoints;
    if (wanted === undefined || wanted.length === 0) return all.filter(({ isDefault }) => isDefault);
    const found = all.filter(({ name }) => wanted.includes(name));
    const severity = found.length === 0 ? "error" : "warning"; // with others left, the router serves there
    for (const name of new Set(wanted)) {
      if (found.some((entryPoint) => entryPoint.name === name)) continue;
      const known = all.map((entryPoint) => entryPoint.name).join(", ");
      this.#problem(severity, "unknown-entry-point", `there is no entry point ${name}`, {
        hint: `there are: ${known}`,
      });
    }
    return found;
  }

  /** Tells the parts who uses them. @returns true when the service has no server to send requests to */
  #noteUses(): boolean {
    const { middlewares, services } = this.#parts;
    for (const name of this.#router.middlewares ?? []) middlewares.use(name, this.status.name);
    services.use(this.#router.service, this.status.name);
    return services.isEmpty(this.#router.service);
  }

  /** Middlewares and service, or what stands in for them when the router can't serve. */
  #chain(entryPoint: EntryPointFacts): Handler {
    const { middlewares } = this.#parts;
    try {
      for (const name of entryPoint.middlewares) middlewares.use(name, this.status.name);
      const names = [...entryPoint.middlewares, ...this.#router.middlewares ?? []];
      return composeMiddlewares(names.map((name) => middlewares.get(name)), this.#service());
    } catch (thrown) {
      const { message, code } = toProxyError(thrown);
      if (!this.status.errors.includes(message)) this.#problem("error", code, message);
      return closedChain(new ProxyError(message, { code, source: "internal", status: 503 }));
    }
  }

  #service(): Handler {
    const { services, context } = this.#parts;
    const { handler } = services.get(this.#router.service);
    return context.keepsHeaders === true ? recordOrigin(handler) : handler;
  }

  #facts(): RouteFacts {
    const { services, context } = this.#parts;
    const serviceName = services.nameOf(this.#router.service);
    return {
      routerName: this.status.name,
      serviceName,
      ...this.#meters(serviceName),
      logged: this.#router.observability?.accessLogs !== false,
      keepsHeaders: context.keepsHeaders ?? false,
    };
  }

  /** A router is served uncounted rather than not at all. */
  #meters(serviceName: string): Pick<RouteFacts, "routerMeter" | "serviceMeter"> {
    const { meters } = this.#parts.context;
    if (meters === undefined || this.#router.observability?.metrics === false) return uncounted;
    try {
      return { routerMeter: meters.router(this.status.name, serviceName), serviceMeter: meters.service(serviceName) };
    } catch (thrown) {
      this.#problem("warning", "not-counted", `its requests can't be counted: ${toProxyError(thrown).message}`);
      return uncounted;
    }
  }

  #problem(severity: "error" | "warning", code: string, message: string, { hint, path }: Details = {}): void {
    degrade(this.status, severity === "error" ? "disabled" : "warning", message);
    const { source } = this.#router;
    this.#parts.problems.push({
      severity,
      code,
      message: `router ${this.status.name}: ${message}`,
      ...(hint !== undefined && { hint }),
      ...(source !== undefined && { source }),
      ...(path !== undefined && { path }),
    });
  }
}

/** What a problem may say besides its message. */
interface Details {
  readonly hint?: string | undefined;
  readonly path?: Problem["path"];
}
