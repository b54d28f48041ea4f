// Earliest deadline first on a binary heap, in exact fractions: for rounds too long to be written out.

import { compareFractions, scaleDown } from "./fraction.ts";
import type { Eligible, Position, Schedule } from "./schedule.ts";

/** Where an entry stands: its next turn is the `turn`th of `weight` in that round. */
interface Point {
  readonly round: number;
  readonly turn: number;
  readonly weight: number;
  readonly rank: number;
}

/** A {@link Schedule} whose pick costs O(log n), whatever the weights. */
export class DeadlineHeap implements Schedule {
  readonly keys: readonly string[];
  readonly weights: readonly number[];
  /** Place of each entry when sorted by key: decides between equal deadlines of equal weights. */
  readonly #ranks: Int32Array;
  readonly #rounds: Float64Array;
  /** 1 to weight. */
  readonly #turns: Float64Array;
  /** Indexes; the root is due next. */
  readonly #heap: Int32Array;
  #size: number;
  /** Entries passed over by the pick in progress. */
  readonly #passed: Int32Array;
  #last: Position | undefined = undefined;

  /** @param weights whole numbers from 1, without common divisor */
  constructor(keys: readonly string[], weights: readonly number[]) {
    const count = keys.length;
    this.keys = keys;
    this.weights = weights;
    this.#ranks = ranksOf(keys);
    this.#rounds = new Float64Array(count);
    this.#turns = new Float64Array(count).fill(1);
    this.#heap = new Int32Array(count);
    this.#passed = new Int32Array(count);
    this.#size = 0;
    for (let index = 0; index < count; index++) this.#push(index);
  }

  next(eligible: Eligible): number {
    let passed = 0;
    let picked = -1;
    while (picked === -1 && this.#size > 0) {
      const index = this.#pop();
      if (eligible(index)) picked = index;
      else this.#passed[passed++] = index;
    }
    if (picked !== -1) this.#take(picked, passed);
    for (let at = 0; at < passed; at++) this.#push(this.#passed[at] ?? 0);
    return picked;
  }

  position(): Position | undefined {
    return this.#last;
  }

  /** Goes on behind a pick of a predecessor. Only before the first pick. */
  skipPast(position: Position): void {
    const point = this.#pointOf(position);
    this.#last = position;
    this.#size = 0;
    for (let index = 0; index < this.keys.length; index++) {
      this.#movePast(index, point);
      this.#push(index);
    }
  }

  /** How many picks of a round, counted from its beginning, are not behind `position`. */
  countUpTo(position: Position, total: number): number {
    const point = this.#pointOf(position);
    let count = 0;
    for (let index = 0; index < this.keys.length; index++) count += this.#turnsUpTo(index, point);
    return Math.min(count, total);
  }

  /** Moves the picked entry on by one turn, and those passed over to behind it. */
  #take(picked: number, passed: number): void {
    const weight = this.weights[picked] ?? 1;
    const turn = this.#turns[picked] ?? 1;
    const point = { round: this.#rounds[picked] ?? 0, turn, weight, rank: this.#ranks[picked] ?? 0 };
    this.#last = { turn, weight, key: this.keys[picked] ?? "" };
    this.#movePast(picked, point);
    this.#push(picked);
    for (let at = 0; at < passed; at++) this.#movePast(this.#passed[at] ?? 0, point);
  }

  #movePast(index: number, point: Point): void {
    const done = this.#turnsUpTo(index, point);
    const isRoundOver = done === (this.weights[index] ?? 1);
    this.#rounds[index] = isRoundOver ? point.round + 1 : point.round;
    this.#turns[index] = isRoundOver ? 1 : done + 1;
  }

  /** How many turns of an entry's round are not behind `point`. */
  #turnsUpTo(index: number, point: Point): number {
    const weight = this.weights[index] ?? 1;
    const done = scaleDown(point.turn, weight, point.weight);
    const isTie = done > 0 && compareFractions(done, weight, point.turn, point.weight) === 0;
    if (!isTie) return done;
    const isBehind = weight === point.weight ? (this.#ranks[index] ?? 0) > point.rank : weight > point.weight;
    return isBehind ? done - 1 : done;
  }

  #pointOf(position: Position): Point {
    const rank = this.keys.reduce((count, key) => count + (key <= position.key ? 1 : 0), 0) - 1;
    return { round: 0, turn: position.turn, weight: position.weight, rank };
  }

  #isBefore(a: number, b: number): boolean {
    const byRound = (this.#rounds[a] ?? 0) - (this.#rounds[b] ?? 0);
    if (byRound !== 0) return byRound < 0;
    const [weightA, weightB] = [this.weights[a] ?? 1, this.weights[b] ?? 1];
    const byDeadline = compareFractions(this.#turns[a] ?? 1, weightA, this.#turns[b] ?? 1, weightB);
    if (byDeadline !== 0) return byDeadline < 0;
    if (weightA !== weightB) return weightA < weightB;
    return (this.#ranks[a] ?? 0) < (this.#ranks[b] ?? 0);
  }

  #push(index: number): void {
    const heap = this.#heap;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] ?? 0;
      if (!this.#isBefore(index, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = index;
  }

  #pop(): number {
    const heap = this.#heap;
    const top = heap[0] ?? 0;
    const moved = heap[--this.#size] ?? 0;
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && this.#isBefore(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
      const below = heap[child] ?? 0;
      if (!this.#isBefore(below, moved)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = moved;
    return top;
  }
}

function ranksOf(keys: readonly string[]): Int32Array {
  const order = keys.map((_, index) => index);
  order.sort((a, b) => compareKeys(keys[a] ?? "", keys[b] ?? "") || a - b);
  const ranks = new Int32Array(keys.length);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return ranks;
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
