// Lays an applied configuration over an object: what it says wins, what it leaves out stays.

import { isList, isObject, type JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import { fieldSchema, formOf, itemsOf, type Shape, shapeOf } from "./shape.ts";

/** The merged object; neither argument is changed. */
export function mergeDeclared(schema: Schema, live: JsonObject, declared: JsonObject): JsonObject {
  const merged = mergeAt(schema, live, declared);
  return isObject(merged) ? merged : {};
}

const leafSchema: Schema = {};

function mergeAt(schema: Schema | undefined, live: unknown, declared: unknown): unknown {
  if (declared === undefined) return live;
  if (live === undefined) return declared;
  const shape = shapeOf(schema ?? leafSchema);
  const form = formOf(shape, live, declared);
  if (form === "object") return mergeObjects(shape, live, declared);
  if (form === "leaf") return declared;
  return mergeLists(shape, live, declared);
}

function mergeObjects(shape: Shape, live: unknown, declared: unknown): unknown {
  if (!isObject(live)) return declared;
  if (!isObject(declared)) return Object.keys(live).length === 0 ? declared : live;
  const merged: JsonObject = { ...live };
  for (const [name, value] of Object.entries(declared)) {
    merged[name] = mergeAt(fieldSchema(shape, name), live[name], value);
  }
  return merged;
}

/** Declared items come in their order; items that only the object has keep their place among those they stood before. */
function mergeLists(shape: Shape, live: unknown, declared: unknown): unknown {
  const [mine, theirs] = [itemsOf(shape, live), itemsOf(shape, declared)];
  if (!mine.ok || !theirs.ok) return declared;
  if (!isList(declared) || declared.length === 0) return mine.items.size === 0 ? declared : live;
  const schema = shape.form === "list" ? shape.item : leafSchema;
  const order = mergeOrder([...mine.items.keys()], [...theirs.items.keys()]);
  return order.map((element) => mergeAt(schema, mine.items.get(element), theirs.items.get(element)));
}

function mergeOrder(live: readonly string[], declared: readonly string[]): string[] {
  const [inLive, inDeclared] = [new Set(live), new Set(declared)];
  const shared = declared.filter((element) => inLive.has(element));
  const order: string[] = [];
  let [mine, theirs, awaited] = [0, 0, 0];
  while (mine < live.length || theirs < declared.length) {
    const [left, right] = [live[mine], declared[theirs]];
    if (left !== undefined && right !== undefined && inDeclared.has(left) && left !== shared[awaited]) {
      mine++; // comes later, where the declared order has it
    } else if (left !== undefined && !inDeclared.has(left)) {
      order.push(left);
      mine++;
    } else if (right !== undefined) {
      order.push(right);
      theirs++;
      if (left === right) mine++;
      if (right === shared[awaited]) awaited++;
    } else mine++;
  }
  return order;
}
