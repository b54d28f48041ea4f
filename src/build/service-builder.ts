// Builds services on demand, each once, with their transports; a cycle or a missing service costs who refers to it.

import type { HttpService, ServersTransport } from "../config/dynamic.ts";
import type { Merged, MergedConfiguration } from "../config/merge.ts";
import { composeMiddlewares } from "../middleware/chain.ts";
import type { Middleware } from "../middleware/middleware.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Problem } from "../schema/problem.ts";
import { createService } from "../service/create-service.ts";
import { Http1Transport } from "../service/http1-transport.ts";
import type { Service } from "../service/service.ts";
import type { Transport } from "../service/transport.ts";
import type { BuildContext } from "./context.ts";
import type { MiddlewareBuilder } from "./middleware-builder.ts";
import { ServiceHeights, withDescendants } from "./service-graph.ts";
import type { ServiceStatus } from "./status.ts";
import { degrade } from "./status.ts";
import { UserList } from "./user-list.ts";

const INTERNAL = "@internal";
const MAX_LEVELS = 100; // of services made of services: more is a mistake, and building recurses

/** Builds the services of one routing table. */
export class ServiceBuilder {
  readonly problems: Problem[] = [];
  readonly #config: MergedConfiguration["http"];
  readonly #context: BuildContext;
  readonly #middlewares: MiddlewareBuilder;
  readonly #built = new Map<string, Service | ProxyError>();
  readonly #underway = new Set<string>();
  readonly #users = new UserList();
  readonly #heights: ServiceHeights;
  /** Services with a server to send requests to, whatever its health is. */
  readonly #filled = new Set<string>();
  readonly #status: ReadonlyMap<string, MutableServiceStatus>;

  constructor(config: MergedConfiguration["http"], context: BuildContext, middlewares: MiddlewareBuilder) {
    this.#config = config;
    this.#context = context;
    this.#middlewares = middlewares;
    this.#heights = new ServiceHeights(config.services);
    this.#status = new Map(Object.entries(config.services).map(([key, service]) => [key, newStatus(key, service)]));
  }

