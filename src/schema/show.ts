// Parsed options as people are shown them: written as in a configuration, without secrets.

import type * as z from "zod";
import { toGoDuration } from "./duration.ts";
import { isMapping } from "./path.ts";
import { factsOf, findField } from "./shape.ts";

/** What stands in a secret's place: the word of Traefik's API. */
const HIDDEN = "xxxx";

/** A copy of what a schema gave, in which secrets can't be read; what is not set stays visible as such. */
export function showOptions(schema: z.core.$ZodType, value: unknown): unknown {
  const { shape, secret, format } = factsOf(schema);
  if (secret) return hide(value);
  if (format === "duration" && typeof value === "number") return toGoDuration(value);
  if (format === "status range" && Array.isArray(value)) return [...new Set(value)].join("-");
  if (shape.kind === "array" && Array.isArray(value)) return value.map((item) => showOptions(shape.element, item));
  if (!isMapping(value)) return value;
  if (shape.kind === "record") return mapFields(value, (_, field) => showOptions(shape.value, field));
  if (shape.kind !== "object") return value;
  return mapFields(value, (name, field) => {
    const known = findField(shape.fields, name);
    const inner = known === undefined ? undefined : shape.fields[known];
    return inner === undefined ? field : showOptions(inner, field);
  });
}

function hide(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hide);
  if (isMapping(value)) return mapFields(value, (_, field) => hide(field));
  return value === undefined || value === null || value === "" ? value : HIDDEN;
}

function mapFields(value: Record<string, unknown>, change: (name: string, field: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, change(name, field)]));
}
