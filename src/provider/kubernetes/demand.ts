// Kinds of which only what is referred to is read: Secrets and ConfigMaps by name, Nodes once somebody needs them.

import type { Problem } from "../../schema/problem.ts";
import type { KubeConnection } from "./client/connection.ts";
import { NamedReflectors } from "./client/named-reflectors.ts";
import { type Resource, resourceId } from "./client/resource.ts";
import type { ObjectName } from "./incremental-translator.ts";
import type { KubeStore } from "./store/store.ts";

/** How what is referred to is told, by `group/Kind`. */
export interface Asking {
  /** Whether the last translation asked for objects of a kind. */
  asksFor(id: string): boolean;
  /** Which ones it asked for by name; the same list as long as they are the same. */
  wanted(id: string): readonly ObjectName[];
}

/** What the demand of a provider consists of. */
export interface DemandOptions {
  /** Kinds of which nothing is read before something is asked for: then that, or everything. */
  readonly resources: readonly Resource[];
  readonly asking: Asking;
  readonly connection: KubeConnection;
  readonly store: KubeStore;
  readonly isClusterWide: boolean;
  /** Begins to read all objects of a kind. */
  readonly watch: (resource: Resource) => void;
  /** Whether a kind that is read as a whole is not known yet. */
  readonly isUnknown: (resource: Resource) => boolean;
  /** Something became known, or waiting for it is over. */
  readonly changed: () => void;
}

interface Named {
  readonly id: string;
  readonly reflectors: NamedReflectors;
  wanted: readonly ObjectName[];
}

const PATIENCE_MS = 5_000; // how long something that was just asked for may hold up everything else

/** What is read on demand. */
export class Demand {
  readonly #options: DemandOptions;
  readonly #whole: readonly Resource[];
  /** Kinds that nobody asked for yet. */
  readonly #dormant: Set<Resource>;
  readonly #named: readonly Named[];
  /** Set while something that was just asked for is on its way. */
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DemandOptions) {
    const { connection, store, isClusterWide, changed } = options;
    this.#options = options;
    this.#whole = options.resources.filter(({ byName }) => byName !== true);
    this.#dormant = new Set(this.#whole);
    this.#named = options.resources.filter(({ byName }) => byName === true).map((resource) => ({
      id: resourceId(resource),
      wanted: [],
      reflectors: new NamedReflectors({
        resource,
        sink: store.sink(resource, undefined),
        changed,
        isClusterWide,
        clock: connection.clock,
        reflector: (own) => connection.reflector(own),
      }),
    }));
    this.#patience = undefined;
  }

  /** What keeps objects from being read. */
  get problems(): readonly Problem[] {
    return this.#named.flatMap(({ reflectors }) => reflectors.problems);
  }

  /**
   * Reads what is asked for from now on. What is not there yet would be reported as missing.
   * @returns whether something is on its way that is worth waiting for
   */
  isPending(): boolean {
    if (this.#wake() || this.#want()) this.#wait();
    if (this.#patience === undefined) return false;
    const { isUnknown } = this.#options;
    const isSettled = this.#named.every(({ reflectors }) => reflectors.isSettled) && !this.#whole.some(isUnknown);
    if (isSettled) this.#stopWaiting();
    return !isSettled;
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    this.#stopWaiting();
    await Promise.all(this.#named.map(({ reflectors }) => reflectors.stop()));
  }

  #wake(): boolean {
    const { asking, watch } = this.#options;
    const asked = [...this.#dormant].filter((resource) => asking.asksFor(resourceId(resource)));
    for (const resource of asked) {
      this.#dormant.delete(resource);
      watch(resource);
    }
    return asked.length > 0;
  }

  #want(): boolean {
    let isNew = false;
    for (const named of this.#named) {
      const wanted = this.#options.asking.wanted(named.id);
      if (wanted === named.wanted) continue;
      named.wanted = wanted;
      named.reflectors.want(wanted);
      isNew ||= !named.reflectors.isSettled;
    }
    return isNew;
  }

  #wait(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      this.#options.changed();
    }, PATIENCE_MS);
  }

  #stopWaiting(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }
}
