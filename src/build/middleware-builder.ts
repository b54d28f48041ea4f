// Builds middlewares on demand, each once. One that can't be built takes its routers down, never leaves them open.

import type { MergedConfiguration } from "../config/merge.ts";
import type { Middleware } from "../middleware/middleware.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Problem } from "../schema/problem.ts";
import type { BuildContext } from "./context.ts";
import type { MiddlewareStatus } from "./status.ts";
import { degrade } from "./status.ts";
import { UserList } from "./user-list.ts";

/** Builds the middlewares of one routing table. */
export class MiddlewareBuilder {
  readonly problems: Problem[] = [];
  readonly #config: MergedConfiguration["http"]["middlewares"];
  readonly #context: BuildContext;
  readonly #built = new Map<string, Middleware | ProxyError>();
  readonly #status: ReadonlyMap<string, MiddlewareStatus>;
  readonly #users = new UserList();
  /** `name@provider` → keys of the middlewares that are called so. Made when first asked for. */
  #byName: ReadonlyMap<string, readonly string[]> | undefined = undefined;

  constructor(config: MergedConfiguration["http"]["middlewares"], context: BuildContext) {
    this.#config = config;
    this.#context = context;
    this.#status = new Map(
      Object.entries(config).map(([key, middleware]) => [key, {
        key,
        name: `${middleware.displayName}@${middleware.provider}`,
        provider: middleware.provider,
        config: middleware,
        state: "enabled",
        errors: [],
        usedBy: [],
      }]),
    );
  }

  /** Status of every configured middleware. */
  get statuses(): readonly MiddlewareStatus[] {
    return [...this.#status.values()];
  }

  /** Notes that a router uses a middleware. */
  use(key: string, router: string): void {
    const status = this.#status.get(key);
    if (status !== undefined) this.#users.add(key, router, status.usedBy);
  }

  /**
   * The key of the middleware an entry point refers to, by key or by a name that only one has. A reference that
   * fits none keeps its words, so that the routers of the entry point fail with them.
   */
  resolve(reference: string): string {
    if (Object.hasOwn(this.#config, reference)) return reference;
    this.#byName ??= Map.groupBy(this.#status.keys(), (key) => this.#status.get(key)?.name ?? key);
    const keys = this.#byName.get(reference) ?? [];
    const [key] = keys;
    if (keys.length < 2 || this.#built.has(reference)) return key ?? reference;
    this.#built.set(reference, broken(`${reference} fits several middlewares: ${keys.join(", ")}`));
    return reference;
  }

  /**
   * The middleware for a qualified reference.
   * @throws {ProxyError} when it doesn't exist or can't be built
   */
  get(key: string): Middleware {
    let known = this.#built.get(key);
    if (known === undefined) {
      known = this.#build(key);
      this.#built.set(key, known);
    }
    if (known instanceof ProxyError) throw known;
    return known;
  }

  #build(key: string): Middleware | ProxyError {
    const config = Object.hasOwn(this.#config, key) ? this.#config[key] : undefined;
    if (config === undefined) return broken(`the middleware ${key} does not exist`);
    const definition = this.#context.middlewares.get(config.kind);
    const name = `${config.displayName}@${config.provider}`;
    if (definition === undefined) return this.#fail(key, broken(`weir has no middleware of the kind ${config.kind}`));
    const { runtime, logger, state } = this.#context;
    try {
      return definition.create(config.options, {
        name,
        key,
        runtime,
        logger: logger.with({ middlewareName: name, middlewareType: config.kind }),
        state,
      });
    } catch (thrown) {
      return this.#fail(key, toProxyError(thrown));
    }
  }

  #fail(key: string, error: ProxyError): ProxyError {
    const status = this.#status.get(key);
    if (status !== undefined) degrade(status, "disabled", error.message);
    const source = status?.config.source;
    this.problems.push({
      severity: "error",
      code: "middleware-failed",
      message: `middleware ${status?.name ?? key}: ${error.message}`,
      ...(source !== undefined && { source }),
    });
    return error;
  }
}

function broken(message: string): ProxyError {
  return new ProxyError(message, { code: "missing-middleware", source: "internal", status: 503 });
}
