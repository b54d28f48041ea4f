// Nulls in built-in objects: Go reads them as absent.

import { isList, isObject, type JsonObject } from "../json.ts";

/** A copy without keys that hold null, at any depth. */
export function withoutNulls(object: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(object)) if (value !== null) kept[key] = clean(value);
  return kept;
}

function clean(value: unknown): unknown {
  if (isList(value)) return value.map(clean);
  return isObject(value) ? withoutNulls(value) : value;
}
