// Whether the result of a strategic merge patch still has the types of its kind, told in the words of Go's converter.

import { isList, isObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";

/** @returns what is wrong first, or undefined */
export function restoreProblem(schema: Schema, value: unknown): string | undefined {
  if (value === null || value === undefined || schema["x-kubernetes-preserve-unknown-fields"] === true) {
    return undefined;
  }
  if (schema["x-kubernetes-int-or-string"] === true || schema.format !== undefined && schema.type === "string") {
    return undefined; // these read JSON in their own way: the decoder tells
  }
  if (schema.properties !== undefined) return structProblem(schema, value);
  if (schema.type === "object") return mapProblem(schema, value);
  if (schema.type === "array") return listProblem(schema, value);
  return scalarProblem(schema, value);
}

function structProblem(schema: Schema, value: unknown): string | undefined {
  if (!isObject(value)) return `cannot restore struct from: ${goKind(value)}`;
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const problem = restoreProblem(field, value[name]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function mapProblem({ additionalProperties: values }: Schema, value: unknown): string | undefined {
  if (!isObject(value)) return `cannot restore map from ${goKind(value)}`;
  return firstProblem(typeof values === "object" ? values : {}, Object.values(value));
}

function listProblem({ items = {} }: Schema, value: unknown): string | undefined {
  return isList(value) ? firstProblem(items, value) : `cannot restore slice from ${goKind(value)}`;
}

function firstProblem(schema: Schema, values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const problem = restoreProblem(schema, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function scalarProblem({ type, format }: Schema, value: unknown): string | undefined {
  const found = goKind(value);
  if (type === "integer") return integerProblem(found, format ?? "int64");
  if (type === "string" && found === "int64") return "cannot convert int64 to string";
  const wanted = type === "boolean" ? "bool" : type ?? found;
  return found === wanted || type === "number" && /64$/.test(found) ? undefined : `unrecognized type: ${wanted}`;
}

function integerProblem(found: string, wanted: string): string | undefined {
  if (found === "int64") return undefined;
  return found === "float64" ? `cannot convert float64 to ${wanted}` : `unrecognized type: ${wanted}`;
}

function goKind(value: unknown): string {
  if (isList(value)) return "slice";
  if (isObject(value)) return "map";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value;
}
