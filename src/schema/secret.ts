// Options whose values are nobody's business: marked in their schema.

import type * as z from "zod";
import type { FieldPath } from "./path.ts";
import { factsOf, schemaAt } from "./shape.ts";

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
