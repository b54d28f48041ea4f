// Builds services on demand, each once, with their transports; a cycle or a missing service is a value, not a crash.

import type { HttpService, ServersTransport } from "../config/dynamic.ts";
import type { Merged, MergedConfiguration } from "../config/merge.ts";
import { errorResponse } from "../http/error-response.ts";
import type { Handler } from "../http/handler.ts";
import { composeMiddlewares } from "../middleware/chain.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Problem } from "../schema/problem.ts";
import { createService } from "../service/create-service.ts";
import { Http1Transport } from "../service/http1-transport.ts";
import type { Service } from "../service/service.ts";
import type { Transport } from "../service/transport.ts";
import type { BuildContext } from "./context.ts";
import type { MiddlewareBuilder } from "./middleware-builder.ts";
import type { ServiceStatus } from "./status.ts";
import { degrade } from "./status.ts";

const INTERNAL = "@internal";

/** Builds the services of one routing table. */
export class ServiceBuilder {
  readonly problems: Problem[] = [];
  readonly #config: MergedConfiguration["http"];
  readonly #context: BuildContext;
  readonly #middlewares: MiddlewareBuilder;
  readonly #built = new Map<string, Service | ProxyError>();
  readonly #underway = new Set<string>();
  readonly #status: ReadonlyMap<string, MutableServiceStatus>;

  constructor(config: MergedConfiguration["http"], context: BuildContext, middlewares: MiddlewareBuilder) {
    this.#config = config;
    this.#context = context;
    this.#middlewares = middlewares;
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
      return service;
    } catch (thrown) {
      const error = toProxyError(thrown);
      this.#built.set(key, error);
      this.#fail(key, error.message);
      throw error;
    } finally {
      this.#underway.delete(key);
    }
  }

  /** Notes that a router uses a service, and through it its children. */
  use(key: string, router: string, seen: Set<string> = new Set()): void {
    const status = this.#status.get(key);
    if (status === undefined || seen.has(key)) return;
    seen.add(key);
    if (!status.usedBy.includes(router)) status.usedBy.push(router);
    for (const child of childrenOf(status.config)) this.use(child, router, seen);
  }

  #build(key: string): Service {
    if (key.endsWith(INTERNAL)) return this.#internal(key);
    const config = this.#config.services[key];
    if (config === undefined) throw missing(`the service ${key} does not exist`);
    const { logger, state, meters } = this.#context;
    const name = `${config.displayName}@${config.provider}`;
    const { service, problems } = createService(key, config, {
      name,
      transport: this.#transportOf(config),
      logger: logger.with({ serviceName: name }),
      state,
      child: (child) => this.#child(key, child),
      now: () => performance.now(),
      random: () => Math.random(),
      ...(meters !== undefined && { onServerStatus: (url, up) => meters.serverUp(name, url, up) }),
    });
    for (const problem of problems) this.#report(key, config, problem);
    const status = this.#status.get(key);
    if (status !== undefined) status.service = service;
    return this.#withMiddlewares(config, service);
  }

  /** A child that can't be built is one that can't serve: its parent skips it, and the problem is reported. */
  #child(parent: string, key: string): Service {
    try {
      return this.get(key);
    } catch (thrown) {
      const error = toProxyError(thrown);
      const status = this.#status.get(parent);
      if (status !== undefined) degrade(status, "warning", error.message);
      this.#report(parent, this.#config.services[parent], {
        severity: "error",
        code: "missing-service",
        message: `${status?.name ?? parent}: ${error.message}`,
        path: [],
      });
      return unavailableService(key);
    }
  }

  #internal(key: string): Service {
    const handler = this.#context.internalServices.get(key);
    if (handler === undefined) throw missing(`weir has no internal service ${key}`);
    return { name: key, handler, available: () => true, serverStatus: () => ({}) };
  }

  #withMiddlewares(config: HttpService, service: Service): Service {
    if (config.kind !== "loadBalancer" || config.middlewares === undefined) return service;
    const middlewares = config.middlewares.map((name) => this.#middlewares.get(name));
    const handler: Handler = composeMiddlewares(middlewares, service.handler);
    return {
      name: service.name,
      handler,
      available: () => service.available(),
      serverStatus: () => service.serverStatus(),
    };
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

  #fail(key: string, message: string): void {
    const status = this.#status.get(key);
    if (status === undefined) return;
    degrade(status, "disabled", message);
    this.#report(key, status.config, { severity: "error", code: "service-failed", message, path: [] });
  }

  #report(key: string, config: Merged<HttpService> | undefined, problem: Omit<Problem, "source">): void {
    const status = this.#status.get(key);
    if (status !== undefined && problem.severity === "error") degrade(status, "warning", problem.message);
    this.problems.push({ ...problem, ...(config?.source !== undefined && { source: config.source }) });
  }
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

/** Stands in for a child that doesn't exist. */
function unavailableService(key: string): Service {
  const error = missing(`the service ${key} is not available`);
  return { name: key, handler: () => errorResponse(error), available: () => false, serverStatus: () => ({}) };
}

function missing(message: string): ProxyError {
  return new ProxyError(message, { code: "missing-service", source: "internal", status: 503 });
}

function childrenOf(config: HttpService): readonly string[] {
  switch (config.kind) {
    case "loadBalancer":
      return [];
    case "weighted":
    case "highestRandomWeight":
      return config.services.map((child) => child.name);
    case "mirroring":
      return [config.service, ...config.mirrors.map((mirror) => mirror.name)];
    case "failover":
      return [config.service, config.fallback];
  }
}
