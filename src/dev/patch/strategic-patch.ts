// Strategic merge patch: a merge patch that merges some lists item by item, with Kubernetes' `$` directives.

import { isList, isObject, type JsonObject, sameJson, stableText } from "../json.ts";
import { listMerge } from "./merge-keys.ts";

/** What applying a patch gave; `missing-key` and `bad-directive` are the two mistakes a real server tells apart. */
export type StrategicResult =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly why: string };

class Mistake extends TypeError {}

/** Applies a patch to a built-in object; `target` is left as it was. */
export function strategicPatch(target: JsonObject, patch: JsonObject): StrategicResult {
  try {
    const value = mergeObject(target, patch, []);
    return { ok: true, value: value ?? {} };
  } catch (thrown) {
    if (thrown instanceof Mistake) return { ok: false, why: thrown.message };
    throw thrown;
  }
}

const SET_ORDER = "$setElementOrder/";
const DELETE_FROM = "$deleteFromPrimitiveList/";

/** @returns undefined when the patch deletes the object */
function mergeObject(target: JsonObject, patch: JsonObject, path: readonly string[]): JsonObject | undefined {
  const directive = patch["$patch"];
  if (directive === "delete") return undefined;
  if (directive === "replace") return withoutDirectives(patch);
  if (directive !== undefined && directive !== "merge") throw new Mistake(`unknown patch type found: ${directive}`);
  const merged: JsonObject = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith("$")) mergeField(merged, key, value, path);
    else if (key.startsWith(DELETE_FROM)) deleteFromSet(merged, key.slice(DELETE_FROM.length), value);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(SET_ORDER)) orderList(merged, key.slice(SET_ORDER.length), value, path);
  }
  retainKeys(merged, patch["$retainKeys"]);
  return merged;
}

function mergeField(merged: JsonObject, key: string, value: unknown, path: readonly string[]): void {
  const below = [...path, key];
  const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
  if (value === null) delete merged[key];
  else if (isObject(value)) {
    const next = mergeObject(isObject(before) ? before : {}, value, below);
    if (next === undefined) delete merged[key];
    else merged[key] = next;
  } else if (isList(value)) merged[key] = mergeList(isList(before) ? before : [], value, below);
  else merged[key] = value;
}

function mergeList(before: readonly unknown[], patch: readonly unknown[], path: readonly string[]): unknown[] {
  const merge = listMerge(path);
  if (merge === "replace") return patch.map(clean);
  if (merge === "set") return [...before, ...patch.filter((item) => !before.some((each) => sameJson(each, item)))];
  const replaces = patch.some((item) => isObject(item) && item["$patch"] === "replace");
  let items = replaces ? [] : [...before];
  for (const item of patch) {
    if (!isObject(item)) throw new Mistake(`list items of ${path.join(".")} must be objects`);
    if (item["$patch"] === "replace") continue;
    items = mergeItem(items, item, { key: merge.key, path });
  }
  return items;
}

function mergeItem(
  items: readonly unknown[],
  item: JsonObject,
  at: { key: string; path: readonly string[] },
): unknown[] {
  const wanted = item[at.key];
  if (wanted === undefined) {
    throw new Mistake(`map: ${stableText(item)} does not contain declared merge key: ${at.key}`);
  }
  const found = items.findIndex((each) => isObject(each) && each[at.key] === wanted);
  if (item["$patch"] === "delete") return items.filter((_, index) => index !== found);
  const before = items[found];
  const merged = mergeObject(isObject(before) ? before : {}, item, at.path) ?? {};
  return found === -1 ? [...items, merged] : items.with(found, merged);
}

function deleteFromSet(merged: JsonObject, key: string, gone: unknown): void {
  const items = merged[key];
  if (!isList(items) || !isList(gone)) return;
  merged[key] = items.filter((item) => !gone.some((each) => sameJson(each, item)));
}

/** Items that the order does not name stay behind those it names. */
function orderList(merged: JsonObject, key: string, order: unknown, path: readonly string[]): void {
  const items = merged[key];
  if (!isList(items) || !isList(order)) return;
  const merge = listMerge([...path, key]);
  const identity = (item: unknown) => (typeof merge === "object" && isObject(item) ? item[merge.key] : item);
  const ranks = order.map((item) => stableText(identity(item)));
  const rank = (item: unknown) => {
    const at = ranks.indexOf(stableText(identity(item)));
    return at === -1 ? ranks.length : at;
  };
  merged[key] = [...items].sort((left, right) => rank(left) - rank(right));
}

function retainKeys(merged: JsonObject, keys: unknown): void {
  if (!isList(keys)) return;
  for (const key of Object.keys(merged)) if (!keys.includes(key)) delete merged[key];
}

function clean(value: unknown): unknown {
  if (isList(value)) return value.map(clean);
  return isObject(value) ? withoutDirectives(value) : value;
}

function withoutDirectives(value: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (!key.startsWith("$") && item !== null) kept[key] = clean(item);
  }
  return kept;
}
