// What a strategy is to the balancer that uses it.

import type { Slot } from "./entry.ts";
import type { Eligible, Schedule } from "./schedule.ts";

/** What a choice may depend on. */
export interface PickContext {
  /** Textual IP of the client; only `hrw` reads it. */
  readonly clientIp?: string;
}

/** Picks among the pickable slots; `eligible` speaks of their indexes. @returns an index, or -1 */
export type Chooser = (eligible: Eligible, context: PickContext) => number;

/** What strategies are made of: the slots with weight that are not fenced. */
export interface ChooserOptions {
  readonly slots: readonly Slot<unknown>[];
  readonly random: () => number;
  /** The round robin that decides ties, position kept. */
  readonly schedule: () => Schedule;
}
