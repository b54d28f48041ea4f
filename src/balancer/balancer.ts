// Choosing one of several weighted things, whatever they are: servers, services, TCP or UDP backends.

import type { Chooser, ChooserOptions, PickContext } from "./chooser.ts";
import { type BalancerEntry, Load, Slot } from "./entry.ts";
import { createHrw } from "./hrw.ts";
import { createLeastTime } from "./least-time.ts";
import { createP2c } from "./p2c.ts";
import type { Eligible, Schedule } from "./schedule.ts";
import { BalancerState } from "./state.ts";

/** How a balancer chooses, by Traefik's names. */
export type BalancerStrategy = "wrr" | "p2c" | "hrw" | "leasttime";

/** Chooses. */
export interface Balancer<T> {
  /** All entries in the order given, those never picked included. */
  readonly slots: readonly Slot<T>[];
  /**
   * The entry whose turn it is.
   * @param tried entries that failed this request already
   * @returns undefined when no entry can be picked: all are down, fenced, of weight 0, or tried
   */
  pick(context?: PickContext, tried?: readonly Slot<T>[]): Slot<T> | undefined;
  /** The entry of that key, whether it could be picked or not: for sticky requests. */
  find(key: string): Slot<T> | undefined;
  /** True while `pick` would return something. */
  hasAvailable(): boolean;
}

/** What a balancer is made of. */
export interface BalancerOptions<T> {
  readonly entries: readonly BalancerEntry<T>[];
  /** Default: `wrr`. */
  readonly strategy?: BalancerStrategy;
  /** From the predecessor, so that position and loads go on. Default: a new one. */
  readonly state?: BalancerState;
  /** False: passed over now. Asked at every pick, so it should read a flag. Default: always true. */
  readonly available?: (item: T) => boolean;
  /** 0 ≤ x < 1. Default: `Math.random`. */
  readonly random?: () => number;
}

const choosers: Readonly<Record<BalancerStrategy, (options: ChooserOptions) => Chooser>> = {
  wrr: ({ schedule }) => (eligible) => schedule().next(eligible),
  p2c: createP2c,
  hrw: createHrw,
  leasttime: createLeastTime,
};

const noContext: PickContext = {};

/** Makes a balancer. */
export function createBalancer<T>(options: BalancerOptions<T>): Balancer<T> {
  return new StrategyBalancer(options);
}

class StrategyBalancer<T> implements Balancer<T> {
  readonly slots: readonly Slot<T>[];
  /** The slots that can be picked at all. */
  readonly #pickable: readonly Slot<T>[];
  readonly #byKey: ReadonlyMap<string, Slot<T>>;
  readonly #available: ((item: T) => boolean) | undefined;
  readonly #eligible: Eligible;
  readonly #choose: Chooser;
  readonly #state: BalancerState;
  #schedule: Schedule | undefined = undefined;
  /** Of the pick in progress. */
  #tried: readonly Slot<T>[] | undefined = undefined;

  constructor(options: BalancerOptions<T>) {
    const state = options.state ?? new BalancerState();
    this.#state = state;
    const loads = state.loads(options.entries.map(({ key }) => key));
    this.slots = options.entries.map((entry, index) => new Slot(entry, loads[index] ?? new Load()));
    this.#pickable = this.slots.filter((slot) => slot.weight > 0 && !slot.fenced);
    this.#byKey = new Map(this.slots.map((slot) => [slot.key, slot]));
    this.#available = options.available;
    this.#eligible = (index) => this.#isEligible(index);
    this.#choose = choosers[options.strategy ?? "wrr"]({
      slots: this.#pickable,
      random: options.random ?? Math.random,
      schedule: () => this.#schedule ??= this.#adoptSchedule(),
    });
  }

  pick(context: PickContext = noContext, tried?: readonly Slot<T>[]): Slot<T> | undefined {
    this.#tried = tried;
    const index = this.#choose(this.#eligible, context);
    this.#tried = undefined;
    return this.#pickable[index];
  }

  find(key: string): Slot<T> | undefined {
    return this.#byKey.get(key);
  }

  hasAvailable(): boolean {
    for (let index = 0; index < this.#pickable.length; index++) if (this.#isEligible(index)) return true;
    return false;
  }

  #isEligible(index: number): boolean {
    const slot = this.#pickable[index];
    if (slot === undefined || this.#tried?.includes(slot) === true) return false;
    return this.#available === undefined || this.#available(slot.item);
  }

  #adoptSchedule(): Schedule {
    const keys = this.#pickable.map((slot) => slot.key);
    return this.#state.adopt(keys, this.#pickable.map((slot) => slot.weight));
  }
}
