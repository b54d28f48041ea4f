// Reads values as Traefik's own files, flags and variables are read: names in any case, texts for numbers, commas for lists.

import type * as z from "zod";
import { unknownField } from "./issues.ts";
import { isMapping } from "./path.ts";
import type { FieldPath } from "./path.ts";
import type { Problem } from "./problem.ts";
import { factsOf, findField } from "./shape.ts";

/** What {@link coerce} made of a value. */
export interface Coerced {
  /** With the schema's spelling of names, ready to be validated. */
  readonly value: unknown;
  /** Fields that the schema does not have; they are left out of the value. Paths as the input spells them. */
  readonly problems: readonly Problem[];
}

/**
 * Brings loosely typed input into the form a schema wants. What does not fit is left as it is, for the
 * schema to complain about.
 */
export function coerce(schema: z.core.$ZodType, input: unknown): Coerced {
  const problems: Problem[] = [];
  return { value: coerceValue(schema, input, { path: [], problems }), problems };
}

interface Context {
  readonly path: FieldPath;
  readonly problems: Problem[];
}

function coerceValue(schema: z.core.$ZodType, input: unknown, context: Context): unknown {
  const { shape } = factsOf(schema);
  switch (shape.kind) {
    case "object":
      if (isMapping(input)) return coerceObject(shape.fields, shape.open, input, context);
      return coercePresence(input);
    case "record":
      if (input === null) return undefined;
      return isMapping(input) ? coerceRecord(shape.value, input, context) : input;
    case "array":
      return coerceList(shape.element, input, context);
    default:
      return coerceScalar(shape.kind, input);
  }
}

/** `--ping`, `ping: true` and a bare `ping:` switch a block on with its defaults; `false` leaves it out. */
function coercePresence(input: unknown): unknown {
  if (input === null || input === "") return {};
  const on = typeof input === "string" ? parseBoolean(input) : input;
  if (on === true) return {};
  return on === false ? undefined : input;
}

function coerceObject(
  fields: Readonly<Record<string, z.core.$ZodType>>,
  open: boolean,
  input: Record<string, unknown>,
  context: Context,
): unknown {
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(input)) {
    const field = findField(fields, name);
    const path = [...context.path, name];
    const schema = field === undefined ? undefined : fields[field];
    if (field !== undefined && schema !== undefined) {
      const coerced = coerceValue(schema, value, { ...context, path });
      if (coerced !== undefined) entries.push([field, coerced]);
    } else if (open) entries.push([name, value]);
    else context.problems.push(unknownField(path, Object.keys(fields), {}));
  }
  return Object.fromEntries(entries);
}

function coerceRecord(schema: z.core.$ZodType, input: Record<string, unknown>, context: Context): unknown {
  const entries = Object.entries(input).map(([name, value]) => {
    const path = [...context.path, name];
    return [name, coerceValue(schema, value, { ...context, path })] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function coerceList(element: z.core.$ZodType, input: unknown, context: Context): unknown {
  if (input === null) return undefined;
  const isScalar = typeof input === "string" || typeof input === "number";
  const items = isScalar ? splitList(String(input)) : input;
  if (!Array.isArray(items)) return input;
  return items.map((item, index) => coerceValue(element, item, { ...context, path: [...context.path, index] }));
}

function splitList(text: string): string[] {
  return text === "" ? [] : text.split(",").map((item) => item.trim());
}

function coerceScalar(kind: string, input: unknown): unknown {
  if (input === null) return kind === "any" ? input : undefined;
  if (typeof input === "string") return coerceText(kind, input);
  // "404" and 404 mean the same where a text or a number may stand; texts are what the schemas take.
  const isPlain = typeof input === "boolean" || typeof input === "number" || typeof input === "bigint";
  return isPlain && (kind === "string" || kind === "enum") ? String(input) : input;
}

function coerceText(kind: string, text: string): unknown {
  if (kind === "boolean") return parseBoolean(text) ?? text;
  return kind === "number" ? parseNumber(text) ?? text : text;
}

/** What Go's `strconv.ParseBool` takes, and YAML's `yes`, `no`, `on`, `off`. @returns undefined for anything else */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(?:1|t|true|yes|on)$/i.test(text)) return true;
  if (/^(?:0|f|false|no|off)$/i.test(text)) return false;
  return undefined;
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text) ? Number(text) : undefined;
}
