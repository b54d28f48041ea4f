// A custom object at the gate: read, pruned, defaulted and judged by the schema in its definition.

import { isObject, type JsonObject } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import type { Cause } from "../kube/status.ts";
import { rulesNotChecked } from "./cause.ts";
import { withSchemaDefaults } from "./default.ts";
import { listCauses } from "./list-invariants.ts";
import { embeddedCauses, readMetadata } from "./object-meta.ts";
import { pruneObject } from "./prune.ts";
import { schemaCauses } from "./validate.ts";

/** What reading a custom object came to. */
export type ReadCustom =
  | {
    readonly ok: true;
    /** With defaults, without unknown fields. */
    readonly object: JsonObject;
    /** Fields that were dropped, in the order in which a server names them. */
    readonly unknown: readonly string[];
  }
  | { readonly ok: false; readonly why: string };

/** Takes what the schema does not have out of an object, and puts the defaults in. */
export function readCustom(schema: Schema, content: JsonObject): ReadCustom {
  const metadata = readMetadata(schema, content);
  if (!metadata.ok) return metadata;
  const pruned = pruneObject(schema, metadata.object);
  const defaulted = withSchemaDefaults(schema, pruned.object);
  const [own, inner] = split(metadata.unknown);
  return {
    ok: true,
    object: isObject(defaulted) ? defaulted : pruned.object,
    unknown: [...own, ...pruned.unknown, ...inner],
  };
}

/** A server tells of the object's own metadata first, and of that of objects in it last. */
function split(fields: readonly string[]): [readonly string[], readonly string[]] {
  const own = fields.filter((field) => field.startsWith("metadata."));
  return [own, fields.filter((field) => !field.startsWith("metadata."))];
}

/**
 * Every cause for which a server refuses a custom object.
 * @param before causes that were found already; they too keep the rules of the definition from being run
 */
export function customCauses(schema: Schema, object: JsonObject, before: readonly Cause[]): Cause[] {
  const causes = [
    ...before,
    ...schemaCauses(schema, object),
    ...embeddedCauses(schema, object),
    ...listCauses(schema, object),
  ];
  return hasRules(schema) ? [...causes, ...rulesNotChecked(causes)] : causes;
}

/** Schemas live as long as their definition. */
const ruled = new WeakMap<Schema, boolean>();

/** Whether a schema has rules in CEL anywhere. */
function hasRules(schema: Schema): boolean {
  const known = ruled.get(schema);
  if (known !== undefined) return known;
  ruled.set(schema, false); // a schema that holds itself
  const { properties = {}, additionalProperties, items } = schema;
  const children = [...Object.values(properties), additionalProperties, items];
  const found = (schema["x-kubernetes-validations"] ?? []).length > 0 ||
    children.some((child) => typeof child === "object" && hasRules(child));
  ruled.set(schema, found);
  return found;
}
