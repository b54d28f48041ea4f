// What a balancer chooses between: entries as configured, and slots, which also count the load of each.

/** One thing to choose. */
export interface BalancerEntry<T> {
  /** Server URL or child name: what position, load, hrw scores and sticky values belong to. */
  readonly key: string;
  readonly item: T;
  /** Share of the picks, relative to the others; fractions are cut off, 0 and less: never picked. */
  readonly weight: number;
  /** Terminating: found for sticky requests, never picked. */
  readonly fenced?: boolean;
}

const SAMPLES = 100; // times to first byte that an average is taken of, as in Traefik

/** What is going on at one server. Kept by {@link BalancerState}, so it survives a reload. */
export class Load {
  /** Requests started and not finished. */
  inFlight = 0;
  /** Made with the first sample: most strategies never measure, and every server of every service has a load. */
  #times: Float64Array | undefined = undefined;
  #samples = 0;
  #next = 0;
  #sum = 0;

  /** Average of the last 100 times to first byte, in milliseconds; undefined before the first. */
  get averageMs(): number | undefined {
    return this.#samples === 0 ? undefined : this.#sum / this.#samples;
  }

  /** Adds a sample. @param ms from sending the request to the first byte of its answer */
  record(ms: number): void {
    const times = this.#times ??= new Float64Array(SAMPLES);
    this.#sum += ms - (times[this.#next] ?? 0);
    times[this.#next] = ms;
    this.#next = (this.#next + 1) % SAMPLES;
    if (this.#samples < SAMPLES) this.#samples++;
    // Adding and taking away leaves rounding errors behind: start afresh once per lap.
    if (this.#next === 0) this.#sum = times.reduce((sum, time) => sum + time, 0);
  }
}

/** An entry at its place in a balancer. Whoever picked it reports what became of the request. */
export class Slot<T> {
  readonly key: string;
  readonly item: T;
  /** A whole number, 0 and up. */
  readonly weight: number;
  readonly fenced: boolean;
  readonly load: Load;

  constructor(entry: BalancerEntry<T>, load: Load) {
    this.key = entry.key;
    this.item = entry.item;
    this.weight = entry.weight >= 1 ? Math.min(Math.floor(entry.weight), Number.MAX_SAFE_INTEGER) : 0;
    this.fenced = entry.fenced ?? false;
    this.load = load;
  }

  /** A request goes out to it. Every `start` needs one `finish`. */
  start(): void {
    this.load.inFlight++;
  }

  /** The first byte of an answer came. @param ms since `start` */
  firstByte(ms: number): void {
    this.load.record(ms);
  }

  /** The exchange is over, well or badly. */
  finish(): void {
    this.load.inFlight--;
  }
}
