// One section of the merged configuration: where its parts come from, and what merging made of them before.

import type { DynamicConfiguration } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import { compareText } from "./order.ts";
import type { QualifyPart } from "./qualify.ts";
import type { ReferenceKind, ReferenceResolver } from "./reference-resolver.ts";

/** A part in the merged configuration. */
export type Merged<T extends Part> = T & {
  /** For people, without provider: `default-wrr`. */
  readonly displayName: string;
  readonly provider: string;
};

/** Parts of all providers by `key@provider`. */
export type MergedParts<T extends Part> = Readonly<Record<string, Merged<T>>>;

/** A reference and what it stood for. */
export interface Resolved {
  readonly kind: ReferenceKind;
  readonly reference: string;
  /** Of the merged configuration. */
  readonly key: string;
}

/** What became of a part. */
export interface MergedPart<T extends Part> {
  /** As the provider gave it. */
  readonly part: T;
  /** `key@provider` */
  readonly qualifiedKey: string;
  readonly merged: Merged<T>;
  readonly resolved: readonly Resolved[];
  /** No reference fits several parts: that is to be reported by each merge. */
  readonly isClear: boolean;
}

/** One kind of part. */
export interface MergeSection<T extends Part> {
  /** Where it lies, for problems: `http.routers`. */
  readonly name: string;
  readonly partsOf: (configuration: DynamicConfiguration) => Readonly<Record<string, T>>;
  readonly qualify: QualifyPart<T>;
}

/** Where a part stands. */
export interface Place {
  readonly key: string;
  readonly provider: string;
}

/** Parts of one provider, as the last merge saw them. */
interface KnownParts<T extends Part> {
  /** In the provider's order, and in ours. */
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  readonly parts: Map<string, MergedPart<T>>;
}

/** What the last merge made of a section. Parts that are the same objects again need not be made again. */
export class SectionMemory<T extends Part> {
  #known: ReadonlyMap<string, KnownParts<T>> = new Map();
  #all: readonly MergedPart<T>[] = [];
  #record: MergedParts<T> = {};

  /**
   * Merges a section.
   * @param inputs each provider's parts, in the providers' order
   * @param merge makes a part that is new, or whose references mean something else now
   * @returns the record of the last merge where nothing has changed
   */
  collect(
    inputs: readonly (readonly [provider: string, parts: Readonly<Record<string, T>>])[],
    resolver: ReferenceResolver,
    merge: (part: T, place: Place) => MergedPart<T>,
  ): MergedParts<T> {
    const all: MergedPart<T>[] = [];
    const next = new Map<string, KnownParts<T>>();
    for (const [provider, parts] of inputs) {
      const known = this.#knownOf(provider, Object.keys(parts));
      next.set(provider, known);
      for (const key of known.sorted) {
        const part = parts[key];
        if (part === undefined) continue;
        let merged = known.parts.get(key);
        if (merged === undefined || merged.part !== part || !isStillTrue(merged, provider, resolver)) {
          merged = merge(part, { key, provider });
          known.parts.set(key, merged);
        }
        all.push(merged);
      }
    }
    this.#known = next;
    if (!isSameList(this.#all, all)) this.#record = toRecord(all);
    this.#all = all;
    return this.#record;
  }

  /** What is known of a provider's parts, in order of keys: by code unit, so that it is the same everywhere. */
  #knownOf(provider: string, keys: readonly string[]): KnownParts<T> {
    const before = this.#known.get(provider);
    if (before !== undefined && isSameList(before.keys, keys)) return before;
    const parts = new Map<string, MergedPart<T>>();
    for (const key of keys) {
      const part = before?.parts.get(key);
      if (part !== undefined) parts.set(key, part);
    }
    return { keys, sorted: keys.toSorted(compareText), parts };
  }
}

function toRecord<T extends Part>(parts: readonly MergedPart<T>[]): MergedParts<T> {
  const record: Record<string, Merged<T>> = {};
  for (const { qualifiedKey, merged } of parts) record[qualifiedKey] = merged;
  return record;
}

function isSameList<T>(before: readonly T[], now: readonly T[]): boolean {
  return before.length === now.length && before.every((each, index) => each === now[index]);
}

function isStillTrue<T extends Part>(
  { isClear, resolved }: MergedPart<T>,
  provider: string,
  resolver: ReferenceResolver,
): boolean {
  return isClear && resolved.every((each) => isStillMeant(each, provider, resolver));
}

/** Most references are keys of the own provider: looked up without making the qualified key again. */
function isStillMeant({ kind, reference, key }: Resolved, provider: string, resolver: ReferenceResolver): boolean {
  const isOwnKey = key.length === reference.length + 1 + provider.length && key.startsWith(reference);
  if (isOwnKey && resolver.hasKey(kind, reference, provider)) return true;
  const resolution = resolver.resolve(kind, reference, provider);
  return resolution.ambiguous === undefined && resolution.key === key;
}
