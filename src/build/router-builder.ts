// Builds one router for all its entry points; whatever goes wrong costs this router alone, and never opens it.

import type { HttpRouter } from "../config/dynamic.ts";
import type { RouterTls } from "../config/dynamic-tls.ts";
import type { Merged } from "../config/merge-section.ts";
import type { Handler } from "../http/handler.ts";
import { composeMiddlewares } from "../middleware/chain.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import { prepareRule } from "../router/prepare-rule.ts";
import { rulePriority } from "../rule/priority.ts";
import type { RuleNode } from "../rule/tree.ts";
import type { Problem } from "../schema/problem.ts";
import type { OptionSet } from "../tls/option-set.ts";
import type { BuildContext, EntryPointFacts } from "./context.ts";
import { chooseEntryPoints } from "./entry-points.ts";
import type { Dependency } from "./memory.ts";
import type { MiddlewareBuilder } from "./middleware-builder.ts";
import { NOT_SERVED_YET } from "./not-served.ts";
import type { Route, RouteFacts, RouteTls } from "./route.ts";
import { closedChain, recordOrigin, recordRoute } from "./route.ts";
import type { RuleCache } from "./rule-cache.ts";
import { demandingClient } from "./secure-tables.ts";
import type { ServiceBuilder } from "./service-builder.ts";
import type { ShadowFinder } from "./shadowed.ts";
import type { RouterStatus } from "./status.ts";
import { degrade, newRoutingStatus } from "./status.ts";
import type { TlsParts } from "./tls-parts.ts";
import type { RouterUses } from "./usage.ts";

/** Traefik's highest priority a user may give. */
export const MAX_PRIORITY = Number.MAX_SAFE_INTEGER - 1000;

/**
 * Among routers of equal priority, those whose service has no servers come last: a dead object must not shadow a
 * live one. Those that a middleware keeps closed stay where they are: an equal router without that middleware must
 * not take their requests.
 */
const EMPTY_LAST = 1;

const uncounted = { routerMeter: undefined, serviceMeter: undefined } as const;

/** What all routers of one table are built with. */
export interface RouterBuildParts {
  readonly context: BuildContext;
  /** With their middlewares resolved; those of TCP. */
  readonly entryPoints: readonly EntryPointFacts[];
  readonly rules: RuleCache;
  readonly middlewares: MiddlewareBuilder;
  readonly services: ServiceBuilder;
  readonly tls: TlsParts;
  readonly shadows: ShadowFinder;
}

/** What became of a router. */
export interface RouterOutcome {
  readonly status: RouterStatus;
  /** One for each of its entry points. */
  readonly routes: readonly { readonly entryPoint: string; readonly route: Route }[];
  readonly problems: readonly Problem[];
  /** Undefined where it got no further than its rule. */
  readonly uses: RouterUses | undefined;
}

/** Builds a router. @param dependencies gets what it was built with */
export function buildRouter(
  key: string,
  router: Merged<HttpRouter>,
  parts: RouterBuildParts,
  dependencies: Dependency[],
): RouterOutcome {
  return new RouterBuilder(key, router, parts, dependencies).build();
}

class RouterBuilder {
  readonly #status: RouterStatus;
  readonly #router: Merged<HttpRouter>;
  readonly #parts: RouterBuildParts;
  readonly #dependencies: Dependency[];
  readonly #problems: Problem[] = [];
  readonly #routes: { readonly entryPoint: string; readonly route: Route }[] = [];
  #uses: RouterUses | undefined = undefined;

  constructor(key: string, router: Merged<HttpRouter>, parts: RouterBuildParts, dependencies: Dependency[]) {
    this.#router = router;
    this.#parts = parts;
    this.#dependencies = dependencies;
    this.#status = newRoutingStatus(key, router);
  }

