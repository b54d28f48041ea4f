// Builds the schemas of built-in kinds compactly: one call per Go type, one line per field.

import type { Schema } from "../kube/schema.ts";

/** Fields of a struct by their JSON names. */
export type Fields = Readonly<Record<string, Schema>>;

/** What a struct has besides fields. */
export interface StructOptions {
  /** Fields without `omitempty`: OpenAPI calls them required. Default: none. */
  readonly required?: readonly string[];
  /** Replaced as a whole by server-side apply. Default: false. */
  readonly atomic?: boolean;
  readonly description?: string;
}

/** Makes the structs of one Go package. */
export type StructBuilder = (name: string, fields: Fields, options?: StructOptions) => Schema;

/**
 * @param path of the package as OpenAPI writes it: `io.k8s.api.core.v1`
 * @returns a builder of its structs
 */
export function structsOf(path: string): StructBuilder {
  const alias = path.slice(path.lastIndexOf(".") + 1);
  return (name, properties, { required = [], atomic = false, description } = {}) => ({
    type: "object",
    goType: `${alias}.${name}`,
    definition: `${path}.${name}`,
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...(atomic ? { "x-kubernetes-map-type": "atomic" } : {}),
    ...(description === undefined ? {} : { description }),
  });
}

/** A Go `string`. */
export const text: Schema = { type: "string", goType: "string" };
/** A Go `bool`. */
export const flag: Schema = { type: "boolean", goType: "bool" };
/** A Go `int32`. */
export const int32: Schema = { type: "integer", format: "int32", goType: "int32" };
/** A Go `int64`. */
export const int64: Schema = { type: "integer", format: "int64", goType: "int64" };
/** Bytes, base64 in JSON. */
export const bytes: Schema = { type: "string", format: "byte", goType: "[]uint8" };
/** A port by number or name; a count or a percentage. */
export const intOrString: Schema = {
  type: "string",
  format: "int-or-string",
  goType: "intstr.IntOrString",
  definition: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  "x-kubernetes-int-or-string": true,
};
/** `500m`, `1Gi`, `2`. */
export const quantity: Schema = {
  type: "string",
  goType: "resource.Quantity",
  definition: "io.k8s.apimachinery.pkg.api.resource.Quantity",
};
/** An instant, to the second; null when it is not set. */
export const time: Schema = {
  type: "string",
  goField: "always",
  format: "date-time",
  goType: "v1.Time",
  definition: "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
};
/** An instant, to the microsecond; null when it is not set. */
export const microTime: Schema = {
  type: "string",
  goField: "always",
  format: "date-time",
  goType: "v1.MicroTime",
  definition: "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
};
/** Any object. */
export const anyObject: Schema = {
  type: "object",
  goType: "runtime.RawExtension",
  "x-kubernetes-preserve-unknown-fields": true,
};
/** Any JSON value. */
export const anyValue: Schema = { goType: "v1.JSON", "x-kubernetes-preserve-unknown-fields": true };

/** A string type with a name of its own: `v1.Protocol`. */
export function named(goType: string): Schema {
  return { type: "string", goType };
}

/** A field that Go holds by pointer: present with whatever was sent, or absent. Structs are, unless {@link always}. */
export function pointer(schema: Schema): Schema {
  return { ...schema, goField: "pointer" };
}

/** A field that Go always writes, empty or not. Required fields are anyway. */
export function always(schema: Schema): Schema {
  return { ...schema, goField: "always" };
}

/** A list that is replaced as a whole, whoever writes it. */
export function listOf(items: Schema): Schema {
  return { type: "array", items };
}

/** A list that says of itself that it is atomic. */
export function atomicList(items: Schema): Schema {
  return { type: "array", items, "x-kubernetes-list-type": "atomic" };
}

/** A list that server-side apply merges as a set; other patches replace it. */
export function setOf(items: Schema): Schema {
  return { type: "array", items, "x-kubernetes-list-type": "set" };
}

/** A set of plain values that every patch merges. */
export function mergedSet(items: Schema): Schema {
  return { ...setOf(items), "x-kubernetes-patch-strategy": "merge" };
}

/** A list that server-side apply merges by keys; other patches replace it. */
export function keyedList(items: Schema, ...keys: readonly string[]): Schema {
  return { type: "array", items, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys };
}

/** A list that every patch merges. @param key of strategic merge patch @param keys of server-side apply; default: key */
export function mergedList(items: Schema, key: string, keys: readonly string[] = [key]): Schema {
  return { ...keyedList(items, ...keys), "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": key };
}

/** The same with another strategy of strategic merge patch: `merge,retainKeys`. */
export function withStrategy(schema: Schema, strategy: string): Schema {
  return { ...schema, "x-kubernetes-patch-strategy": strategy };
}

/** A map by text. */
export function mapOf(additionalProperties: Schema): Schema {
  return { type: "object", additionalProperties };
}

/** A map that server-side apply replaces as a whole. */
export function atomicMap(additionalProperties: Schema): Schema {
  return { ...mapOf(additionalProperties), "x-kubernetes-map-type": "atomic" };
}

/** The same fields, all of one type: `fields(int32, "a", "b")`. */
export function fields(schema: Schema, ...names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, schema]));
}
