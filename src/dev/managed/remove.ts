// Takes fields out of an object, as an apply does with what its manager no longer declares.

import { isList, isObject, type JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import { type FieldSet, hasElement, isEmptySet } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";
import { fieldSchema, formOf, itemsOf, type Shape, shapeOf } from "./shape.ts";

/** The object without the fields and items of a set; an object or list that loses all it has becomes null. */
export function removeFields(schema: Schema, object: JsonObject, gone: FieldSet): JsonObject {
  const left = removeAt(schema, object, gone);
  return isObject(left) ? left : {};
}

function removeAt(schema: Schema | undefined, value: unknown, gone: FieldSet | undefined): unknown {
  if (gone === undefined || isEmptySet(gone) || schema === undefined) return value;
  const shape = shapeOf(schema);
  const form = formOf(shape, value);
  if (form === "leaf") return value;
  return form === "object" ? removeFromObject(shape, value, gone) : removeFromList(shape, value, gone);
}

function removeFromObject(shape: Shape, value: unknown, gone: FieldSet): unknown {
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [name, item] of Object.entries(value)) {
    const element = fieldElement(name);
    if (!hasElement(gone, element)) kept[name] = removeAt(fieldSchema(shape, name), item, gone[element]);
  }
  return Object.keys(kept).length === 0 ? null : kept;
}

function removeFromList(shape: Shape, value: unknown, gone: FieldSet): unknown {
  const found = itemsOf(shape, value);
  if (!isList(value) || !found.ok) return value;
  const schema = shape.form === "list" ? shape.item : undefined;
  const kept: unknown[] = [];
  for (const [element, item] of found.items) {
    if (!hasElement(gone, element)) kept.push(removeAt(schema, item, gone[element]));
  }
  return kept.length === 0 ? null : kept;
}