  /** Status of every configured service. */
  get statuses(): readonly ServiceStatus[] {
    return [...this.#status.values()];
  }

  /** A service's name for people; the reference itself when there is no such service. */
  nameOf(key: string): string {
    return this.#status.get(key)?.name ?? key;
  }

  /**
   * The service for a qualified reference.
   * @throws {ProxyError} when it doesn't exist or can't be built
   */
  get(key: string): Service {
    const known = this.#built.get(key);
    if (known instanceof ProxyError) throw known;
    if (known !== undefined) return known;
    if (this.#underway.has(key)) throw missing(`the service ${key} refers back to itself`);
    this.#underway.add(key);
    try {
      const service = this.#build(key);
      this.#built.set(key, service);
      if (this.#isFilled(key, service)) this.#filled.add(key);
      return service;
    } catch (thrown) {
      const error = toProxyError(thrown);
      this.#built.set(key, error);
      this.#fail(key, error);
      throw error;
    } finally {
      this.#underway.delete(key);
    }
  }

  /**
   * Whether no request could be served even if all its servers were up: it can't be built, or has none.
   * What their health is at this moment plays no part, as it changes without a build.
   */
  isEmpty(key: string): boolean {
    if (this.#filled.has(key)) return false;
    if (this.#built.has(key)) return true;
    try {
      this.get(key);
    } catch {
      return true; // reported by those who build with it
    }
    return !this.#filled.has(key);
  }

  /** Notes that a router uses a service, and through it its children and their middlewares. */
  use(key: string, router: string): void {
    for (const each of withDescendants(this.#config.services, key)) {
      const status = this.#status.get(each);
      if (status === undefined) continue;
      this.#users.add(each, router, status.usedBy);
      for (const middleware of middlewaresOf(status.config)) this.#middlewares.use(middleware, router);
    }
  }

  #build(key: string): Service {
    if (key.endsWith(INTERNAL)) return this.#internal(key);
    const config = this.#config.services[key];
    if (config === undefined) throw missing(`the service ${key} does not exist`);
    if (this.#heights.of(key) > MAX_LEVELS) throw missing(`the service ${key} has more than ${MAX_LEVELS} levels`);
    const middlewares = middlewaresOf(config).map((middleware) => this.#middlewares.get(middleware));
    const { logger, state, meters } = this.#context;
    const name = `${config.displayName}@${config.provider}`;
    const { service, problems } = createService(key, config, {
      name,
      transport: this.#transportOf(config),
      logger: logger.with({ serviceName: name }),
      state,
      child: (child) => this.get(child),
      now: () => performance.now(),
      random: () => Math.random(),
      ...(meters !== undefined && { onServerStatus: (url, up) => meters.serverUp(name, url, up) }),
    });
    const status = this.#status.get(key);
    for (const problem of problems) this.#report(status, problem, "warning");
    if (status !== undefined) status.service = service;
    return middlewares.length === 0 ? service : behind(middlewares, service);
  }

  #internal(key: string): Service {
    const handler = this.#context.internalServices.get(key);
    if (handler === undefined) throw missing(`weir has no internal service ${key}`);
    return { name: key, handler, available: () => true, serverStatus: () => ({}) };
  }

  #transportOf(config: Merged<HttpService>): Transport {
    const reference = config.kind === "loadBalancer" ? config.serversTransport : undefined;
    const transport = reference === undefined ? undefined : this.#config.serversTransports[reference];
    if (reference !== undefined && transport === undefined) {
      throw missing(`the serversTransport ${reference} does not exist`);
    }
    const options = { ...this.#context.transport, ...(transport !== undefined && optionsOf(transport)) };
    const { runtime, deadlines, state } = this.#context;
    const key = `transport ${JSON.stringify(options)}`;
    return state.take(key, isTransport, () => new Http1Transport(runtime, deadlines, options));
  }

  #isFilled(key: string, service: Service): boolean {
    const config = this.#status.get(key)?.config;
    switch (config?.kind) {
      case undefined:
        return true; // internal
      case "loadBalancer": {
        const usable = service.serverStatus();
        return config.servers.some(({ url, weight }) => weight > 0 && Object.hasOwn(usable, url));
      }
      case "weighted":
      case "highestRandomWeight":
        return config.services.some(({ name, weight }) => weight > 0 && this.#filled.has(name));
      case "mirroring":
        return this.#filled.has(config.service);
      case "failover":
        return this.#filled.has(config.service) || this.#filled.has(config.fallback);
    }
  }

  #fail(key: string, { code, message }: ProxyError): void {
    this.#report(this.#status.get(key), { severity: "error", code, message, path: [] }, "disabled");
  }

  #report(
    status: MutableServiceStatus | undefined,
    problem: Omit<Problem, "source">,
    state: "warning" | "disabled",
  ): void {
    if (status === undefined) return; // who refers to a service that does not exist says so
    degrade(status, state, problem.message);
    const { source } = status.config;
    const message = `service ${status.name}: ${problem.message}`;
    this.problems.push({ ...problem, message, ...(source !== undefined && { source }) });
  }
}

function middlewaresOf(config: HttpService): readonly string[] {
  return config.kind === "loadBalancer" ? config.middlewares ?? [] : [];
}

function behind(middlewares: readonly Middleware[], service: Service): Service {
  return {
    name: service.name,
    handler: composeMiddlewares(middlewares, service.handler),
    available: () => service.available(),
    serverStatus: () => service.serverStatus(),
  };
}

interface MutableServiceStatus extends ServiceStatus {
  service: Service | undefined;
}

function newStatus(key: string, config: Merged<HttpService>): MutableServiceStatus {
  return {
    key,
    name: `${config.displayName}@${config.provider}`,
    provider: config.provider,
    config,
    state: "enabled",
    errors: [],
    usedBy: [],
    service: undefined,
    serverStatus() {
      return this.service?.serverStatus() ?? {};
    },
  };
}

function optionsOf(transport: ServersTransport): Partial<Http1Transport["options"]> {
  const { dialTimeoutMs, responseHeaderTimeoutMs, idleConnTimeoutMs } = transport.forwardingTimeouts;
  return {
    dialTimeoutMs,
    responseHeaderTimeoutMs,
    idleTimeoutMs: idleConnTimeoutMs,
    maxIdlePerHost: transport.maxIdleConnsPerHost,
  };
}

function isTransport(value: unknown): value is Http1Transport {
  return value instanceof Http1Transport;
}

function missing(message: string): ProxyError {
  return new ProxyError(message, { code: "missing-service", source: "internal", status: 503 });
}
