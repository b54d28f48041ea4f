// Which servers of a service are up: set by health checks, read at every pick, kept over reloads.

/** The health of one server. Balancers hold it directly, so that asking is reading a field. */
export interface Health {
  /** The server's URL. */
  readonly key: string;
  /** False: no requests at all. */
  readonly up: boolean;
  /** Terminating: sticky requests only. */
  readonly fenced: boolean;
  /** Up and not fenced: takes new requests. */
  readonly usable: boolean;
}

/** Hears of every change, after it happened. */
export type HealthListener = (health: Health) => void;

/** The servers of one service. Those nobody has judged are up. */
export class HealthSet {
  readonly #records = new Map<string, HealthRecord>();
  readonly #listeners = new Set<HealthListener>();

  /** The health of a server; one record per key, the same as long as the key is retained. */
  of(key: string): Health {
    return this.#record(key);
  }

  /** A check's verdict. @returns true when it changed something */
  setUp(key: string, up: boolean): boolean {
    return this.#change(this.#record(key), up, undefined);
  }

  /** The server begins or stops terminating. @returns true when it changed something */
  setFenced(key: string, fenced: boolean): boolean {
    return this.#change(this.#record(key), undefined, fenced);
  }

  /** True while a server takes new requests; false for a set without servers. */
  anyUsable(): boolean {
    for (const record of this.#records.values()) if (record.usable) return true;
    return false;
  }

  /** All servers known. */
  all(): readonly Health[] {
    return [...this.#records.values()];
  }

  /** Forgets servers that are configured no more: should one return, it starts up again. */
  retain(keys: Iterable<string>): void {
    const kept = new Set(keys);
    for (const key of this.#records.keys()) if (!kept.has(key)) this.#records.delete(key);
  }

  /** @returns stop listening */
  onChange(listener: HealthListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #record(key: string): HealthRecord {
    const known = this.#records.get(key);
    if (known !== undefined) return known;
    const record = new HealthRecord(key);
    this.#records.set(key, record);
    return record;
  }

  #change(record: HealthRecord, up = record.up, fenced = record.fenced): boolean {
    if (record.up === up && record.fenced === fenced) return false;
    record.up = up;
    record.fenced = fenced;
    record.usable = up && !fenced;
    for (const listener of [...this.#listeners]) listener(record);
    return true;
  }
}

/** For `StateStore.take`. */
export function isHealthSet(value: unknown): value is HealthSet {
  return value instanceof HealthSet;
}

class HealthRecord implements Health {
  readonly key: string;
  up = true;
  fenced = false;
  usable = true;

  constructor(key: string) {
    this.key = key;
  }
}
