// What all Kubernetes providers share: reflectors fill a store, and each change of it becomes one new state.

import type { Problem } from "../../schema/problem.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Provider, ProviderState } from "../provider.ts";
import type { RetryGate } from "./client/backoff.ts";
import type { Clock } from "./client/clock.ts";
import type { KubeClient } from "./client/kube-client.ts";
import { Reflector } from "./client/reflector.ts";
import type { Resource } from "./client/resource.ts";
import { type KubeSnapshot, KubeStore } from "./store/store.ts";
import { Throttle } from "./store/throttle.ts";

/** What tells one Kubernetes provider from another. */
export interface KubernetesProviderOptions {
  readonly name: string;
  readonly resources: readonly Resource[];
  /** Empty: all namespaces, watched at the cluster scope. */
  readonly namespaces: readonly string[];
  readonly labelSelector: string;
  /** Least time between two states, in milliseconds. */
  readonly throttleMs: number;
  /** Problems that are there from the start. */
  readonly problems: readonly Problem[];
  readonly client: KubeClient;
  readonly gate: RetryGate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pure, but for remembering what it parsed. */
  readonly translate: (snapshot: KubeSnapshot) => ProviderState;
}

/** A provider of one set of kinds. */
export class KubernetesProvider implements Provider {
  readonly name: string;
  readonly #options: KubernetesProviderOptions;
  readonly #abort: AbortController;
  readonly #store: KubeStore;
  readonly #throttle: Throttle;
  readonly #reflectors: readonly Reflector[];
  #update: ((state: ProviderState) => void) | undefined;
  #loops: Promise<unknown>;
  #sent: string;

  constructor(options: KubernetesProviderOptions) {
    this.name = options.name;
    this.#options = options;
    this.#abort = new AbortController();
    this.#throttle = new Throttle(() => this.#publish(), options.throttleMs);
    this.#store = new KubeStore(() => this.#throttle.trigger());
    this.#reflectors = this.#createReflectors();
    this.#update = undefined;
    this.#loops = Promise.resolve();
    this.#sent = "";
  }

  start(update: (state: ProviderState) => void): void {
    this.#update = update;
    this.#loops = Promise.all(this.#reflectors.map((reflector) => reflector.run(this.#abort.signal)));
  }

  async stop(): Promise<void> {
    this.#update = undefined;
    this.#abort.abort();
    this.#throttle.stop();
    await this.#loops;
  }

  #createReflectors(): Reflector[] {
    const { resources, namespaces, labelSelector, client, gate, clock, logger } = this.#options;
    const scopes: readonly (string | undefined)[] = namespaces.length === 0 ? [undefined] : namespaces;
    return resources.flatMap((resource) =>
      scopes.map((namespace) =>
        new Reflector({
          client,
          selection: { resource, namespace, labelSelector: resource.labelled ? labelSelector : "" },
          sink: this.#store.sink(resource, namespace),
          gate,
          clock,
          logger,
          changed: () => this.#throttle.trigger(),
        })
      )
    );
  }

  /** Nothing is said before every kind is known or known to be refused, nor when none could be read at all. */
  #publish(): void {
    if (this.#reflectors.some((reflector) => reflector.status === "waiting")) return;
    if (!this.#reflectors.some((reflector) => reflector.wasSynced)) return;
    try {
      this.#send(this.#options.translate(this.#store));
    } catch (error) {
      // A mistake of weir's own must not take down what is served.
      this.#options.logger.error("Kubernetes objects could not be translated; the last state stays in force", {
        error,
      });
    }
  }

  /** Many changes of objects change nothing of what they mean. */
  #send({ configuration, problems }: ProviderState): void {
    const state = { configuration, problems: [...this.#options.problems, ...this.#accessProblems(), ...problems] };
    const text = JSON.stringify(state);
    if (text === this.#sent) return;
    this.#sent = text;
    this.#update?.(state);
  }

  /** A kind that one API group does not serve is no problem while another group serves it. */
  #accessProblems(): Problem[] {
    const served = new Set(
      this.#reflectors.filter((each) => each.status !== "not-served").map((each) => each.selection.resource.kind),
    );
    return this.#reflectors.flatMap(({ problem, status, selection }) => {
      if (problem === undefined) return [];
      return status === "not-served" && served.has(selection.resource.kind) ? [] : [problem];
    });
  }
}
