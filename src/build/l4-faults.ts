// What is wrong with a TCP or UDP router, in its status and as problems.

import type { Part } from "../config/dynamic-part.ts";
import type { Merged } from "../config/merge-section.ts";
import type { Problem } from "../schema/problem.ts";
import type { ChosenEntryPoints } from "./entry-points.ts";
import type { L4Service, L4Services } from "./l4-services.ts";
import type { RoutingPartStatus } from "./status.ts";
import { degrade } from "./status.ts";

/** One thing that is wrong. */
export interface Fault {
  /** Default: `error`, which disables the router. */
  readonly severity?: Problem["severity"];
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly path?: Problem["path"] | undefined;
}

/** Collects the faults of one router. */
export class L4RouterFaults {
  readonly problems: Problem[] = [];
  readonly #status: RoutingPartStatus<Merged<Part>>;

  constructor(status: RoutingPartStatus<Merged<Part>>) {
    this.#status = status;
  }

  add({ severity = "error", code, message, hint, path }: Fault): void {
    degrade(this.#status, severity === "error" ? "disabled" : "warning", message);
    const { source } = this.#status.config;
    this.problems.push({
      severity,
      code,
      message: `router ${this.#status.name}: ${message}`,
      ...(hint !== undefined && { hint }),
      ...(source !== undefined && { source }),
      ...(path !== undefined && { path }),
    });
  }

  /** Adds names of entry points that stand for nothing; with others left, the router serves there. */
  addEntryPoints({ found, missing }: ChosenEntryPoints): void {
    const severity = found.length === 0 ? "error" : "warning";
    for (const fault of missing) this.add({ severity, code: "unknown-entry-point", ...fault });
  }

  /** Adds what the provider found, and has reported: as with HTTP, only a router that is left without servers is out. */
  addDefects(defects: readonly string[] | undefined, hasServers: boolean): void {
    for (const defect of defects ?? []) degrade(this.#status, hasServers ? "warning" : "disabled", defect);
  }

  /** Adds what is wrong with the router's service. */
  addService<S extends L4Service>(services: L4Services<S>, key: string): void {
    const { state, errors } = services.verdict(key);
    if (state === "disabled") this.add({ code: "missing-service", message: errors.join("; ") });
  }
}
