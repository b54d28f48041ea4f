// Builds services on demand, each once, with their transports; a cycle or a missing service costs who refers to it.

import type { HttpService } from "../config/dynamic.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import type { Merged } from "../config/merge-section.ts";
import { composeMiddlewares } from "../middleware/chain.ts";
import type { Middleware } from "../middleware/middleware.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Problem } from "../schema/problem.ts";
import { createService } from "../service/create-service.ts";
import type { Service } from "../service/service.ts";
import type { Transport } from "../service/transport.ts";
import type { BuildContext } from "./context.ts";
import { BROKEN_TRANSPORT, DEFAULT_TRANSPORT, HttpTransports } from "./http-transports.ts";
import type { Dependency, LookUp, PartMemory } from "./memory.ts";
import type { MiddlewareBuilder } from "./middleware-builder.ts";
import { ServiceHeights } from "./service-graph.ts";
import type { ServiceStatus, Verdict } from "./status.ts";
import { degrade, nameOf, newUsedStatus } from "./status.ts";
import type { Usage } from "./usage.ts";
import { middlewaresOf } from "./usage.ts";

const INTERNAL = "@internal";
const MAX_LEVELS = 100; // of services made of services: more is a mistake, and building recurses

/** What became of a service. The same object means: nothing about it has changed. */
export type ServiceOutcome =
  & { readonly verdict: Verdict; readonly problems: readonly Problem[] }
  & (
    | {
      readonly service: Service;
      readonly error?: undefined;
      /** It has a server to send requests to, whatever the health of that is. */
      readonly isFilled: boolean;
    }
    | { readonly error: ProxyError; readonly isFilled: false }
  );

/** Builds the services of one routing table. */
export class ServiceBuilder {
  readonly #config: MergedConfiguration["http"];
  readonly #context: BuildContext;
  readonly #middlewares: MiddlewareBuilder;
  readonly #transports: HttpTransports;
  readonly #memory: PartMemory<ServiceOutcome>;
  readonly #outcomes = new Map<string, ServiceOutcome>();
  readonly #flawed: ServiceOutcome[] = [];
  readonly #underway = new Set<string>();
  readonly #heights: ServiceHeights;
  /** What stands for a dependency of a service in this build. */
  readonly #lookUp: LookUp;

