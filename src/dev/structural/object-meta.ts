// The metadata of custom objects, and of objects in objects: fields that no server knows, and identities that are missing.

import { decodeObject } from "../built-in/decode.ts";
import { objectMeta } from "../built-in/meta-types.ts";
import { isList, isObject, type JsonObject, textAt } from "../json.ts";
import type { Schema } from "../kube/schema.ts";
import type { Cause } from "../kube/status.ts";
import { missing, wrongType } from "./cause.ts";
import { pruneValue } from "./prune.ts";
import { typeOf } from "./types.ts";

/** What reading the metadata of an object came to. */
export type ReadMetadata =
  | {
    readonly ok: true;
    readonly object: JsonObject;
    /** `metadata.bogus`: of the object itself first, then of the objects in it. */
    readonly unknown: readonly string[];
  }
  | { readonly ok: false; readonly why: string };

/** Reads `metadata` as Go does, which knows its fields and their types, and drops the others; so in objects in it. */
export function readMetadata(schema: Schema, object: JsonObject): ReadMetadata {
  const metadata = object["metadata"];
  const read = decodeObject(objectMeta, isObject(metadata) ? metadata : {});
  if (!read.ok) return read;
  const { creationTimestamp, ...rest } = read.object; // Go writes it even when nobody set it
  const kept = { ...object, metadata: creationTimestamp === null ? rest : { ...rest, creationTimestamp } };
  const own = read.unknown.map((field) => `metadata.${field}`).sort();
  if (!hasEmbedded(schema)) return { ok: true, object: kept, unknown: own };
  const inner: string[] = [];
  const pruned = visit(schema, kept, "", inner);
  return { ok: true, object: isObject(pruned) ? pruned : kept, unknown: [...own, ...inner.sort()] };
}

/** Schemas live as long as their definition. */
const embedded = new WeakMap<Schema, boolean>();

/** Whether a schema has an object in an object anywhere. */
function hasEmbedded(schema: Schema): boolean {
  const known = embedded.get(schema);
  if (known !== undefined) return known;
  embedded.set(schema, false); // a schema that holds itself
  const { properties = {}, additionalProperties, items } = schema;
  const children = [...Object.values(properties), additionalProperties, items];
  const found = schema["x-kubernetes-embedded-resource"] === true ||
    children.some((child) => typeof child === "object" && hasEmbedded(child));
  embedded.set(schema, found);
  return found;
}

function visit(schema: Schema, value: unknown, field: string, unknown: string[]): unknown {
  if (isList(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item, at) => visit(items, item, `${field}[${at}]`, unknown));
  }
  if (!isObject(value)) return value;
  const { properties = {}, additionalProperties } = schema;
  const fields = Object.entries(value).map(([key, child]): [string, unknown] => {
    const path = field === "" ? key : `${field}.${key}`;
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    const isMeta = key === "metadata" && schema["x-kubernetes-embedded-resource"] === true;
    const kept = isMeta && isObject(child) ? pruneValue(objectMeta, child, path, unknown) : child;
    return [key, typeof known === "object" ? visit(known, kept, path, unknown) : kept];
  });
  return Object.fromEntries(fields);
}

/** Objects in an object must say what they are. */
export function embeddedCauses(schema: Schema, object: JsonObject): Cause[] {
  const causes: Cause[] = [];
  if (hasEmbedded(schema)) check(schema, object, "", causes);
  return causes;
}

function check(schema: Schema, value: unknown, field: string, causes: Cause[]): void {
  if (isList(value)) {
    const { items } = schema;
    if (items !== undefined) value.forEach((item, at) => check(items, item, `${field}[${at}]`, causes));
  }
  if (!isObject(value)) return;
  if (schema["x-kubernetes-embedded-resource"] === true) checkIdentity(value, field, causes);
  const { properties = {}, additionalProperties } = schema;
  for (const [key, child] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (typeof known === "object") check(known, child, field === "" ? key : `${field}.${key}`, causes);
  }
}

function checkIdentity(value: JsonObject, field: string, causes: Cause[]): void {
  for (const key of ["apiVersion", "kind"]) {
    const given = value[key];
    if ((textAt(value, key) ?? "") !== "") continue;
    const isAbsent = given === undefined || given === null || given === "";
    causes.push(
      isAbsent
        ? missing(`${field}.${key}`, "must not be empty")
        : wrongType(`${field}.${key}`, "string", typeOf(given)),
    );
  }
  const { metadata } = value;
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    causes.push(wrongType(`${field}.metadata`, "object", typeOf(metadata)));
  }
}
