// What a balancer remembers over reloads: where its turn is, and the load of each server.

import { Load } from "./entry.ts";
import { createSchedule, isScheduleOf } from "./round-robin.ts";
import type { Schedule } from "./schedule.ts";

/** Position and loads of one service, kept by the owner from one routing table to the next (DESIGN D5). */
export class BalancerState {
  readonly #loads = new Map<string, Load>();
  #schedule: Schedule | undefined = undefined;

  /** The load kept for a server, or a new one. */
  load(key: string): Load {
    const kept = this.#loads.get(key);
    if (kept !== undefined) return kept;
    const load = new Load();
    this.#loads.set(key, load);
    return load;
  }

  /**
   * The running schedule when it is of exactly these entries; else a new one that goes on behind its last pick.
   * Loads of servers outside `allKeys` are forgotten. Called at the first pick, not at build time: by then the
   * new table is in force and the old one's position is final.
   */
  adopt(allKeys: readonly string[], keys: readonly string[], weights: readonly number[]): Schedule {
    const known = new Set(allKeys);
    for (const key of this.#loads.keys()) if (!known.has(key)) this.#loads.delete(key);
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
