// Whether two JSON values are equal; equal parts that are the same in memory cost nothing.

import { isRecord } from "./object.ts";

type Fields = Readonly<Record<string, unknown>>;

const MAX_LEVELS = 100; // nothing weir reads nests deeper; beyond, values count as different

/** Compares by content. Fields that are undefined count as absent; the order of fields does not matter. */
export function sameValue(a: unknown, b: unknown, levels = MAX_LEVELS): boolean {
  if (Object.is(a, b)) return true;
  if (levels === 0) return false;
  if (Array.isArray(a)) return Array.isArray(b) && sameList(a, b, levels);
  return isRecord(a) && isRecord(b) && sameFields(a, b, levels);
}

function sameList(a: readonly unknown[], b: readonly unknown[], levels: number): boolean {
  return a.length === b.length && a.every((item, index) => sameValue(item, b[index], levels - 1));
}

function sameFields(a: Fields, b: Fields, levels: number): boolean {
  for (const key of Object.keys(a)) if (!sameValue(a[key], b[key], levels - 1)) return false;
  for (const key of Object.keys(b)) if (b[key] !== undefined && !Object.hasOwn(a, key)) return false;
  return true;
}
