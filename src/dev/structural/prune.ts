// Fields that a structural schema does not have: an API server drops them, and says which.

import { isList, isObject, type JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";

/** An object without the fields that its schema does not have. */
export interface Pruned {
  readonly object: JsonObject;
  /** `spec.stripPrefix.forceSlsh`, in the order of the alphabet. */
  readonly unknown: readonly string[];
}

/** What a whole object has besides its schema. */
const ROOT_FIELDS = new Set(["apiVersion", "kind", "metadata"]);

/** Takes the unknown fields out of a whole object: `apiVersion`, `kind` and `metadata` are always known. */
export function pruneObject(schema: Schema, object: JsonObject): Pruned {
  const unknown: string[] = [];
  const pruned = pruneFields(schema, object, { field: "", root: true }, unknown);
  return { object: pruned, unknown: unknown.sort() };
}

interface Place {
  readonly field: string;
  /** The whole of an object, or an object in an object. */
  readonly root: boolean;
}

/** Takes the unknown fields out of a part of an object. @param unknown gets their paths */
export function pruneValue(schema: Schema, value: unknown, field: string, unknown: string[]): unknown {
  if (isObject(value)) {
    return pruneFields(schema, value, { field, root: schema["x-kubernetes-embedded-resource"] === true }, unknown);
  }
  if (!isList(value)) return value;
  const { items } = schema;
  // A list where the schema has no items has fields that it does not know, unless it keeps everything.
  const inner = items ?? (schema["x-kubernetes-preserve-unknown-fields"] === true ? undefined : {});
  return inner === undefined ? value : value.map((item, at) => pruneValue(inner, item, `${field}[${at}]`, unknown));
}

function pruneFields(schema: Schema, object: JsonObject, { field, root }: Place, unknown: string[]): JsonObject {
  const { properties = {}, additionalProperties } = schema;
  const keepsAll = schema["x-kubernetes-preserve-unknown-fields"] === true || additionalProperties === true;
  const kept: [string, unknown][] = []; // assigning a field called __proto__ would lose it
  for (const [key, value] of Object.entries(object)) {
    const path = field === "" ? key : `${field}.${key}`;
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (root && ROOT_FIELDS.has(key)) kept.push([key, value]);
    else if (typeof known === "object") kept.push([key, pruneValue(known, value, path, unknown)]);
    else if (keepsAll) kept.push([key, value]);
    else unknown.push(path);
  }
  return Object.fromEntries(kept);
}
