// Strategic merge patch: a merge patch that merges some lists item by item, with Kubernetes' `$` directives.

import { isList, isObject, type JsonObject, sameJson } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import { goText } from "./go-text.ts";
import { type ListPatch, mergeLists, orderLike } from "./strategic-list.ts";
import { Mistake } from "./mistake.ts";

/** What applying a patch gave, or why it can't be applied, in the words of a real server. */
export type StrategicResult =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly why: string };

/** Applies a patch to an object of a built-in kind; `target` is left as it was. */
export function strategicPatch(schema: Schema, target: JsonObject, patch: JsonObject): StrategicResult {
  try {
    return { ok: true, value: mergeObject(schema, target, patch) };
  } catch (thrown) {
    if (thrown instanceof Mistake) return { ok: false, why: thrown.message };
    throw thrown;
  }
}

const SET_ORDER = "$setElementOrder";
const DELETE_FROM = "$deleteFromPrimitiveList";
const RETAIN = "$retainKeys";

function mergeObject(schema: Schema, target: JsonObject, patch: JsonObject): JsonObject {
  const directive = patch["$patch"];
  if (directive === "delete") return {};
  if (directive === "replace") return withoutDirectives(patch);
  if (directive !== undefined) throw new Mistake(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  const merged = retained(target, patch);
  const orders = elementOrders(patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM)) deleteFromSet(merged, fieldOf(key, DELETE_FROM), value);
    else if (!key.startsWith("$")) mergeField(merged, key, { schema: fieldSchema(schema, key), value, orders });
  }
  for (const [key, order] of orders) {
    const items = merged[key];
    const list = listPatch(fieldSchema(schema, key));
    if (list !== undefined && isList(items)) merged[key] = orderLike(items, order, listAt(target, key), list.key);
  }
  return merged;
}

/** The schema of a field, or of a key of a map; an empty one where nothing is known. */
function fieldSchema({ properties, additionalProperties }: Schema, key: string): Schema {
  const own = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (own !== undefined) return own;
  return typeof additionalProperties === "object" ? additionalProperties : {};
}

/** The name behind `$setElementOrder/` or `$deleteFromPrimitiveList/`. */
function fieldOf(key: string, directive: string): string {
  if (key[directive.length] === "/") return key.slice(directive.length + 1);
  const what = directive === SET_ORDER ? "setElementOrder list" : "primitive list";
  throw new Mistake(`invalid patch format of ${what}`);
}

/** The wanted orders by their lists. */
function elementOrders(patch: JsonObject): Map<string, readonly unknown[]> {
  const orders = new Map<string, readonly unknown[]>();
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith(SET_ORDER)) continue;
    if (!isList(value)) throw new Mistake(`expected a []interface {}, but received a ${goType(value)}`);
    orders.set(fieldOf(key, SET_ORDER), value);
  }
  return orders;
}

function goType(value: unknown): string {
  if (isObject(value)) return "map[string]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : value === null ? "<nil>" : typeof value;
}

/** A copy of the object without the fields that `$retainKeys` does not name. */
function retained(target: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN];
  if (keys === undefined) return { ...target };
  if (!isList(keys)) throw new Mistake("invalid patch format of retainKeys");
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith("$") || keys.includes(key)) continue;
    throw new Mistake("patch content doesn't match retainKeys list");
  }
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

interface FieldPatch {
  readonly schema: Schema;
  readonly value: unknown;
  readonly orders: ReadonlyMap<string, readonly unknown[]>;
}

function mergeField(merged: JsonObject, key: string, { schema, value, orders }: FieldPatch): void {
  if (value === null) {
    delete merged[key];
    return;
  }
  const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
  if (isObject(value)) {
    const replaces = strategies(schema).includes("replace");
    merged[key] = mergeObject(schema, isObject(before) && !replaces ? before : {}, value);
    return;
  }
  const list = listPatch(schema);
  if (!isList(value) || list === undefined) merged[key] = clean(value);
  else merged[key] = mergeLists(isList(before) ? before : [], value, { ...list, order: orders.get(key) });
}

function strategies(schema: Schema): readonly string[] {
  return (schema["x-kubernetes-patch-strategy"] ?? "").split(",");
}

/** How a list is merged; undefined when a patch replaces it. */
function listPatch(schema: Schema): ListPatch | undefined {
  if (!strategies(schema).includes("merge")) return undefined;
  const items = schema.items ?? {};
  return {
    key: schema["x-kubernetes-patch-merge-key"],
    merge: (before, item) => mergeObject(items, before, item),
    order: undefined,
  };
}

function listAt(object: JsonObject, key: string): readonly unknown[] {
  const value = object[key];
  return isList(value) ? value : [];
}

function deleteFromSet(merged: JsonObject, key: string, gone: unknown): void {
  const items = merged[key];
  if (!isList(items) || !isList(gone)) return;
  merged[key] = items.filter((item) => !gone.some((each) => sameJson(each, item)));
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
