// Weighted round robin as an interface: an endless sequence of picks that can be left off and gone on with.

/** Says whether the entry at an index may be picked now. */
export type Eligible = (index: number) => boolean;

/** The last pick, as a point in the order of picks: turn `turn` of `weight` of the entry `key`. */
export interface Position {
  readonly turn: number;
  readonly weight: number;
  readonly key: string;
}

/**
 * An endless sequence of indexes. An entry of weight w has its turns at 1/w, 2/w … w/w of each round; equal
 * deadlines go lighter entry first, then by key. So every w₁+w₂+… picks in a row hold each entry exactly its
 * weight of times, wherever one starts to count, and the order of the list does not matter:
 * ```
 * A:1 B:2      B ½   A 1   B 1    │ B A B …
 * ```
 */
export interface Schedule {
  readonly keys: readonly string[];
  /** Divided by their greatest common divisor. */
  readonly weights: readonly number[];
  /** The next eligible index; turns of the others are passed over. -1: nobody is eligible, and nothing moved. */
  next(eligible: Eligible): number;
  /** Undefined before the first pick. */
  position(): Position | undefined;
}
