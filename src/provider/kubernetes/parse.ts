// Parses an object with the schema of its kind: a wrong value disables the object, an unknown field only warns.

import type * as z from "zod";
import { toProblems } from "../../schema/issues.ts";
import type { FieldPath } from "../../schema/path.ts";
import type { Problem, Source } from "../../schema/problem.ts";
import type { KubeObject } from "./store/object.ts";
import { isRecord } from "./store/object.ts";

/** What came of parsing. */
export interface Parsed<T> {
  /** Absent when there are errors. */
  readonly value?: T;
  readonly problems: readonly Problem[];
}

/** A problem without its place; an error unless it says otherwise. */
export type ProblemText = Pick<Problem, "code" | "message" | "hint"> & { readonly severity?: Problem["severity"] };

/** Where in which object the parsed value stands. */
export interface ParseContext {
  readonly path: FieldPath;
  readonly source: Source;
}

/** The source of problems with an object. */
export function sourceOf(object: KubeObject): Source {
  const { apiVersion, kind, metadata: { namespace, name } } = object;
  return { type: "object", apiVersion, kind, namespace, name };
}

/**
 * Fields that the schema does not have are left out with a warning, as a real API server prunes them;
 * everything else that is wrong is an error.
 */
export function parseWith<T>(schema: z.ZodType<T>, input: unknown, context: ParseContext): Parsed<T> {
  const first = schema.safeParse(input);
  if (first.success) return { value: first.data, problems: [] };
  const unknown = first.error.issues.filter((issue) => issue.code === "unrecognized_keys");
  const warnings = toProblems({ issues: unknown }, { ...context, input, schema, severity: "warning" });
  const rest = first.error.issues.filter((issue) => issue.code !== "unrecognized_keys");
  if (rest.length > 0) {
    return { problems: [...toProblems({ issues: rest }, { ...context, input, schema }), ...warnings] };
  }
  let pruned = input;
  for (const issue of unknown) pruned = withoutKeys(pruned, issue.path, issue.keys);
  const second = schema.safeParse(pruned);
  if (second.success) return { value: second.data, problems: warnings };
  return { problems: [...toProblems(second.error, { ...context, input: pruned, schema }), ...warnings] };
}

/** A copy of a value without some fields of the object at a path. */
function withoutKeys(value: unknown, path: readonly PropertyKey[], keys: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
  }
  if (Array.isArray(value)) return value.map((item, index) => index === step ? withoutKeys(item, rest, keys) : item);
  if (!isRecord(value)) return value;
  return { ...value, [String(step)]: withoutKeys(value[String(step)], rest, keys) };
}
