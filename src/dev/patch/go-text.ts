// JSON values as Go prints them in messages.

import { isList, isObject, type JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";

/** `map[name:a ports:[80 81]]`, as `%v` prints. */
export function goText(value: unknown): string {
  if (isList(value)) return `[${value.map(goText).join(" ")}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).sort();
    return `map[${keys.map((key) => `${key}:${goText(value[key])}`).join(" ")}]`;
  }
  return value === null || value === undefined ? "<nil>" : String(value);
}

/** Tells whether a patch has reached into the object or list at a path. */
export type IsTouched = (path: readonly string[]) => boolean;

/**
 * The JSON of a patched object as a real server prints it: in the order of its Go types, but by name in what the patch
 * has touched.
 */
export function goJson(schema: Schema, object: JsonObject, isTouched: IsTouched): string {
  return JSON.stringify(inGoOrder(schema, object, { isTouched, path: [] }));
}

interface Place {
  readonly isTouched: IsTouched;
  readonly path: readonly string[];
}

function inGoOrder(schema: Schema, value: unknown, place: Place): unknown {
  const below = (step: string): Place => ({ ...place, path: [...place.path, step] });
  if (isList(value)) return value.map((item, at) => inGoOrder(schema.items ?? {}, item, below(String(at))));
  if (!isObject(value)) return value;
  const properties = schema.properties ?? {};
  const ordered: JsonObject = {};
  for (const name of namesInOrder(schema, value, place.isTouched(place.path))) {
    ordered[name] = inGoOrder(properties[name] ?? {}, value[name], below(name));
  }
  return ordered;
}

function namesInOrder({ properties, additionalProperties }: Schema, value: JsonObject, byName: boolean): string[] {
  const names = Object.keys(value);
  if (byName || typeof additionalProperties === "object") return names.sort();
  if (properties === undefined) return names;
  const order = Object.keys(properties);
  return names.sort((left, right) => order.indexOf(left) - order.indexOf(right));
}