  build(): RouterOutcome {
    const rule = this.#rule();
    if (rule !== undefined) this.#serve(rule);
    return { status: this.#status, routes: this.#routes, problems: this.#problems, uses: this.#uses };
  }

  #serve(rule: RuleNode): void {
    const priority = this.#priority();
    const entryPoints = this.#entryPoints();
    this.#uses = this.#collectUses(entryPoints);
    const isEmpty = this.#isEmpty();
    for (const defect of this.#router.defects ?? []) degrade(this.#status, isEmpty ? "disabled" : "warning", defect);
    const facts = this.#facts();
    const place = {
      rule,
      priority,
      order: isEmpty ? EMPTY_LAST : 0,
      identity: this.#parts.shadows.identityOf(rule, priority),
      status: this.#status,
    };
    for (const entryPoint of entryPoints) {
      const wishes = this.#wishes(entryPoint);
      const tls = wishes === undefined ? undefined : this.#tls(wishes);
      if (tls === "unreachable") continue;
      const handler = recordRoute(facts, tls?.closed ?? this.#demanding(this.#chain(entryPoint), tls?.options));
      const route = { ...place, handler, ...(tls !== undefined && { tls: { options: tls.options } }) };
      this.#routes.push({ entryPoint: entryPoint.name, route });
      this.#status.using.push(entryPoint.name);
    }
  }

  #wishes({ tls: byDefault }: EntryPointFacts): RouterTls | undefined {
    const { tls, provider } = this.#router;
    return tls ?? (byDefault && this.#parts.tls.resolve(byDefault, provider));
  }

  /** A router whose wishes can't be fulfilled keeps its place, closed: no other one may get its requests instead. */
  #tls(wishes: RouterTls): RoutedTls | "unreachable" {
    const { tls, context } = this.#parts;
    this.#dependencies.push(...tls.dependenciesOf(wishes));
    const faults = tls.faultsOf(wishes, "http");
    for (const { code, message, ...where } of faults) this.#once("error", code, message, where);
    if (wishes.certResolver !== undefined) {
      const message = `the certificate resolver ${wishes.certResolver} is not served yet: other certificates are used`;
      this.#once("warning", NOT_SERVED_YET, message);
    }
    const [fault] = faults;
    if (context.terminatesTls === false) {
      if (fault === undefined) {
        this.#once("warning", "tls-not-served", "TLS is not spoken here, so the router gets no requests");
        this.#status.state = "disabled";
      }
      return "unreachable";
    }
    if (fault === undefined) return { options: tls.setOf(wishes, "http"), closed: undefined };
    const error = new ProxyError(fault.message, { code: fault.code, source: "internal", status: 503 });
    return { options: tls.setOf(wishes, "http"), closed: closedChain(error) };
  }

  #demanding(chain: Handler, options: OptionSet | undefined): Handler {
    return options?.demandsClient === true ? demandingClient(chain, options) : chain;
  }

  /** Said for the router, not for each of its entry points. */
  #once(severity: "error" | "warning", code: string, message: string, where: Details = {}): void {
    if (!this.#status.errors.includes(message)) this.#problem(severity, code, message, where);
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
    this.#status.priority = Math.min(priority === 0 ? rulePriority(rule) : priority, limit);
    return this.#status.priority;
  }

  #entryPoints(): readonly EntryPointFacts[] {
    const { found, missing } = chooseEntryPoints(this.#router.entryPoints, this.#parts.entryPoints);
    const severity = found.length === 0 ? "error" : "warning"; // with others left, the router serves there
    for (const { message, hint } of missing) this.#problem(severity, "unknown-entry-point", message, { hint });
    return found;
  }

  #collectUses(entryPoints: readonly EntryPointFacts[]): RouterUses {
    const { middlewares = [], service } = this.#router;
    const all = [...middlewares, ...entryPoints.flatMap((entryPoint) => entryPoint.middlewares)];
    return { router: this.#status.name, service, middlewares: all };
  }

  /** Whether the service has no server to send requests to. */
  #isEmpty(): boolean {
    const { service } = this.#router;
    const outcome = this.#parts.services.outcome(service);
    this.#dependencies.push({ kind: "service", key: service, value: outcome });
    return !outcome.isFilled;
  }

  /** Middlewares and service, or what stands in for them when the router can't serve. */
  #chain(entryPoint: EntryPointFacts): Handler {
    const { middlewares } = this.#parts;
    try {
      const names = [...entryPoint.middlewares, ...this.#router.middlewares ?? []];
      const chain = names.map((key) => {
        this.#dependencies.push({ kind: "middleware", key, value: middlewares.outcome(key) });
        return middlewares.get(key);
      });
      return composeMiddlewares(chain, this.#service());
    } catch (thrown) {
      return this.#closed(toProxyError(thrown));
    }
  }

  #closed({ message, code }: ProxyError): Handler {
    const isNew = !this.#status.errors.includes(message);
    if (isNew && code === NOT_SERVED_YET) degrade(this.#status, "disabled", message); // told once for all routers
    else if (isNew) this.#problem("error", code, message);
    return closedChain(new ProxyError(message, { code, source: "internal", status: 503 }));
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
      routerName: this.#status.name,
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
      return { routerMeter: meters.router(this.#status.name, serviceName), serviceMeter: meters.service(serviceName) };
    } catch (thrown) {
      this.#problem("warning", "not-counted", `its requests can't be counted: ${toProxyError(thrown).message}`);
      return uncounted;
    }
  }

  #problem(severity: "error" | "warning", code: string, message: string, { hint, path }: Details = {}): void {
    degrade(this.#status, severity === "error" ? "disabled" : "warning", message);
    const { source } = this.#router;
    this.#problems.push({
      severity,
      code,
      message: `router ${this.#status.name}: ${message}`,
      ...(hint !== undefined && { hint }),
      ...(source !== undefined && { source }),
      ...(path !== undefined && { path }),
    });
  }
}

/** What became of a router's TLS on an entry point. */
interface RoutedTls extends RouteTls {
  /** Answers instead of the router's own chain, which must not be reached. */
  readonly closed: Handler | undefined;
}

/** What a problem may say besides its message. */
interface Details {
  readonly hint?: string | undefined;
  readonly path?: Problem["path"];
}
