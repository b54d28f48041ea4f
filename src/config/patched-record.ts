// Large records of which mostly one value changes: their keys are listed once, and what changed is known to the next.

/** Values under keys; never changed once it was looked at here. */
type Values<T> = Readonly<Record<string, T>>;

/** What a record was made from. */
interface Patch {
  /** Not held: each record would hold all those before it. */
  readonly from: WeakRef<object>;
  readonly keys: readonly string[];
}

const keyLists = new WeakMap<object, readonly string[]>();
const patches = new WeakMap<object, Patch>();

/** The keys of a record, in its order: the same list for the same record, and for those patched from it. */
export function keysOf(record: Values<unknown>): readonly string[] {
  let keys = keyLists.get(record);
  if (keys === undefined) keyLists.set(record, keys = Object.keys(record));
  return keys;
}

/** A copy with other values under some of its keys, which all stay where they are. */
export function patchRecord<T>(record: Values<T>, changed: ReadonlyMap<string, T>): Record<string, T> {
  const patched: Record<string, T> = {};
  const keys = keysOf(record);
  for (const key of keys) {
    const value = record[key];
    if (value !== undefined) patched[key] = value;
  }
  for (const [key, value] of changed) patched[key] = value;
  keyLists.set(patched, keys);
  patches.set(patched, { from: new WeakRef(record), keys: [...changed.keys()] });
  return patched;
}

/** The keys under which a record differs from the one that it was patched from; undefined when that was another one. */
export function patchedKeys(record: Values<unknown>, from: Values<unknown>): readonly string[] | undefined {
  const patch = patches.get(record);
  return patch?.from.deref() === from ? patch.keys : undefined;
}
