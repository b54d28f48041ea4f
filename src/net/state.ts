// State that outlives a configuration: round-robin positions, health, counters, pools (DESIGN D5).

interface Disposable {
  dispose?: () => void;
}

/** A value and the build that took it last. */
interface Entry {
  readonly key: string;
  readonly value: unknown;
  build: number;
  /** What it replaced in the build under way. */
  before: Entry | undefined;
  /** Not in the store any more. */
  isGone: boolean;
}

/** What one part of a build took: see {@link StateStore.record}. */
export interface Taken {
  readonly entries: readonly Entry[];
}

/**
 * Values keyed by what they belong to. Each build takes what it needs; what no build takes any more is dropped.
 *
 * ```
 * begin ──▶ take(key) … take(key) ──▶ commit   values not taken are disposed
 *                                 └─▶ rollback the build failed: everything stays as it was
 * ```
 */
export class StateStore {
  readonly #entries = new Map<string, Entry>();
  #build = 0;
  /** How many entries the build under way has taken. */
  #taken = 0;
  #isOpen = false;
  /** Of the build under way. */
  #made: Entry[] = [];
  #recording: Entry[] | undefined = undefined;

  /** How many values are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Starts a build. */
  begin(): void {
    this.#build++;
    this.#isOpen = true;
    this.#made = [];
    this.#taken = 0;
  }

  /**
   * The value kept under `key`, or a new one.
   * @param key says whose state it is, and of what shape: the same key must always hold the same type
   * @param is tells whether a kept value has the type asked for; another one is replaced
   */
  take<T>(key: string, is: (value: unknown) => value is T, create: () => T): T {
    const kept = this.#entries.get(key);
    if (kept !== undefined && is(kept.value)) {
      this.#mark(kept);
      this.#recording?.push(kept);
      return kept.value;
    }
    const value = create();
    const before = this.#isOpen ? this.#entries.get(key) : undefined;
    const entry: Entry = { key, value, build: this.#build, before, isGone: false };
    this.#entries.set(key, entry);
    this.#taken++;
    if (this.#isOpen) this.#made.push(entry);
    this.#recording?.push(entry);
    return value;
  }

  /**
   * Notes what `make` takes, so that a later build can keep it all without making the part again. Parts that `make`
   * has made by records of their own note what is theirs.
   */
  record<T>(make: () => T): { readonly result: T; readonly taken: Taken } {
    const outer = this.#recording;
    const entries: Entry[] = [];
    this.#recording = entries;
    try {
      return { result: make(), taken: { entries } };
    } finally {
      this.#recording = outer;
    }
  }

  /** Takes all of it again. @returns false when some of it is gone: the part must be made again */
  keep({ entries }: Taken): boolean {
    for (const entry of entries) if (entry.isGone) return false;
    for (const entry of entries) this.#mark(entry);
    return true;
  }

  #mark(entry: Entry): void {
    if (entry.build === this.#build) return;
    entry.build = this.#build;
    this.#taken++;
  }

  /** The build is in force: drops what it did not take. */
  commit(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const dropped: Entry[] = [];
    for (const entry of this.#made) {
      if (entry.before !== undefined) dropped.push(entry.before);
      entry.before = undefined;
    }
    // Mostly everything was taken again; what was replaced may have been counted twice.
    if (dropped.length > 0 || this.#taken !== this.#entries.size) this.#sweep(dropped);
    this.#made = [];
    this.#drop(dropped); // last, so that what is disposed may ask for its successor
  }

  #sweep(dropped: Entry[]): void {
    for (const entry of this.#entries.values()) {
      if (entry.build === this.#build) continue;
      this.#entries.delete(entry.key);
      dropped.push(entry);
    }
  }

  /** The build was given up: drops what only it had made. */
  rollback(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const made = this.#made.toReversed(); // a value may have been replaced twice
    for (const { key, before } of made) {
      if (before === undefined) this.#entries.delete(key);
      else this.#entries.set(key, before);
    }
    this.#made = [];
    this.#drop(made);
  }

  #drop(entries: readonly Entry[]): void {
    for (const entry of entries) entry.isGone = true;
    for (const { key, value } of entries) if (this.#entries.get(key)?.value !== value) dispose(value);
  }
}

function dispose(value: unknown): void {
  if (isDisposable(value)) value.dispose?.();
}

function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && "dispose" in value && typeof value.dispose === "function";
}
