// Weighted round robin, earliest deadline first: from a list written out in advance, or from a heap.

import { DeadlineHeap } from "./deadline-heap.ts";
import { reduceWeights } from "./fraction.ts";
import type { Eligible, Position, Schedule } from "./schedule.ts";

/** Longest round written out in advance: 8 KiB, and a pick is one array read. Longer ones use the heap. */
const MAX_CYCLE = 4096;

/** What a schedule is made from. Keys and weights have the same length; weights are whole numbers from 1. */
export interface ScheduleOptions {
  readonly keys: readonly string[];
  readonly weights: readonly number[];
  /** Go on behind this pick, of this schedule's predecessor. */
  readonly after?: Position | undefined;
  /** For tests: another limit of written-out rounds. Default 4096. */
  readonly maxCycle?: number;
}

/** Makes the schedule of these entries. */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { keys, after, maxCycle = MAX_CYCLE } = options;
  const weights = reduceWeights(options.weights);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const heap = new DeadlineHeap(keys, weights);
  if (total <= maxCycle) return new CycleSchedule(heap, total, after);
  if (after !== undefined) heap.skipPast(after);
  return heap;
}

/** @returns true when the schedule was made of exactly these entries, so that it can simply go on */
export function isScheduleOf(schedule: Schedule, keys: readonly string[], weights: readonly number[]): boolean {
  if (schedule.keys.length !== keys.length || !keys.every((key, index) => key === schedule.keys[index])) return false;
  return reduceWeights(weights).every((weight, index) => weight === schedule.weights[index]);
}

/** One round, written out. */
class CycleSchedule implements Schedule {
  readonly keys: readonly string[];
  readonly weights: readonly number[];
  /** Indexes in the order of picks. */
  readonly #cycle: Uint16Array;
  #cursor = 0;
  /** Where the last pick stands in `#cycle`; -1: none yet. */
  #last = -1;
  readonly #before: Position | undefined;

  constructor(heap: DeadlineHeap, total: number, after: Position | undefined) {
    this.keys = heap.keys;
    this.weights = heap.weights;
    this.#before = after;
    this.#cycle = new Uint16Array(total);
    const first = after === undefined ? 0 : heap.countUpTo(after, total);
    for (let at = 0; at < total; at++) this.#cycle[at] = heap.next(everybody);
    this.#cursor = first % Math.max(total, 1);
  }

  next(eligible: Eligible): number {
    const cycle = this.#cycle;
    const length = cycle.length;
    let at = this.#cursor;
    let refused = -1;
    for (let step = 0; step < length; step++) {
      const index = cycle[at] ?? 0;
      const here = at;
      at = at + 1 === length ? 0 : at + 1;
      if (index === refused) continue; // runs of one heavy entry that is down
      if (eligible(index)) {
        this.#cursor = at;
        this.#last = here;
        return index;
      }
      refused = index;
    }
    return -1;
  }

  position(): Position | undefined {
    if (this.#last === -1) return this.#before;
    const index = this.#cycle[this.#last] ?? 0;
    const turn = this.#cycle.subarray(0, this.#last + 1).reduce((count, other) => count + (other === index ? 1 : 0), 0);
    return { turn, weight: this.weights[index] ?? 1, key: this.keys[index] ?? "" };
  }
}

function everybody(): boolean {
  return true;
}
