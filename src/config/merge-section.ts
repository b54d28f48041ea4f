// One section of the merged configuration: where its parts come from, and what merging made of them before.

import type { DynamicConfiguration } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import { compareText } from "./order.ts";
import { keysOf, patchedKeys, patchRecord } from "./patched-record.ts";
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
  /** In the provider's order. */
  readonly keys: readonly string[];
  /** Places in that order, by key: by code unit, so that it is the same everywhere. */
  readonly order: readonly number[];
  /** In the order of keys. */
  readonly parts: MergedPart<T>[];
  /** Key → where it stands there. Made when first asked for. */
  places: ReadonlyMap<string, number> | undefined;
}

/** Parts of one provider, as they are given now. */
interface GivenParts<T extends Part> {
  readonly provider: string;
  readonly known: KnownParts<T>;
  /** The keys are those of the last merge: each known part stands where it stood. */
  readonly isAligned: boolean;
  /** Keys of all parts that may be other ones than in the last merge; undefined: unknown. */
  readonly changed: readonly string[] | undefined;
}

/** What the last merge made of a section. Parts that are the same objects again need not be made again. */
export class SectionMemory<T extends Part> {
  readonly section: MergeSection<T>;
  #known: ReadonlyMap<string, KnownParts<T>> = new Map();
  #given: readonly GivenParts<T>[] = [];
  /** Undefined while parts are patched into the record. */
  #all: readonly MergedPart<T>[] | undefined = undefined;
  /** No reference of any part fits several parts. */
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
      return give(provider, given, this.#known.get(provider));
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
    const isPatched = isStillTrue === undefined && this.#isClear && this.#isFollowed();
    const record = isPatched ? this.#patch(merge) : this.#mergeAll(isStillTrue, merge);
    this.#known = new Map(this.#given.map(({ provider, known }) => [provider, known]));
    this.#given = [];
    return this.#record = record;
  }

  /** Whether what changed since the last merge is known of all providers, which are the same in the same order. */
  #isFollowed(): boolean {
    const names = [...this.#known.keys()];
    return this.#given.length === names.length &&
      this.#given.every(({ provider, changed }, index) => changed !== undefined && provider === names[index]);
  }

  #patch(merge: (part: T, place: Place) => MergedPart<T>): MergedParts<T> {
    const patched = new Map<string, Merged<T>>();
    for (const { provider, known, changed = [] } of this.#given) {
      for (const key of changed) {
        const [part, at] = [known.given[key], placeOf(known, key)];
        if (part === undefined || at === undefined || known.parts[at]?.part === part) continue;
        const made = merge(part, { key, provider });
        known.parts[at] = made;
        patched.set(made.qualifiedKey, made.merged);
        if (!made.isClear) this.#isClear = false;
      }
    }
    if (patched.size === 0) return this.#record;
    this.#all = undefined;
    return patchRecord(this.#record, patched);
  }

  #mergeAll(
    isStillTrue: ((part: MergedPart<T>, provider: string) => boolean) | undefined,
    merge: (part: T, place: Place) => MergedPart<T>,
  ): MergedParts<T> {
    const all: MergedPart<T>[] = [];
    for (const { provider, known: { given, keys, order, parts } } of this.#given) {
      for (const [at, index] of order.entries()) {
        const key = keys[index] ?? "";
        const part = given[key];
        if (part === undefined) continue;
        const before = parts[at];
        const isKept = before?.part === part && before.isClear && (isStillTrue?.(before, provider) ?? true);
        const merged = isKept ? before : merge(part, { key, provider });
        parts[at] = merged;
        all.push(merged);
      }
    }
    const isSame = this.#all !== undefined && isSameList(this.#all, all);
    this.#all = all;
    this.#isClear = all.every(({ isClear }) => isClear);
    return isSame ? this.#record : toRecord(all);
  }
}

const NONE: readonly string[] = [];

function give<T extends Part>(
  provider: string,
  given: Readonly<Record<string, T>>,
  before: KnownParts<T> | undefined,
): GivenParts<T> {
  if (before?.given === given) return { provider, known: before, isAligned: true, changed: NONE };
  const keys = keysOf(given);
  const isAligned = before !== undefined && (before.keys === keys || isSameList(before.keys, keys));
  if (!isAligned) return { provider, known: { given, keys, ...reorder(keys, before) }, isAligned, changed: undefined };
  return { provider, known: { ...before, given, keys }, isAligned, changed: patchedKeys(given, before.given) };
}

function placeOf<T extends Part>(known: KnownParts<T>, key: string): number | undefined {
  known.places ??= new Map(known.order.map((index, at) => [known.keys[index] ?? "", at]));
  return known.places.get(key);
}

function hasSameNames<T extends Part>({ isAligned, changed, known }: GivenParts<T>): boolean {
  const { given, keys, order, parts } = known;
  const isSameName = (key: string, at: number | undefined): boolean => {
    const [before, now] = [at === undefined ? undefined : parts[at]?.part, given[key]];
    return before === now || before?.displayName === now?.displayName;
  };
  if (changed !== undefined) return changed.every((key) => isSameName(key, placeOf(known, key)));
  return isAligned && order.every((index, at) => isSameName(keys[index] ?? "", at));
}

/** Other keys than before: what is known of those that stay goes to its new place. */
function reorder<T extends Part>(
  keys: readonly string[],
  before: KnownParts<T> | undefined,
): Pick<KnownParts<T>, "order" | "parts" | "places"> {
  const order = [...keys.keys()].sort((a, b) => compareText(keys[a] ?? "", keys[b] ?? ""));
  const byKey = new Map(before?.order.map((index, at) => [before.keys[index], before.parts[at]]));
  const parts: MergedPart<T>[] = new Array(order.length);
  for (const [at, index] of order.entries()) {
    const known = byKey.get(keys[index]);
    if (known !== undefined) parts[at] = known;
  }
  return { order, parts, places: undefined };
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