  constructor(
    config: MergedConfiguration["http"],
    context: BuildContext,
    middlewares: MiddlewareBuilder,
    memory: PartMemory<ServiceOutcome>,
  ) {
    this.#config = config;
    this.#context = context;
    this.#middlewares = middlewares;
    this.#transports = new HttpTransports(config.serversTransports, context);
    this.#memory = memory;
    this.#heights = new ServiceHeights(config.services);
    this.#lookUp = (kind, key) => {
      if (kind === "service") return this.#underway.has(key) ? undefined : this.outcome(key);
      return kind === "middleware" ? middlewares.outcome(key) : this.#transports.get(key);
    };
  }

  /** What is wrong with those that were asked for, and with transports. */
  get problems(): readonly Problem[] {
    return [...this.#transports.problems, ...this.#flawed.flatMap(({ problems }) => problems)];
  }

  /** Status of every configured service. */
  statuses(usage: Usage): readonly ServiceStatus[] {
    return Object.entries(this.#config.services).map(([key, config]) => {
      const outcome = this.#outcomes.get(key);
      const service = outcome?.error === undefined ? outcome?.service : undefined;
      const status = newUsedStatus(key, config, usage.ofService(key), outcome?.verdict);
      return { ...status, serverStatus: () => service?.serverStatus() ?? {} };
    });
  }

  /** A service's name for people; the reference itself when there is no such service. */
  nameOf(key: string): string {
    const config = this.#config.services[key];
    return config === undefined ? key : nameOf(config);
  }

  /**
   * The service for a qualified reference.
   * @throws {ProxyError} when it doesn't exist or can't be built
   */
  get(key: string): Service {
    if (this.#underway.has(key)) throw missing(`the service ${this.nameOf(key)} refers back to itself`);
    const outcome = this.outcome(key);
    if (outcome.error !== undefined) throw outcome.error;
    return outcome.service;
  }

  /** What became of a service, or of a reference to one that doesn't exist. Not for one under way. */
  outcome(key: string): ServiceOutcome {
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    this.#underway.add(key);
    const outcome = this.#recall(key) ?? this.#make(key);
    this.#underway.delete(key);
    this.#outcomes.set(key, outcome);
    if (outcome.problems.length > 0) this.#flawed.push(outcome);
    return outcome;
  }

  #recall(key: string): ServiceOutcome | undefined {
    const config = this.#config.services[key];
    if (config === undefined) return undefined;
    return this.#memory.recall(key, config, this.#context.state, this.#lookUp);
  }

  #make(key: string): ServiceOutcome {
    const config = this.#config.services[key];
    const outcome = this.#memory.make(key, config, this.#context.state, (dependencies) => {
      try {
        return this.#create(key, config, dependencies);
      } catch (thrown) {
        return toFailure(config, toProxyError(thrown));
      }
    });
    // Why it failed may lie deeper than its own dependencies: in a cycle, or in how deep it is.
    if (outcome.error !== undefined) this.#memory.forgetLast();
    return outcome;
  }

  #create(key: string, config: Merged<HttpService> | undefined, dependencies: Dependency[]): ServiceOutcome {
    if (key.endsWith(INTERNAL)) return this.#internal(key);
    if (config === undefined) throw missing(`the service ${key} does not exist`);
    if (this.#heights.of(key) > MAX_LEVELS) {
      throw missing(`the service ${nameOf(config)} has more than ${MAX_LEVELS} levels`);
    }
    const middlewares = middlewaresOf(config).map((each) => {
      dependencies.push({ kind: "middleware", key: each, value: this.#middlewares.outcome(each) });
      return this.#middlewares.get(each);
    });
    const { logger, state, meters } = this.#context;
    const name = nameOf(config);
    const { service, problems } = createService(key, config, {
      name,
      transport: this.#transportOf(config, dependencies),
      logger: logger.with({ serviceName: name }),
      state,
      child: (child) => this.#child(child, dependencies),
      now: () => performance.now(),
      random: () => Math.random(),
      ...(meters !== undefined && { onServerStatus: (url, up) => meters.serverUp(name, url, up) }),
    });
    return {
      service: middlewares.length === 0 ? service : behind(middlewares, service),
      isFilled: this.#isFilled(config, service),
      ...judge(config, problems),
    };
  }

  #child(key: string, dependencies: Dependency[]): Service {
    // A cycle has no outcome that a later build could compare: it is made again.
    if (!this.#underway.has(key)) dependencies.push({ kind: "service", key, value: this.outcome(key) });
    else dependencies.push({ kind: "service", key, value: dependencies });
    return this.get(key);
  }

  #internal(key: string): ServiceOutcome {
    const handler = this.#context.internalServices.get(key);
    if (handler === undefined) throw missing(`weir has no internal service ${key}`);
    const service = { name: key, handler, available: () => true, serverStatus: () => ({}) };
    return { service, isFilled: true, verdict: { state: "enabled", errors: [] }, problems: [] };
  }

  #transportOf(config: Merged<HttpService>, dependencies: Dependency[]): Transport {
    const reference = config.kind === "loadBalancer" ? config.serversTransport : undefined;
    if (reference === undefined || reference === DEFAULT_TRANSPORT) return this.#transports.default();
    dependencies.push({ kind: "transport", key: reference, value: this.#transports.get(reference) });
    return this.#transports.named(reference);
  }

  #isFilled(config: HttpService, service: Service): boolean {
    const isChildFilled = (key: string): boolean => this.#outcomes.get(key)?.isFilled ?? false;
    switch (config.kind) {
      case "loadBalancer": {
        const usable = service.serverStatus();
        return config.servers.some(({ url, weight }) => weight > 0 && Object.hasOwn(usable, url));
      }
      case "weighted":
      case "highestRandomWeight":
        return config.services.some(({ name, weight }) => weight > 0 && isChildFilled(name));
      case "mirroring":
        return isChildFilled(config.service);
      case "failover":
        return isChildFilled(config.service) || isChildFilled(config.fallback);
    }
  }
}

function toFailure(config: Merged<HttpService> | undefined, error: ProxyError): ServiceOutcome {
  const { code, message } = error;
  // Who refers to a service that does not exist says so.
  const { verdict, problems } = judge(config, [{ severity: "error", code, message, path: [] }], "disabled");
  // What is wrong with a transport was told of the transport; and the Service it would lead to is sound.
  return { error, isFilled: false, verdict, problems: code === BROKEN_TRANSPORT ? [] : problems };
}

/** What problems mean for a service, and how they are reported. */
function judge(
  config: Merged<HttpService> | undefined,
  found: readonly Omit<Problem, "source">[],
  state: "warning" | "disabled" = "warning",
): { readonly verdict: Verdict; readonly problems: readonly Problem[] } {
  const verdict: Verdict = { state: "enabled", errors: [] };
  if (config === undefined) return { verdict, problems: [] };
  const { source } = config;
  const problems = found.map((problem) => {
    degrade(verdict, state, problem.message);
    const message = `service ${nameOf(config)}: ${problem.message}`;
    return { ...problem, message, ...(source !== undefined && { source }) };
  });
  return { verdict, problems };
}

function behind(middlewares: readonly Middleware[], service: Service): Service {
  return {
    name: service.name,
    handler: composeMiddlewares(middlewares, service.handler),
    available: () => service.available(),
    serverStatus: () => service.serverStatus(),
  };
}

function missing(message: string): ProxyError {
  return new ProxyError(message, { code: "missing-service", source: "internal", status: 503 });
}
