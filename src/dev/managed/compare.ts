// Which fields of an object a write added, changed and removed.

import { isList, isObject, type JsonObject, sameJson } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import { type FieldSet, insertPath } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";
import { fieldSchema, formOf, itemsOf, type Shape, shapeOf } from "./shape.ts";

/** The three sets do not overlap. */
export interface Differences {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Walk extends Differences {
  readonly path: string[];
  /** A list that can't be taken apart was met. */
  broken: boolean;
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
}

/** @returns undefined when a keyed list holds the same key twice: then nobody can own its items */
export function compareFields(schema: Schema, before: JsonObject, after: JsonObject): Differences | undefined {
  const walk: Walk = { added: {}, modified: {}, removed: {}, path: [], broken: false };
  compareAt(walk, schema, { before, after });
  return walk.broken ? undefined : { added: walk.added, modified: walk.modified, removed: walk.removed };
}

function compareAt(walk: Walk, schema: Schema, pair: Pair): void {
  const { before, after } = pair;
  if (before === after) return;
  const shape = shapeOf(schema);
  const form = formOf(shape, before, after);
  // Two empty values are one leaf, which keeps null and empty apart.
  if (form === "leaf" || (isVoid(before) && isVoid(after))) {
    compareLeaf(walk, pair);
    return;
  }
  if (form === "object") compareObjects(walk, shape, pair);
  else compareLists(walk, shape, pair);
  if (walk.path.length === 0) return;
  if (before === undefined) insertPath(walk.added, walk.path);
  else if (after === undefined) insertPath(walk.removed, walk.path);
}

function isVoid(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (isList(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function compareLeaf(walk: Walk, { before, after }: Pair): void {
  if (before === undefined) insertPath(walk.added, walk.path);
  else if (after === undefined) insertPath(walk.removed, walk.path);
  else if (!sameJson(before, after)) insertPath(walk.modified, walk.path);
}

const nothing: JsonObject = {};

function compareObjects(walk: Walk, shape: Shape, pair: Pair): void {
  const before = isObject(pair.before) ? pair.before : nothing;
  const after = isObject(pair.after) ? pair.after : nothing;
  for (const name of Object.keys(before)) {
    descend(walk, fieldElement(name), fieldSchema(shape, name), { before: before[name], after: after[name] });
  }
  for (const name of Object.keys(after)) {
    if (before[name] !== undefined) continue;
    descend(walk, fieldElement(name), fieldSchema(shape, name), { before: undefined, after: after[name] });
  }
}

const leafSchema: Schema = {};

function descend(walk: Walk, element: string, schema: Schema | undefined, pair: Pair): void {
  walk.path.push(element);
  compareAt(walk, schema ?? leafSchema, pair);
  walk.path.pop();
}

function compareLists(walk: Walk, shape: Shape, pair: Pair): void {
  const [before, after] = [itemsOf(shape, pair.before), itemsOf(shape, pair.after)];
  if (!before.ok || !after.ok) {
    walk.broken = true;
    return;
  }
  const schema = shape.form === "list" ? shape.item : leafSchema;
  for (const [element, item] of before.items) {
    descend(walk, element, schema, { before: item, after: after.items.get(element) });
  }
  for (const [element, item] of after.items) {
    if (!before.items.has(element)) descend(walk, element, schema, { before: undefined, after: item });
  }
}
