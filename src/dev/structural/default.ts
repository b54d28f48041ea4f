// Defaults and nulls of a structural schema: what an API server fills in, and which nulls it takes for absent.

import { copyJson, isList, isObject, type JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";

/** A copy with every default of the schema filled in. Nulls where the schema has none are absent. */
export function withSchemaDefaults(schema: Schema, value: unknown): unknown {
  if (isList(value)) return defaultedList(schema, value);
  return isObject(value) ? defaultedObject(schema, value) : value;
}

function defaultedList(schema: Schema, list: readonly unknown[]): unknown[] {
  const { items } = schema;
  if (items === undefined) return [...list];
  return list.map((item) => {
    const given = item === null && items.nullable !== true && items.default !== undefined ? items.default : item;
    return withSchemaDefaults(items, given);
  });
}

function defaultedObject(schema: Schema, object: JsonObject): JsonObject {
  const { properties = {}, additionalProperties } = schema;
  const result: [string, unknown][] = [];
  for (const [key, value] of Object.entries(object)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (typeof known !== "object") result.push([key, value]);
    else if (value !== null || known.nullable === true) result.push([key, withSchemaDefaults(known, value)]);
    else if (known.default !== undefined) result.push([key, withSchemaDefaults(known, copyJson(known.default))]);
  }
  for (const [key, known] of Object.entries(properties)) {
    if (known.default === undefined || Object.hasOwn(object, key)) continue;
    result.push([key, withSchemaDefaults(known, copyJson(known.default))]);
  }
  return Object.fromEntries(result);
}
