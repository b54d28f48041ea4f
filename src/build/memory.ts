// What earlier builds made: a part whose configuration and whose dependencies are the same objects is not made again.

import type { StateStore, Taken } from "../net/state.ts";

/** Sections whose parts others may depend on. */
export type DependencyKind = "service" | "middleware" | "transport" | "tlsOptions" | "certificate";

/** Something a part was made with: another part, or a piece of configuration. */
export interface Dependency {
  readonly kind: DependencyKind;
  readonly key: string;
  readonly value: unknown;
}

/** What stands for a dependency in the build under way. */
export type LookUp = (kind: DependencyKind, key: string) => unknown;

interface Remembered<O> {
  readonly key: string;
  readonly config: unknown;
  readonly dependencies: readonly Dependency[];
  readonly taken: Taken;
  readonly outcome: O;
}

/** Outcomes of one kind of part, by key. */
export class PartMemory<O> {
  /** In the order of the last build, which is mostly that of this one, too. */
  #before: readonly Remembered<O>[] = [];
  #now: Remembered<O>[] = [];
  /** Where the next part is looked for first. */
  #cursor = 0;
  /** Places in the last build; made when a part is not where it was. */
  #places: ReadonlyMap<string, number> | undefined = undefined;

  /** A build begins. */
  turn(): void {
    this.#now = [];
    this.#cursor = 0;
  }

  /** The build has succeeded: what it did not use is forgotten. */
  settle(): void {
    this.#before = this.#now;
    this.#now = [];
    this.#places = undefined;
  }

  /** The outcome of the same part in the last build, with the state it took; undefined when it must be made again. */
  recall(key: string, config: unknown, state: StateStore, lookUp: LookUp): O | undefined {
    const known = this.#find(key);
    if (known === undefined || known.config !== config) return undefined;
    for (const { kind, key: name, value } of known.dependencies) {
      if (lookUp(kind, name) !== value) return undefined;
    }
    if (!state.keep(known.taken)) return undefined;
    this.#now.push(known);
    return known.outcome;
  }

  /**
   * Makes an outcome, and remembers it with what it took.
   * @param make is given a list for what it depends on
   */
  make(key: string, config: unknown, state: StateStore, make: (dependencies: Dependency[]) => O): O {
    const dependencies: Dependency[] = [];
    const { result: outcome, taken } = state.record(() => make(dependencies));
    this.#now.push({ key, config, dependencies, taken, outcome });
    return outcome;
  }

  /** The part made last is to be made again by the next build: what it depends on can't be told. */
  forgetLast(): void {
    this.#now.pop();
  }

  #find(key: string): Remembered<O> | undefined {
    let known = this.#before[this.#cursor];
    if (known?.key !== key) {
      this.#places ??= new Map(this.#before.map((each, place) => [each.key, place]));
      const place = this.#places.get(key);
      if (place === undefined) return undefined;
      this.#cursor = place;
      known = this.#before[place];
    }
    this.#cursor++;
    return known;
  }
}
