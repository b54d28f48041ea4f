// Who gets a request: a balancer over servers or services, and the terminating ones as a last resort.

import type { Balancer, BalancerStrategy } from "../balancer/balancer.ts";
import { createBalancer } from "../balancer/balancer.ts";
import type { BalancerEntry, Slot } from "../balancer/entry.ts";
import { BalancerState, isBalancerState } from "../balancer/state.ts";
import type { Address } from "../net/connection.ts";
import type { ServiceContext } from "./context.ts";

/** What a selector chooses from, and how. */
export interface SelectorOptions<T> {
  /** Of the service; position and loads are kept under it over reloads. */
  readonly key: string;
  readonly entries: readonly BalancerEntry<T>[];
  readonly strategy: BalancerStrategy;
  readonly context: Pick<ServiceContext, "state" | "random">;
  /** Absent: everything is available at all times. */
  readonly available?: (item: T) => boolean;
  /** Passed over while others are available. Absent: nothing ever rests. */
  readonly isResting?: (item: T) => boolean;
}

/** For whom is chosen: a request, a connection, or who sends datagrams. */
export interface PickSubject {
  readonly remote: Address;
}

/** Chooses for requests. */
export class Selector<T> {
  readonly slots: readonly Slot<T>[];
  readonly #balancer: Balancer<T>;
  /** Terminating servers that still serve: better than no answer, as when the only replica is replaced. */
  readonly #reserve: Balancer<T> | undefined;
  readonly #isByClient: boolean;
  readonly #available: ((item: T) => boolean) | undefined;
  readonly #isResting: ((item: T) => boolean) | undefined;
  /** During a pick that found nobody awake. */
  #wakesAll = false;

  constructor(options: SelectorOptions<T>) {
    const { key, entries, strategy, context, available, isResting } = options;
    const state = context.state.take(`balancer ${key}`, isBalancerState, () => new BalancerState());
    const shared = { strategy, random: () => context.random(), ...(available === undefined ? {} : { available }) };
    this.#available = available;
    this.#isResting = isResting;
    const awake = isResting === undefined ? {} : { available: (item: T) => this.#isAwake(item) };
    this.#balancer = createBalancer({ ...shared, ...awake, entries, state });
    const fenced = entries.filter((entry) => entry.fenced === true);
    const reserved = fenced.map(({ key: url, item, weight }) => ({ key: url, item, weight }));
    this.#reserve = fenced.length === 0 ? undefined : createBalancer({ ...shared, entries: reserved });
    this.#isByClient = strategy === "hrw";
    this.slots = this.#balancer.slots;
  }

  /**
   * The entry whose turn it is.
   * @param tried entries that failed this request already
   */
  pick(request: PickSubject, tried?: readonly Slot<T>[]): Slot<T> | undefined {
    const context = this.#isByClient ? { clientIp: request.remote.ip } : undefined;
    const slot = this.#balancer.pick(context, tried) ?? this.#wakingAll(() => this.#balancer.pick(context, tried));
    return slot !== undefined || this.#reserve === undefined ? slot : this.#reserve.pick(context, tried);
  }

  /** Whether requests that belong to it, and would not be given to it otherwise, can be served there now. */
  canServe(slot: Slot<T>): boolean {
    return this.#available === undefined || this.#available(slot.item);
  }

  /** True while `pick` would return something. */
  hasAvailable(): boolean {
    const isAvailable = this.#balancer.hasAvailable() || this.#wakingAll(() => this.#balancer.hasAvailable());
    return isAvailable === true || (this.#reserve?.hasAvailable() ?? false);
  }

  /** Resting must never leave a service without servers. */
  #wakingAll<R>(ask: () => R): R | undefined {
    if (this.#isResting === undefined) return undefined;
    this.#wakesAll = true;
    const answer = ask();
    this.#wakesAll = false;
    return answer;
  }

  #isAwake(item: T): boolean {
    if (this.#available !== undefined && !this.#available(item)) return false;
    return this.#wakesAll || this.#isResting === undefined || !this.#isResting(item);
  }
}
