// Options whose values are nobody's business: marked in their schema, and hidden wherever options are shown.

import type * as z from "zod";
import { isMapping } from "./path.ts";
import type { FieldPath } from "./path.ts";
import { factsOf, findField, schemaAt } from "./shape.ts";

/** What stands in a secret's place: the word of Traefik's API. */
const HIDDEN = "xxxx";

/** Marks a schema: no message, log or API shows its values. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ ...schema.meta(), secret: true });
}

/** Whether the value at a path is a secret, or part of one. */
export function isSecretAt(schema: z.core.$ZodType | undefined, path: FieldPath): boolean {
  if (schema === undefined) return false;
  return factsOf(schema).secret || path.some((_, index) => {
    const at = schemaAt(schema, path.slice(0, index + 1));
    return at !== undefined && factsOf(at).secret;
  });
}

/** A copy in which secrets can't be read; what is not set stays visible as such. */
export function hideSecrets(schema: z.core.$ZodType, value: unknown): unknown {
  const { shape, secret: isSecret } = factsOf(schema);
  if (isSecret) return hideAll(value);
  if (shape.kind === "array" && Array.isArray(value)) return value.map((item) => hideSecrets(shape.element, item));
  if (!isMapping(value)) return value;
  if (shape.kind === "record") return mapFields(value, (_, field) => hideSecrets(shape.value, field));
  if (shape.kind !== "object") return value;
  return mapFields(value, (name, field) => {
    const known = findField(shape.fields, name);
    const inner = known === undefined ? undefined : shape.fields[known];
    return inner === undefined ? field : hideSecrets(inner, field);
  });
}

function hideAll(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideAll);
  if (isMapping(value)) return mapFields(value, (_, field) => hideAll(field));
  return value === undefined || value === null || value === "" ? value : HIDDEN;
}

function mapFields(value: Record<string, unknown>, change: (name: string, field: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, change(name, field)]));
}
