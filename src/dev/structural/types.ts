// The types of JSON values as OpenAPI names them.

import { isList, isObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";

/** `integer` for a number without a fraction, `null` for null; otherwise OpenAPI's name of the type. */
export function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (isList(value)) return "array";
  if (isObject(value)) return "object";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** The types a schema accepts; none: it accepts all. */
export function typesOf(schema: Schema): readonly string[] {
  if (schema["x-kubernetes-int-or-string"] === true) return intOrString;
  return schema.type === undefined ? anyType : [schema.type];
}

const intOrString = ["integer", "string"] as const;
const anyType: readonly string[] = [];

/** Tells whether a value is of one of the types; every integer is a number, too. */
export function isOfType(value: unknown, types: readonly string[]): boolean {
  const found = typeOf(value);
  return types.length === 0 || types.includes(found) || (found === "integer" && types.includes("number"));
}
