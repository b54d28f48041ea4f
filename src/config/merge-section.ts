// One section of the merged configuration: where its parts come from, and what merging made of them before.

import type { DynamicConfiguration } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import { compareText } from "./order.ts";
import type { QualifyPart } from "./qualify.ts";
import type { ProviderInput, ReferenceKind, ReferenceResolver } from "./reference-resolver.ts";

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
  /** Other parts may refer to it. */
  readonly isReferable: boolean;
}

/** Where a part stands. */
export interface Place {
  readonly key: string;
  readonly provider: string;
}

/** Parts of one provider, as the last merge saw them. */
interface KnownParts<T extends Part> {
  /** As the provider gave them. */
  readonly given: Readonly<Record<string, T>>;
  readonly values: readonly T[];
  /** In the provider's order. */
  readonly keys: readonly string[];
  /** Places in that order, by key: by code unit, so that it is the same everywhere. */
  readonly order: readonly number[];
  /** In the order of keys. */
  readonly parts: MergedPart<T>[];
}

/** Parts of one provider, as they are given now. */
interface GivenParts<T extends Part> {
  readonly provider: string;
  readonly known: KnownParts<T>;
  /** The keys are those of the last merge: each known part stands where it stood. */
  readonly isAligned: boolean;
  /** The very same parts as in the last merge. */
  readonly isSame: boolean;
}

/** What the last merge made of a section. Parts that are the same objects again need not be made again. */
export class SectionMemory<T extends Part> {
  readonly section: MergeSection<T>;
  #known: ReadonlyMap<string, KnownParts<T>> = new Map();
  #given: readonly GivenParts<T>[] = [];
  #all: readonly MergedPart<T>[] = [];
  /** No reference of {@link #all} fits several parts. */
  #isClear = true;
  #record: MergedParts<T> = {};

  constructor(section: MergeSection<T>) {
    this.section = section;
  }

  /**
   * Looks at what is given.
   * @param providers in their order
   * @returns whether all names that one may refer to are those of the last merge
   */
  look(providers: readonly (readonly [name: string, state: ProviderInput])[]): boolean {
    this.#given = providers.map(([provider, { configuration }]) => {
      const given = this.section.partsOf(configuration);
      const before = this.#known.get(provider);
      if (before?.given === given) return { provider, known: before, isAligned: true, isSame: true };
      const [keys, values] = [Object.keys(given), Object.values(given)];
      const isAligned = before !== undefined && isSameList(before.keys, keys);
      const { order, parts } = isAligned ? before : reorder(keys, before);
      return { provider, known: { given, values, keys, order, parts }, isAligned, isSame: false };
    });
    if (!this.section.isReferable) return true;
    return this.#known.size === providers.length && this.#given.every(hasSameNames);
  }

  /**
   * Merges what was looked at.
   * @param isStillTrue whether the references of a part that is the same as before mean the same; absent: all do
   * @param merge makes a part that is new, or whose references mean something else now
   * @returns the record of the last merge where nothing has changed
   */
  collect(
    isStillTrue: ((part: MergedPart<T>, provider: string) => boolean) | undefined,
    merge: (part: T, place: Place) => MergedPart<T>,
  ): MergedParts<T> {
    if (isStillTrue === undefined && this.#isSame()) return this.#record;
    const all: MergedPart<T>[] = [];
    for (const { provider, known: { keys, values, order, parts } } of this.#given) {
      for (const [at, index] of order.entries()) {
        const part = values[index];
        if (part === undefined) continue;
        const before = parts[at];
        const isKept = before?.part === part && before.isClear && (isStillTrue?.(before, provider) ?? true);
        const merged = isKept ? before : merge(part, { key: keys[index] ?? "", provider });
        parts[at] = merged;
        all.push(merged);
      }
    }
    this.#known = new Map(this.#given.map(({ provider, known }) => [provider, known]));
    this.#given = [];
    if (!isSameList(this.#all, all)) this.#record = toRecord(all);
    this.#all = all;
    this.#isClear = all.every(({ isClear }) => isClear);
    return this.#record;
  }

  /** Whether all providers give the very same parts, in the same order, and nothing is to be reported again. */
  #isSame(): boolean {
    const names = [...this.#known.keys()];
    return this.#isClear && this.#given.length === names.length &&
      this.#given.every(({ provider, isSame }, index) => isSame && provider === names[index]);
  }
}

function hasSameNames<T extends Part>({ isAligned, isSame, known: { values, order, parts } }: GivenParts<T>): boolean {
  return isSame || isAligned && order.every((index, at) => {
        const [before, now] = [parts[at]?.part, values[index]];
        return before === now || before?.displayName === now?.displayName;
      });
}

/** Other keys than before: what is known of those that stay goes to its new place. */
function reorder<T extends Part>(
  keys: readonly string[],
  before: KnownParts<T> | undefined,
): Pick<KnownParts<T>, "order" | "parts"> {
  const order = [...keys.keys()].sort((a, b) => compareText(keys[a] ?? "", keys[b] ?? ""));
  const byKey = new Map(before?.order.map((index, at) => [before.keys[index], before.parts[at]]));
  const parts: MergedPart<T>[] = new Array(order.length);
  for (const [at, index] of order.entries()) {
    const known = byKey.get(keys[index]);
    if (known !== undefined) parts[at] = known;
  }
  return { order, parts };
}

function toRecord<T extends Part>(parts: readonly MergedPart<T>[]): MergedParts<T> {
  const record: Record<string, Merged<T>> = {};
  for (const { qualifiedKey, merged } of parts) record[qualifiedKey] = merged;
  return record;
}

function isSameList<T>(before: readonly T[], now: readonly T[]): boolean {
  return before.length === now.length && before.every((each, index) => each === now[index]);
}

/** Whether the references of a part, the same object as before, still mean the same. */
export function meansTheSame({ resolved }: MergedPart<Part>, provider: string, resolver: ReferenceResolver): boolean {
  return resolved.every((each) => isStillMeant(each, provider, resolver));
}

/** Most references are keys of the own provider: looked up without making the qualified key again. */
function isStillMeant({ kind, reference, key }: Resolved, provider: string, resolver: ReferenceResolver): boolean {
  const isOwnKey = key.length === reference.length + 1 + provider.length && key.startsWith(reference);
  if (isOwnKey && resolver.hasKey(kind, reference, provider)) return true;
  const resolution = resolver.resolve(kind, reference, provider);
  return resolution.ambiguous === undefined && resolution.key === key;
}
