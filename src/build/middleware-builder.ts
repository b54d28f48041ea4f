// Builds middlewares on demand, each once. One that can't be built takes its routers down, never leaves them open.

import type { HttpMiddleware } from "../config/dynamic.ts";
import type { Merged, MergedParts } from "../config/merge-section.ts";
import type { Middleware } from "../middleware/middleware.ts";
import { middlewareSchemas } from "../middleware/schemas.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Problem } from "../schema/problem.ts";
import type { BuildContext } from "./context.ts";
import type { LookUp, PartMemory } from "./memory.ts";
import { NOT_SERVED_YET, notServedYet } from "./not-served.ts";
import type { MiddlewareStatus, Verdict } from "./status.ts";
import { nameOf, newUsedStatus } from "./status.ts";
import type { Usage } from "./usage.ts";

/** What became of a middleware. The same object means: nothing about it has changed. */
export type MiddlewareOutcome =
  | { readonly middleware: Middleware; readonly error?: undefined }
  | { readonly error: ProxyError };

/** Builds the middlewares of one routing table. */
export class MiddlewareBuilder {
  readonly #config: MergedParts<HttpMiddleware>;
  readonly #context: BuildContext;
  readonly #memory: PartMemory<MiddlewareOutcome>;
  readonly #outcomes = new Map<string, MiddlewareOutcome>();
  /** `name@provider` → keys of the middlewares that are called so. Made when first asked for. */
  #byName: ReadonlyMap<string, readonly string[]> | undefined = undefined;

  constructor(config: MergedParts<HttpMiddleware>, context: BuildContext, memory: PartMemory<MiddlewareOutcome>) {
    this.#config = config;
    this.#context = context;
    this.#memory = memory;
  }

  /** What is wrong with those that were asked for, and one problem per kind that weir does not serve yet. */
  get problems(): readonly Problem[] {
    const problems: Problem[] = [];
    for (const [key, { error }] of this.#outcomes) {
      const config = this.#find(key);
      // What the provider found it has told.
      if (error === undefined || error.code === NOT_SERVED_YET || config?.defects !== undefined) continue;
      if (config !== undefined) problems.push(failed(config, error));
    }
    return [...problems, ...this.#unserved()];
  }

  /** Status of every configured middleware. */
  statuses(usage: Usage): readonly MiddlewareStatus[] {
    return Object.entries(this.#config).map(([key, config]) =>
      newUsedStatus(key, config, usage.ofMiddleware(key), this.#verdict(key, config))
    );
  }

  /**
   * The key of the middleware an entry point refers to, by key or by a name that only one has. A reference that
   * fits none keeps its words, so that the routers of the entry point fail with them.
   */
  resolve(reference: string): string {
    if (Object.hasOwn(this.#config, reference)) return reference;
    this.#byName ??= this.#groupByName();
    const keys = this.#byName.get(reference) ?? [];
    const [key] = keys;
    if (keys.length < 2 || this.#outcomes.has(reference)) return key ?? reference;
    this.#outcomes.set(reference, { error: broken(`${reference} fits several middlewares: ${keys.join(", ")}`) });
    return reference;
  }

  /**
   * The middleware for a qualified reference.
   * @throws {ProxyError} when it doesn't exist or can't be built
   */
  get(key: string): Middleware {
    const outcome = this.outcome(key);
    if (outcome.error !== undefined) throw outcome.error;
    return outcome.middleware;
  }

  /** What became of a middleware, or of a reference to one that doesn't exist. */
  outcome(key: string): MiddlewareOutcome {
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    const config = this.#find(key);
    const outcome = config === undefined
      ? { error: broken(`the middleware ${key} does not exist`) }
      : this.#memory.recall(key, config, this.#context.state, noDependencies) ?? this.#make(key, config);
    this.#outcomes.set(key, outcome);
    return outcome;
  }

  #make(key: string, config: Merged<HttpMiddleware>): MiddlewareOutcome {
    const outcome = this.#memory.make(key, config, this.#context.state, () => this.#create(key, config));
    // Another try may fare better: the fault may lie in a file.
    if (outcome.error !== undefined && outcome.error.code !== NOT_SERVED_YET) this.#memory.forgetLast();
    return outcome;
  }

  #create(key: string, config: Merged<HttpMiddleware>): MiddlewareOutcome {
    const { kind, options, defects } = config;
    const { runtime, logger, state, middlewares } = this.#context;
    const name = nameOf(config);
    if (defects !== undefined) return { error: unusable(name, defects) };
    const definition = middlewares.get(kind);
    if (definition === undefined) return { error: withoutCode(kind) };
    try {
      const created = definition.create(options, {
        name,
        key,
        runtime,
        logger: logger.with({ middlewareName: name, middlewareType: kind }),
        state,
      });
      return { middleware: created };
    } catch (thrown) {
      return { error: toProxyError(thrown) };
    }
  }

  #find(key: string): Merged<HttpMiddleware> | undefined {
    return Object.hasOwn(this.#config, key) ? this.#config[key] : undefined;
  }

  #verdict(key: string, { kind, defects }: HttpMiddleware): Verdict | undefined {
    if (defects !== undefined) return { state: "disabled", errors: [...defects] };
    const error = this.#outcomes.get(key)?.error ??
      (this.#isServed(kind) ? undefined : withoutCode(kind));
    return error && { state: "disabled", errors: [error.message] };
  }

  #isServed(kind: string): boolean {
    return this.#context.middlewares.has(kind) || !middlewareSchemas.has(kind);
  }

  #unserved(): Problem[] {
    const byKind = new Map<string, Merged<HttpMiddleware>[]>();
    for (const config of Object.values(this.#config)) {
      if (this.#isServed(config.kind)) continue;
      const list = byKind.get(config.kind);
      if (list === undefined) byKind.set(config.kind, [config]);
      else list.push(config);
    }
    return [...byKind].map(([kind, parts]) =>
      notServedYet(`the middleware ${kind}`, parts, "routers that use it answer 503")
    );
  }

  #groupByName(): ReadonlyMap<string, readonly string[]> {
    const entries = Object.entries(this.#config);
    const groups = Map.groupBy(entries, ([, config]) => nameOf(config));
    return new Map([...groups].map(([name, group]) => [name, group.map(([key]) => key)]));
  }
}

const noDependencies: LookUp = () => undefined;

function failed(config: Merged<HttpMiddleware>, error: ProxyError): Problem {
  const { source } = config;
  return {
    severity: "error",
    code: "middleware-failed",
    message: `middleware ${nameOf(config)}: ${error.message}`,
    ...(source !== undefined && { source }),
  };
}

function withoutCode(kind: string): ProxyError {
  const message = middlewareSchemas.has(kind)
    ? `the middleware ${kind} is not served yet`
    : `weir has no middleware of the kind ${kind}`;
  const code = middlewareSchemas.has(kind) ? NOT_SERVED_YET : "missing-middleware";
  return new ProxyError(message, { code, source: "internal", status: 503 });
}

function unusable(name: string, defects: readonly string[]): ProxyError {
  const message = `the middleware ${name} can't be used: ${defects.join("; ")}`;
  return new ProxyError(message, { code: "broken-middleware", source: "internal", status: 503 });
}

function broken(message: string): ProxyError {
  return new ProxyError(message, { code: "missing-middleware", source: "internal", status: 503 });
}
