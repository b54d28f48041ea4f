// The metric kinds: handles that the traffic plane keeps and changes without any look-up.

/** Label names and values of one child, in any order. */
export type Labels = Readonly<Record<string, string>>;

/** Only ever grows. */
export class Counter {
  value = 0;

  /** @param by 0 or more; default 1 */
  add(by = 1): void {
    this.value += by;
  }
}

/** Goes up and down. */
export class Gauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }

  /** @param by may be negative; default 1 */
  add(by = 1): void {
    this.value += by;
  }
}

/** Counts values by size. */
export class Histogram {
  /** Upper bounds, ascending, without infinity. */
  readonly bounds: readonly number[];
  /** Observations per bucket, not cumulated; one more than bounds, for infinity. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}
