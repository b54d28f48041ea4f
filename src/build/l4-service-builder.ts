// Builds the services of TCP or UDP on demand, each once; what is wrong with one costs who refers to it.

import type { Merged, MergedParts } from "../config/merge-section.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Problem } from "../schema/problem.ts";
import type { ServiceProblem } from "../service/context.ts";
import type { L4Service, L4Services } from "./l4-services.ts";
import { degrade, nameOf } from "./status.ts";

/** Makes one service. @param child gives those it refers to, or throws a ProxyError */
export type CreateL4Service<S extends L4Service, B> = (
  key: string,
  config: Merged<S>,
  child: (key: string) => B,
) => { readonly service: B; readonly problems: readonly ServiceProblem[] };

/** The built services of one protocol. */
export class L4ServiceBuilder<S extends L4Service, B> {
  readonly problems: Problem[] = [];
  readonly #configs: MergedParts<S>;
  readonly #checked: L4Services<S>;
  readonly #create: CreateL4Service<S, B>;
  readonly #built = new Map<string, B | ProxyError>();
  readonly #underway = new Set<string>();

  constructor(configs: MergedParts<S>, checked: L4Services<S>, create: CreateL4Service<S, B>) {
    this.#configs = configs;
    this.#checked = checked;
    this.#create = create;
  }

  /** The service. @throws {ProxyError} when it doesn't exist or can't be built */
  get(key: string): B {
    const built = this.#find(key);
    if (built instanceof ProxyError) throw built;
    return built;
  }

  /** A service that was built, for those who only look. */
  peek(key: string): B | undefined {
    const built = this.#built.get(key);
    return built instanceof ProxyError ? undefined : built;
  }

  /** The service, or why there is none. */
  #find(key: string): B | ProxyError {
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    if (this.#underway.has(key)) return missing(`the service ${key} refers back to itself`);
    this.#underway.add(key);
    const built = this.#make(key);
    this.#underway.delete(key);
    this.#built.set(key, built);
    return built;
  }

  #make(key: string): B | ProxyError {
    const config = this.#configs[key];
    const { state, errors } = this.#checked.verdict(key);
    if (config === undefined || state === "disabled") return missing(errors.join("; "));
    try {
      const { service, problems } = this.#create(key, config, (child) => this.get(child));
      // What is wrong with children was found when the services were checked.
      if (config.kind === "loadBalancer") { for (const problem of problems) this.#report(key, problem); }
      return service;
    } catch (thrown) {
      const error = toProxyError(thrown);
      this.#report(key, { severity: "error", code: error.code, message: error.message, path: [] });
      return error;
    }
  }

  #report(key: string, problem: ServiceProblem): void {
    const config = this.#configs[key];
    if (config === undefined) return;
    const { source } = config;
    degrade(this.#checked.verdict(key), "warning", problem.message);
    const message = `service ${nameOf(config)}: ${problem.message}`;
    this.problems.push({ ...problem, message, ...(source !== undefined && { source }) });
  }
}

function missing(message: string): ProxyError {
  return new ProxyError(message, { code: "missing-service", source: "internal", status: 503 });
}
