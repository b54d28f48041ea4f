// How a kind stands, and what was said of it: each change once, however often it is tried.

import type { Problem } from "../../../schema/problem.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { KubeError, KubeFailure } from "./kube-error.ts";
import { KEPT } from "./retry-gate.ts";

/** `waiting`: not yet known; the others are settled. */
export type ReflectorStatus = "waiting" | "synced" | "forbidden" | "not-served";

/** Status, problem and log lines of one kind. */
export class Standing {
  readonly #logger: Logger;
  readonly #changed: () => void;
  #reported: KubeFailure | undefined;
  #status: ReflectorStatus;
  #problem: Problem | undefined;

  /** @param changed the status or the problem changed */
  constructor(logger: Logger, changed: () => void) {
    this.#logger = logger;
    this.#changed = changed;
    this.#reported = undefined;
    this.#status = "waiting";
    this.#problem = undefined;
  }

  get status(): ReflectorStatus {
    return this.#status;
  }

  /** What keeps the kind from being read, once that is settled. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** It is read. @param what for the log: `list ingressroutes.traefik.io` */
  recovered(what: string): void {
    if (this.#reported !== undefined) this.#logger.info(`Kubernetes API: ${what} works again`);
    this.#reported = undefined;
    this.settle("synced", undefined);
  }

  /** It is known how things are. */
  settle(status: ReflectorStatus, problem: Problem | undefined): void {
    const isSame = this.#status === status && this.#problem?.message === problem?.message;
    this.#status = status;
    this.#problem = problem;
    if (!isSame) this.#changed();
  }

  /** Says a failure, unless the last one was of the same sort. A kind that is not served may be just not installed. */
  report(error: KubeError): void {
    if (this.#reported === error.failure) return;
    this.#reported = error.failure;
    if (error.failure === "not-served") this.#logger.debug(`Kubernetes API: ${error.message}`);
    else this.#logger.error(`Kubernetes API: ${error.message}${KEPT}`);
  }
}
