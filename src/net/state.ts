// State that outlives a configuration: round-robin positions, health, counters, pools (DESIGN D5).

interface Disposable {
  dispose?: () => void;
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
  #current = new Map<string, unknown>();
  #next: Map<string, unknown> | undefined = undefined;

  /** How many values are kept. */
  get size(): number {
    return this.#current.size;
  }

  /** Starts a build. */
  begin(): void {
    this.#next = new Map();
  }

  /**
   * The value kept under `key`, or a new one.
   * @param key says whose state it is, and of what shape: the same key must always hold the same type
   * @param is tells whether a kept value has the type asked for; another one is replaced
   */
  take<T>(key: string, is: (value: unknown) => value is T, create: () => T): T {
    const next = this.#next ?? this.#current;
    const kept = next.get(key) ?? this.#current.get(key);
    const value = is(kept) ? kept : create();
    next.set(key, value);
    return value;
  }

  /** The build is in force: drops what it did not take. */
  commit(): void {
    const next = this.#next;
    if (next === undefined) return;
    const before = this.#current;
    this.#current = next; // first, so that what is disposed may ask for its successor
    this.#next = undefined;
    for (const [key, value] of before) if (next.get(key) !== value) dispose(value);
  }

  /** The build was given up: drops what only it had made. */
  rollback(): void {
    const next = this.#next;
    this.#next = undefined;
    for (const [key, value] of next ?? []) if (this.#current.get(key) !== value) dispose(value);
  }
}

function dispose(value: unknown): void {
  if (isDisposable(value)) value.dispose?.();
}

function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && "dispose" in value && typeof value.dispose === "function";
}
