// Lists that a schema calls a set or a map: no item may stand in them twice.

import { isList, isObject, type JsonObject, stableText } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import type { Cause } from "../kube/status.ts";
import { duplicate } from "./cause.ts";

/** Items that stand in a set twice, and keys that stand in a map list twice. */
export function listCauses(schema: Schema, value: unknown): Cause[] {
  const causes: Cause[] = [];
  walk(schema, value, "", causes);
  return causes;
}

function walk(schema: Schema, value: unknown, field: string, causes: Cause[]): void {
  if (isList(value)) {
    if (schema["x-kubernetes-list-type"] === "set") tellTwins(value, field, causes);
    if (schema["x-kubernetes-list-type"] === "map") {
      tellTwins(value.map((item) => keysOf(item, schema)), field, causes);
    }
    const { items } = schema;
    if (items !== undefined) value.forEach((item, at) => walk(items, item, `${field}[${at}]`, causes));
  }
  if (!isObject(value)) return;
  const { properties = {}, additionalProperties } = schema;
  for (const [key, child] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (typeof known === "object") walk(known, child, field === "" ? key : `${field}.${key}`, causes);
  }
}

function tellTwins(items: readonly unknown[], field: string, causes: Cause[]): void {
  const seen = new Set<string>();
  items.forEach((item, at) => {
    if (item === undefined) return;
    const text = stableText(item);
    if (seen.has(text)) causes.push(duplicate(`${field}[${at}]`, item));
    seen.add(text);
  });
}

/** The fields that tell an item of a map list apart; undefined for what is not an object. */
function keysOf(item: unknown, schema: Schema): JsonObject | undefined {
  if (!isObject(item)) return undefined;
  const keys: JsonObject = {};
  for (const key of schema["x-kubernetes-list-map-keys"] ?? []) {
    const value = item[key] ?? schema.items?.properties?.[key]?.default;
    if (value !== undefined) keys[key] = value;
  }
  return keys;
}
