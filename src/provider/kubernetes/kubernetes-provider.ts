// What all Kubernetes providers share: reflectors fill a store, and each change of it becomes one new state.

import type { Problem } from "../../schema/problem.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Provider, ProviderState } from "../provider.ts";
import type { KubeConnection } from "./client/connection.ts";
import type { Reflector } from "./client/reflector.ts";
import { type Resource, resourceId } from "./client/resource.ts";
import { sameValue } from "./store/same-value.ts";
import type { Change, KubeSnapshot } from "./store/snapshot.ts";
import { KubeStore } from "./store/store.ts";
import { Throttle } from "./store/throttle.ts";

/** What tells one Kubernetes provider from another. */
export interface KubernetesProviderOptions {
  readonly name: string;
  readonly resources: readonly Resource[];
  /** Kinds that are read from the moment on when the translator asks for one of their objects. */
  readonly onDemand: readonly Resource[];
  /** Empty: all namespaces, watched at the cluster scope. */
  readonly namespaces: readonly string[];
  readonly labelSelector: string;
  /** Least time between two states, in milliseconds. */
  readonly throttleMs: number;
  /** Problems that are there from the start. */
  readonly problems: readonly Problem[];
  readonly connection: KubeConnection;
  readonly logger: Logger;
  /** Of this provider alone: it is told of each change of its store. */
  readonly translator: Translator;
}

/** Objects → state. */
export interface Translator {
  /** One object came, went or changed. */
  changed(change: Change): void;
  /** @returns the same value as last time when nothing changed */
  translate(snapshot: KubeSnapshot): ProviderState;
  /** Whether the last translation asked for objects of a kind, by `group/Kind`. */
  asksFor(id: string): boolean;
}

const DEMAND_PATIENCE_MS = 5_000; // how long a kind that was just asked for may hold up everything else

/** A provider of one set of kinds. */
export class KubernetesProvider implements Provider {
  readonly name: string;
  readonly #options: KubernetesProviderOptions;
  readonly #abort: AbortController;
  readonly #store: KubeStore;
  readonly #throttle: Throttle;
  readonly #reflectors: Reflector[];
  /** Kinds that nobody asked for yet. */
  readonly #dormant: Set<Resource>;
  readonly #loops: Promise<void>[];
  #update: ((state: ProviderState) => void) | undefined;
  #sent: ProviderState | undefined;
  /** Set while kinds that were just asked for are on their way. */
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(options: KubernetesProviderOptions) {
    this.name = options.name;
    this.#options = options;
    this.#abort = new AbortController();
    this.#throttle = new Throttle(() => this.#publish(), options.throttleMs);
    this.#store = new KubeStore(() => this.#throttle.trigger());
    this.#store.listen((change) => options.translator.changed(change));
    this.#reflectors = [];
    this.#dormant = new Set(options.onDemand);
    this.#loops = [];
    this.#update = undefined;
    this.#sent = undefined;
    this.#patience = undefined;
  }

  start(update: (state: ProviderState) => void): void {
    this.#update = update;
    for (const resource of this.#options.resources) this.#watch(resource);
  }

  async stop(): Promise<void> {
    this.#update = undefined;
    this.#abort.abort();
    this.#throttle.stop();
    clearTimeout(this.#patience);
    await Promise.all(this.#loops);
    this.#options.connection.close();
  }

  #watch(resource: Resource): void {
    const { namespaces, labelSelector, connection } = this.#options;
    const isWhole = resource.clusterScoped === true || namespaces.length === 0;
    for (const namespace of isWhole ? [undefined] : namespaces) {
      const reflector = connection.reflector({
        selection: {
          resource,
          namespace,
          labelSelector: resource.labelled ? labelSelector : resource.labelSelector ?? "",
        },
        sink: this.#store.sink(resource, namespace),
        changed: () => this.#throttle.trigger(),
      });
      this.#reflectors.push(reflector);
      this.#loops.push(reflector.run(this.#abort.signal));
    }
  }

  /** Nothing is said before every kind is known or known to be refused, nor when none could be read at all. */
  #publish(): void {
    if (this.#isWaitingFor(this.#options.resources)) return;
    if (!this.#reflectors.some((reflector) => reflector.wasSynced)) return;
    try {
      const state = this.#options.translator.translate(this.#store);
      if (this.#wake() || this.#isPatient) return;
      this.#send(state);
    } catch (error) {
      // A mistake of weir's own must not take down what is served.
      this.#options.logger.error("Kubernetes objects could not be translated; the last state stays in force", {
        error,
      });
    }
  }

  #isWaitingFor(resources: readonly Resource[]): boolean {
    return this.#reflectors.some(({ status, selection }) =>
      status === "waiting" && resources.includes(selection.resource)
    );
  }

  /** Whether kinds that were just asked for are still worth waiting for. */
  get #isPatient(): boolean {
    if (this.#patience === undefined) return false;
    if (this.#isWaitingFor(this.#options.onDemand)) return true;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    return false;
  }

  /**
   * Reads the kinds that are asked for from now on. What is not there yet would be reported as missing, so nothing is
   * said until they are known, or for so long that something must be wrong.
   * @returns whether there are any
   */
  #wake(): boolean {
    const wanted = [...this.#dormant].filter((resource) => this.#options.translator.asksFor(resourceId(resource)));
    if (wanted.length === 0) return false;
    for (const resource of wanted) {
      this.#dormant.delete(resource);
      this.#watch(resource);
    }
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      this.#throttle.trigger();
    }, DEMAND_PATIENCE_MS);
    return true;
  }

  /** Many changes of objects change nothing of what they mean. What stayed the same is the same in memory. */
  #send({ configuration, problems }: ProviderState): void {
    const state = { configuration, problems: [...this.#options.problems, ...this.#accessProblems(), ...problems] };
    if (sameValue(state, this.#sent)) return;
    this.#sent = state;
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
