// What a manager no longer declares goes away, unless others own it.

import type { JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import { declaredFields } from "./declared.ts";
import type { Owner } from "./entries.ts";
import { difference, type FieldSet, intersection, isEmptySet, mapMembers, union } from "./field-set.ts";
import { fieldSchema, isNamedField, shapeOf } from "./shape.ts";
import { removeFields } from "./remove.ts";

/**
 * The object without what was declared before and is nobody's now.
 * @param before what the manager declared the last time
 * @param owners of the merged object, the manager's new declaration among them
 */
export function pruneDropped(
  schema: Schema,
  merged: JsonObject,
  before: FieldSet,
  owners: readonly Owner[],
): JsonObject {
  if (isEmptySet(before)) return merged;
  const last = withParents(schema, before);
  const owned = withParents(schema, owners.reduce((all: FieldSet, owner) => union(all, owner.fields), {}));
  const all = fieldsOf(schema, merged);
  const pruned = fieldsOf(schema, removeFields(schema, merged, last));
  // An item goes with all that is in it, except where somebody owns a part of it.
  const kept = fieldsOf(schema, removeFields(schema, merged, difference(all, union(pruned, owned))));
  return removeFields(schema, merged, intersection(difference(all, kept), last));
}

function fieldsOf(schema: Schema, object: JsonObject): FieldSet {
  return withParents(schema, declaredFields(schema, object).fields);
}

/** The set with every named field that leads to a member: a field is gone with the last that is in it. */
function withParents(schema: Schema, set: FieldSet): FieldSet {
  return mapMembers(set, (element, member, path) => {
    if (member || !element.startsWith("f:")) return member;
    const parent = schemaAt(schema, path);
    return parent !== undefined && isNamedField(shapeOf(parent), element.slice(2));
  });
}

function schemaAt(schema: Schema, path: readonly string[]): Schema | undefined {
  let at: Schema | undefined = schema;
  for (const element of path) {
    if (at === undefined) return undefined;
    const shape = shapeOf(at);
    if (element.startsWith("f:")) at = fieldSchema(shape, element.slice(2));
    else at = shape.form === "list" ? shape.item : undefined;
  }
  return at;
}
