// How strategic merge patch merges and orders lists.

import { isObject, type JsonObject, stableText } from "../json.ts";
import { goText } from "./go-text.ts";
import { Mistake } from "./mistake.ts";

/** How a list is merged. */
export interface ListPatch {
  /** The field that tells items apart; undefined: plain values. */
  readonly key: string | undefined;
  /** Merges an item of the patch into the one it is for. */
  readonly merge: (before: JsonObject, item: JsonObject) => JsonObject;
  /** What `$setElementOrder` says, if anything. */
  readonly order: readonly unknown[] | undefined;
}

/**
 * The merged list. What the patch names stands in the patch's order, before what it does not name, unless that stood
 * before it already.
 */
export function mergeLists(before: readonly unknown[], patch: readonly unknown[], list: ListPatch): unknown[] {
  const { key, order } = list;
  if (order !== undefined) checkOrder(patch, order, key);
  if (key === undefined) return mergeValues(before, patch);
  const objects = patch.map((item) => objectOf(item, patch));
  if (objects.some((item) => item["$patch"] === "replace")) {
    return objects.filter((item) => item["$patch"] === undefined).map((item) => list.merge({}, item));
  }
  let items = [...before];
  for (const item of objects) items = mergeItem(items, item, { ...list, key });
  return orderLike(items, objects, before, key);
}

function mergeValues(before: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const all = new Map([...before, ...patch].map((value) => [stableText(value), value]));
  return orderLike([...all.values()], patch, before, undefined);
}

function objectOf(item: unknown, patch: readonly unknown[]): JsonObject {
  if (isObject(item)) return item;
  throw new Mistake(`list element types are not identical: ${goText(patch)}`);
}

function mergeItem(items: readonly unknown[], item: JsonObject, list: ListPatch & { readonly key: string }): unknown[] {
  const wanted = item[list.key];
  const directive = item["$patch"];
  if (directive !== undefined && directive !== "delete") {
    if (directive === "merge") throw new Mistake("merging lists cannot yet be specified in the patch");
    throw new Mistake(`unknown patch type: ${goText(directive)} in map: ${goText(item)}`);
  }
  if (wanted === undefined) {
    throw new Mistake(`map: ${goText(item)} does not contain declared merge key: ${list.key}`);
  }
  const isWanted = (each: unknown) => isObject(each) && each[list.key] === wanted;
  if (directive === "delete") return items.filter((each) => !isWanted(each));
  const found = items.findIndex(isWanted);
  const before = items[found];
  const merged = list.merge(isObject(before) ? before : {}, item);
  return found === -1 ? [...items, merged] : items.with(found, merged);
}

/** What tells an item from the others, as a text. */
function identity(item: unknown, key: string | undefined): string {
  return stableText(key !== undefined && isObject(item) ? item[key] : item);
}

/** What a patch adds or changes must be named by the order, in that order. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], key: string | undefined): void {
  const ranks = order.map((item) => identity(item, key));
  const wanted = patch.filter((item) => !(isObject(item) && item["$patch"] !== undefined));
  let last = -1;
  for (const item of wanted) {
    const rank = ranks.indexOf(identity(item, key), last + 1);
    if (rank === -1) {
      const text = `The order in patch list:\n${goText(wanted)}\n doesn't match $setElementOrder list:\n${
        goText(order)
      }\n`;
      throw new Mistake(text);
    }
    last = rank;
  }
}

/**
 * Puts items in the wanted order. Those it does not name keep their order, and come before the first named item that
 * stood behind them.
 * @param before the list as it was
 */
export function orderLike(
  items: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  key: string | undefined,
): unknown[] {
  const ranks = new Map(order.map((item, at) => [identity(item, key), at]));
  const places = new Map(before.map((item, at) => [identity(item, key), at]));
  const rankOf = (item: unknown) => ranks.get(identity(item, key)) ?? 0;
  const placeOf = (item: unknown) => places.get(identity(item, key)) ?? Infinity;
  const named = items.filter((item) => ranks.has(identity(item, key))).sort((l, r) => rankOf(l) - rankOf(r));
  const others = items.filter((item) => !ranks.has(identity(item, key))).sort((l, r) => placeOf(l) - placeOf(r));
  const ordered: unknown[] = [];
  for (const item of named) {
    while (others.length > 0 && placeOf(others[0]) < placeOf(item) && placeOf(item) < Infinity) {
      ordered.push(others.shift());
    }
    ordered.push(item);
  }
  return [...ordered, ...others];
}
