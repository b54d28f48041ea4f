// Services of TCP or UDP, checked: their children and transports exist, and nothing leads back to itself.

import type { Part, WeightedServices } from "../config/dynamic-part.ts";
import type { MergedParts } from "../config/merge-section.ts";
import type { Problem } from "../schema/problem.ts";
import { ServiceHeights } from "./service-graph.ts";
import type { UsedPartStatus, Verdict } from "./status.ts";
import { degrade, nameOf, newUsedStatus } from "./status.ts";
import type { Merged } from "../config/merge-section.ts";

const MAX_LEVELS = 100; // as for HTTP

/** A service of TCP or UDP. */
export type L4Service =
  | (Part & { readonly kind: "loadBalancer"; readonly servers: readonly unknown[] })
  | WeightedServices;

/** The services of one protocol. */
export class L4Services<S extends L4Service> {
  readonly #services: MergedParts<S>;
  readonly #faultsOf: (service: S) => readonly string[];
  readonly #heights: ServiceHeights;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #filled = new Map<string, boolean>();
  readonly #underway = new Set<string>();

  /** @param faultsOf what is wrong with a load balancer besides: it can't be used then */
  constructor(services: MergedParts<S>, faultsOf: (service: S) => readonly string[]) {
    this.#services = services;
    this.#faultsOf = faultsOf;
    this.#heights = new ServiceHeights(services);
  }

  /** What is wrong with any of them. */
  get problems(): readonly Problem[] {
    return Object.entries(this.#services).flatMap(([key, service]) => {
      const { state, errors } = this.verdict(key);
      const { source } = service;
      return errors.map((message): Problem => ({
        severity: state === "disabled" ? "error" : "warning",
        code: "missing-service",
        message: `service ${nameOf(service)}: ${message}`,
        ...(source !== undefined && { source }),
      }));
    });
  }

  /** Status of each. */
  statuses(usedBy: (key: string) => readonly string[]): UsedPartStatus<Merged<S>>[] {
    return Object.entries(this.#services).map(([key, service]) =>
      newUsedStatus<S>(key, service, usedBy(key), this.verdict(key))
    );
  }

  /** What is wrong with a service, or with a reference to one. */
  verdict(key: string): Verdict {
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    if (this.#underway.has(key)) return disabled(`the service ${key} refers back to itself`);
    this.#underway.add(key);
    const verdict = this.#judge(key);
    this.#underway.delete(key);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  /** Whether a service can be used, and has a server. */
  isFilled(key: string): boolean {
    const known = this.#filled.get(key);
    if (known !== undefined) return known;
    this.#filled.set(key, false); // where a service leads back to itself
    const isFilled = this.verdict(key).state !== "disabled" && this.#hasServers(key);
    this.#filled.set(key, isFilled);
    return isFilled;
  }

  #hasServers(key: string): boolean {
    const service = this.#services[key];
    if (service?.kind !== "weighted") return service !== undefined && service.servers.length > 0;
    return service.services.some(({ name, weight }) => weight > 0 && this.isFilled(name));
  }

  #judge(key: string): Verdict {
    const service = this.#services[key];
    if (service === undefined) return disabled(`the service ${key} does not exist`);
    if (this.#heights.of(key) > MAX_LEVELS) return disabled(`the service ${key} has more than ${MAX_LEVELS} levels`);
    const verdict: Verdict = { state: "enabled", errors: [] };
    for (const fault of this.#faultsOf(service)) degrade(verdict, "disabled", fault);
    if (service.kind === "weighted") this.#judgeChildren(service, verdict);
    return verdict;
  }

  /** A missing child is left out; without any other, the service can't be used. */
  #judgeChildren({ services }: WeightedServices, verdict: Verdict): void {
    const broken = services.filter(({ name }) => this.verdict(name).state === "disabled");
    const state = services.length > 0 && broken.length === services.length ? "disabled" : "warning";
    for (const { name } of broken) for (const message of this.verdict(name).errors) degrade(verdict, state, message);
  }
}

function disabled(message: string): Verdict {
  return { state: "disabled", errors: [message] };
}
