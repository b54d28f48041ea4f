// What decoding any part has in common: it is coerced and validated, and what is wrong keeps it out.

import type * as z from "zod";
import { coerce } from "../schema/coerce.ts";
import { quoteValue, toProblems } from "../schema/issues.ts";
import { isMapping } from "../schema/path.ts";
import type { FieldPath } from "../schema/path.ts";
import type { Problem } from "../schema/problem.ts";

/** Either a part, or problems that keep it out. Paths begin at the part. */
export interface PartResult<T> {
  readonly part?: T;
  readonly problems: readonly Problem[];
}

/** @param path of the part in its document */
export type DecodePart<T> = (input: unknown, path: FieldPath) => PartResult<T>;

/** A validated input, or why there is none. */
export interface Checked<T> {
  readonly data: T | undefined;
  readonly problems: readonly Problem[];
}

/** Coerces and validates; unknown fields keep a part out like any other error. @param noun `router` */
export function check<Schema extends z.ZodType>(
  noun: string,
  schema: Schema,
  input: unknown,
): Checked<z.output<Schema>> {
  if (!isMapping(input)) {
    const message = `a ${noun} must be a mapping, got ${quoteValue(input)}`;
    return { data: undefined, problems: [{ severity: "error", code: "invalid-value", message }] };
  }
  const coerced = coerce(schema, input);
  const parsed = schema.safeParse(coerced.value);
  if (parsed.success && coerced.problems.length === 0) return { data: parsed.data, problems: [] };
  const issues = parsed.success ? [] : toProblems(parsed.error, { input: coerced.value, schema });
  return { data: undefined, problems: [...coerced.problems, ...issues] };
}

/** A decoder of parts that are what their schema gives, or made of it. */
export function decodeWith<Schema extends z.ZodType, T>(
  noun: string,
  schema: Schema,
  toPart: (data: z.output<Schema>, path: FieldPath) => T,
): DecodePart<T> {
  return (input, path) => {
    const { data, problems } = check(noun, schema, input);
    return data === undefined ? { problems } : { part: toPart(data, path), problems };
  };
}

/** A decoder of services: exactly one of the schema's keys. */
export function decodeOneKind<Schema extends z.ZodObject, T>(
  schema: Schema,
  toPart: (data: z.output<Schema>) => T | undefined,
): DecodePart<T> {
  return (input) => {
    const { data, problems } = check("service", schema, input);
    if (data === undefined) return { problems };
    const kinds = Object.entries(data).filter(([, value]) => value !== undefined).map(([kind]) => kind);
    const part = kinds.length === 1 ? toPart(data) : undefined;
    if (part !== undefined) return { part, problems };
    const got = kinds.length === 0 ? "none" : kinds.join(" and ");
    const message = `a service must have exactly one kind, got ${got}`;
    const hint = `kinds: ${Object.keys(schema.shape).join(", ")}`;
    return { problems: [{ severity: "error", code: "one-of", message, hint }] };
  };
}
