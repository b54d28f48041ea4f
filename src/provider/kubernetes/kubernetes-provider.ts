// What all Kubernetes providers share: reflectors fill a store, and each change of it becomes one new state.

import { Throttle } from "../../net/throttle.ts";
import type { Problem } from "../../schema/problem.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Provider, ProviderState } from "../provider.ts";
import type { KubeConnection } from "./client/connection.ts";
import { notServedProblems } from "./client/rbac.ts";
import type { Reflector } from "./client/reflector.ts";
import type { Resource } from "./client/resource.ts";
import { type Asking, Demand } from "./demand.ts";
import { sameValue } from "./store/same-value.ts";
import type { Change, KubeSnapshot } from "./store/snapshot.ts";
import { KubeStore } from "./store/store.ts";
import type { Outcome, WriteBack } from "./write-back/write-back.ts";

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
  /** Absent: nothing is written into the cluster. */
  readonly writeBack?: WriteBack | undefined;
}

/** Objects → state. */
export interface Translator extends Asking, Outcome {
  /** One object came, went or changed. */
  changed(change: Change): void;
  /** @returns the same value as last time when nothing changed */
  translate(snapshot: KubeSnapshot): ProviderState;
}

/** A kind that is read as a whole, in one namespace or all. */
interface Watched {
  readonly resource: Resource;
  readonly reflector: Reflector;
}

/** A provider of one set of kinds. */
export class KubernetesProvider implements Provider {
  readonly name: string;
  readonly #options: KubernetesProviderOptions;
  readonly #abort: AbortController;
  readonly #store: KubeStore;
  readonly #throttle: Throttle;
  /** Until the first state has been told. */
  readonly #starting: Throttle;
  readonly #watched: Watched[];
  readonly #demand: Demand;
  readonly #loops: Promise<void>[];
  #update: ((state: ProviderState) => void) | undefined;
  #sent: ProviderState | undefined;

  constructor(options: KubernetesProviderOptions) {
    this.name = options.name;
    this.#options = options;
    this.#abort = new AbortController();
    this.#throttle = new Throttle(() => this.#publish(), options.throttleMs);
    this.#starting = new Throttle(() => this.#publish(), 0);
    this.#store = new KubeStore(() => this.#trigger());
    this.#store.listen((change) => options.translator.changed(change));
    this.#watched = [];
    this.#demand = new Demand({
      resources: options.onDemand,
      asking: options.translator,
      connection: options.connection,
      store: this.#store,
      isClusterWide: options.namespaces.length === 0,
      watch: (resource) => this.#watch(resource),
      isUnknown: (resource) => this.#isWaitingFor(resource),
      changed: () => this.#trigger(),
    });
    this.#loops = [];
    this.#update = undefined;
    this.#sent = undefined;
  }

  start(update: (state: ProviderState) => void): void {
    this.#update = update;
    this.#options.writeBack?.start(() => this.#trigger());
    for (const resource of this.#options.resources) this.#watch(resource);
  }

  judged(problems: readonly Problem[]): void {
    this.#options.writeBack?.judged(problems);
  }

  async stop(): Promise<void> {
    this.#update = undefined;
    this.#abort.abort();
    this.#throttle.stop();
    this.#starting.stop();
    await Promise.all([...this.#loops, this.#demand.stop(), this.#options.writeBack?.stop()]);
    this.#options.connection.close();
  }

  /** The first state waits for no pause: nothing is served before it. */
  #trigger(): void {
    (this.#sent === undefined ? this.#starting : this.#throttle).trigger();
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
        changed: () => this.#trigger(),
      });
      this.#watched.push({ resource, reflector });
      this.#loops.push(reflector.run(this.#abort.signal));
    }
  }

  /** Nothing is said before every kind is known or known to be refused, nor when none could be read at all. */
  #publish(): void {
    if (this.#options.resources.some((resource) => this.#isWaitingFor(resource))) return;
    if (!this.#watched.some(({ reflector }) => reflector.wasSynced)) return;
    try {
      const state = this.#options.translator.translate(this.#store);
      if (this.#demand.isPending()) return;
      this.#options.writeBack?.translated(this.#store, this.#options.translator);
      this.#send(state);
    } catch (error) {
      // A mistake of weir's own must not take down what is served.
      this.#options.logger.error("Kubernetes objects could not be translated; the last state stays in force", {
        error,
      });
    }
  }

  #isWaitingFor(wanted: Resource): boolean {
    return this.#watched.some(({ resource, reflector }) => resource === wanted && reflector.status === "waiting");
  }

  /** Many changes of objects change nothing of what they mean. What stayed the same is the same in memory. */
  #send({ configuration, problems }: ProviderState): void {
    const own = [...this.#options.problems, ...this.#accessProblems(), ...this.#options.writeBack?.problems ?? []];
    const state = { configuration, problems: [...own, ...problems] };
    if (configuration === this.#sent?.configuration && sameValue(state.problems, this.#sent.problems)) return;
    this.#sent = state;
    this.#update?.(state);
  }

  /** A kind that one API group does not serve is no problem while another group serves it. */
  #accessProblems(): Problem[] {
    const served = new Set(
      this.#watched.filter(({ reflector }) => reflector.status !== "not-served").map(({ resource }) => resource.kind),
    );
    const problems: Problem[] = [];
    const missing = new Set<Resource>();
    for (const { resource, reflector: { status, problem } } of this.#watched) {
      if (status !== "not-served") problems.push(...problem === undefined ? [] : [problem]);
      else if (!served.has(resource.kind)) missing.add(resource);
    }
    return [...problems, ...notServedProblems([...missing]), ...this.#demand.problems];
  }
}
