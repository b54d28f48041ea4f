// What a balancer remembers over reloads: where its turn is, and the load of each server.

import { Load } from "./entry.ts";
import { createSchedule, isScheduleOf } from "./round-robin.ts";
import type { Schedule } from "./schedule.ts";

/** Position and loads of one service, kept by the owner from one routing table to the next (DESIGN D5). */
export class BalancerState {
  #loads: ReadonlyMap<string, Load> = new Map();
  /** Of the balancer before: the one in force, should the next one be given up. */
  #before: ReadonlyMap<string, Load> = new Map();
  #schedule: Schedule | undefined = undefined;

  /**
   * The loads of a new balancer's servers, in their order: those that are kept, or new ones.
   * What neither this balancer nor the one before has is forgotten.
   */
  loads(keys: readonly string[]): readonly Load[] {
    const next = new Map<string, Load>();
    const loads = keys.map((key) => {
      const load = next.get(key) ?? this.#loads.get(key) ?? this.#before.get(key) ?? new Load();
      next.set(key, load);
      return load;
    });
    this.#before = this.#loads;
    this.#loads = next;
    return loads;
  }

  /** How many servers' loads are kept. */
  get size(): number {
    return new Set([...this.#before.keys(), ...this.#loads.keys()]).size;
  }

  /**
   * The running schedule when it is of exactly these entries; else a new one that goes on behind its last pick.
   * Called at the first pick, not at build time: by then the new table is in force and the old one's position is
   * final.
   */
  adopt(keys: readonly string[], weights: readonly number[]): Schedule {
    const running = this.#schedule;
    if (running !== undefined && isScheduleOf(running, keys, weights)) return running;
    this.#schedule = createSchedule({ keys, weights, after: running?.position() });
    return this.#schedule;
  }
}

/** For `StateStore.take`. */
export function isBalancerState(value: unknown): value is BalancerState {
  return value instanceof BalancerState;
}
