// Problems of the CRD schemas, in the words in which a real server refuses a custom resource.

import type { Problem } from "../../schema/problem.ts";
import { fieldPath, isList, isObject, type JsonObject, type Step, valueAt } from "../json.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";

/** Validates one object of a kind that has a schema; an empty list for any other. */
export type ValidateObject = (object: JsonObject) => readonly Problem[];

/** How messages of src/schema name a type, and how OpenAPI does. */
const typeWords: readonly (readonly [string, string])[] = [
  ["an integer or a string", "integer,string"],
  ["a whole number", "integer"],
  ["a number", "number"],
  ["true or false", "boolean"],
  ["a string", "string"],
  ["a mapping", "object"],
  ["a list", "array"],
];

/** What a real server's structural schema would refuse: other problems are no reason to refuse an object. */
export function isStructural(problem: Problem): boolean {
  return problem.severity === "error" && (problem.code === "invalid-value" || problem.code === "missing-field");
}

/** True for a field that the schema does not have. */
export function isUnknownField(problem: Problem): boolean {
  return problem.code === "unknown-field";
}

/** The cause a real server would list for a problem. */
export function toCause(problem: Problem, object: JsonObject): Cause {
  const path = problem.path ?? [];
  const field = fieldPath(path);
  const value = valueAt(object, ...path);
  if (value === undefined || value === null) return required(field);
  const wanted = typeWords.find(([words]) => problem.message.includes(`must be ${words}`))?.[1];
  if (wanted !== undefined) {
    const found = jsonType(value);
    const message = `Invalid value: "${found}": ${field} in body must be of type ${wanted}: "${found}"`;
    return { reason: "FieldValueTypeInvalid", message, field };
  }
  const options = /must be (?:one of )?("[^"]*"(?:(?:, | or )"[^"]*")*)/.exec(problem.message)?.[1];
  if (options !== undefined && typeof value === "string") {
    const list = options.split(/, | or /).join(", ");
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
    return { reason: "FieldValueNotSupported", message, field };
  }
  const least = /must be at least (-?\d+)/.exec(problem.message)?.[1];
  if (least !== undefined) {
    return invalidValue(field, String(value), `${field} in body should be greater than or equal to ${least}`);
  }
  return invalidValue(field, JSON.stringify(value), problem.message);
}

/** A value's type as OpenAPI names it. */
function jsonType(value: unknown): string {
  if (isList(value)) return "array";
  if (isObject(value)) return "object";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** A copy without the fields at these paths. */
export function prune(object: JsonObject, paths: readonly (readonly Step[])[]): JsonObject {
  const pruned = structuredClone(object);
  for (const path of paths) {
    const parent = valueAt(pruned, ...path.slice(0, -1));
    const last = path.at(-1);
    if (isObject(parent) && last !== undefined) delete parent[last];
  }
  return pruned;
}
