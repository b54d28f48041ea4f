// The named schemas of an OpenAPI document: one per type, referring to each other, made of the schemas of served kinds.

import type { JsonObject } from "../json.ts";
import { objectMeta } from "../built-in/meta-types.ts";
import type { Kind } from "../kube/kind.ts";
import type { Schema } from "../kube/schema.ts";

/** The two versions of OpenAPI that clients ask for. */
export type Dialect = "v2" | "v3";

/** Schemas by name. */
export type Definitions = Record<string, JsonObject>;

const REFERENCE: Readonly<Record<Dialect, string>> = { v2: "#/definitions/", v3: "#/components/schemas/" };

/** What a document calls a kind: `io.traefik.v1alpha1.IngressRoute`. */
export function definitionName(kind: Kind): string {
  return kind.schema?.definition ?? `${kind.group.split(".").reverse().join(".")}.${kind.version}.${kind.kind}`;
}

/** Collects the definitions of kinds, each with the kinds it stands for. */
export function collectDefinitions(kinds: readonly Kind[], dialect: Dialect): Definitions {
  const collector = new Collector(dialect);
  for (const kind of kinds) collector.add(kind);
  return collector.definitions;
}

/** `x-kubernetes-group-version-kind`. */
export function groupVersionKind({ group, version, kind }: Kind): JsonObject {
  return { group, version, kind };
}

/** Members of a schema that a document takes over as they are. */
const PLAIN = [
  "description",
  "format",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "enum",
  "required",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
  "x-kubernetes-patch-strategy",
  "x-kubernetes-patch-merge-key",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
] as const;

/** What the third version has beyond the second. */
const MODERN = ["default", "nullable", "x-kubernetes-validations"] as const;

class Collector {
  readonly definitions: Definitions = {};
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  add(kind: Kind): void {
    const name = definitionName(kind);
    const known = this.definitions[name]?.["x-kubernetes-group-version-kind"];
    const kinds = [...(Array.isArray(known) ? known : []), groupVersionKind(kind)];
    const whole = kind.custom ? withOwnFields(kind.schema ?? {}) : kind.schema ?? {};
    this.definitions[name] ??= this.#body(whole);
    this.definitions[name] = { ...this.definitions[name], "x-kubernetes-group-version-kind": kinds };
  }

  /** A schema where it is used: a reference, when its type has a name. */
  #schema(schema: Schema): JsonObject {
    const { definition } = schema;
    if (definition === undefined) return this.#body(schema);
    if (this.definitions[definition] === undefined) {
      this.definitions[definition] = {}; // a type may hold itself
      this.definitions[definition] = this.#body(schema);
    }
    const reference = { $ref: `${REFERENCE[this.#dialect]}${definition}` };
    const own = usage(schema);
    if (this.#dialect === "v2") return { ...own, ...reference };
    return Object.keys(own).length === 0 ? reference : { allOf: [reference], ...own };
  }

  #body(schema: Schema): JsonObject {
    const body: JsonObject = {};
    for (const key of PLAIN) if (schema[key] !== undefined) body[key] = schema[key];
    if (this.#dialect === "v3") { for (const key of MODERN) if (schema[key] !== undefined) body[key] = schema[key]; }
    return this.#dialect === "v2" ? this.#shaped(schema, body) : this.#alternatives(schema, this.#shaped(schema, body));
  }

  /** Type and children. The second version can't say "an integer or a string", nor "anything else, too". */
  #shaped(schema: Schema, body: JsonObject): JsonObject {
    const free = this.#dialect === "v2" && schema["x-kubernetes-preserve-unknown-fields"] === true;
    if (schema.type !== undefined && !this.#isVague(schema, free)) body["type"] = schema.type;
    if (free) return body;
    if (schema.items !== undefined) body["items"] = this.#schema(schema.items);
    const { properties, additionalProperties } = schema;
    if (properties !== undefined) {
      const entries = Object.entries(properties).map((
        [name, child],
      ): [string, JsonObject] => [name, this.#schema(child)]);
      body["properties"] = Object.fromEntries(entries);
    }
    if (typeof additionalProperties === "object") body["additionalProperties"] = this.#schema(additionalProperties);
    else if (additionalProperties === true) body["additionalProperties"] = this.#dialect === "v2" ? {} : true;
    return body;
  }

  #isVague(schema: Schema, free: boolean): boolean {
    if (schema.format === "int-or-string") return this.#dialect === "v3"; // a built-in type, which has a name
    if (this.#dialect === "v3") return false;
    return free || schema["x-kubernetes-int-or-string"] === true;
  }

  #alternatives(schema: Schema, body: JsonObject): JsonObject {
    for (const key of ["anyOf", "oneOf", "allOf"] as const) {
      const list = schema[key];
      if (list !== undefined) body[key] = list.map((each) => this.#schema(each));
    }
    if (schema.not !== undefined) body["not"] = this.#schema(schema.not);
    if (schema.format === "int-or-string") return { ...body, oneOf: [{ type: "integer" }, { type: "string" }] };
    return body;
  }
}

/** What a field says besides its type. */
function usage(schema: Schema): JsonObject {
  const own: JsonObject = {};
  for (const key of ["x-kubernetes-patch-strategy", "x-kubernetes-patch-merge-key"] as const) {
    if (schema[key] !== undefined) own[key] = schema[key];
  }
  return own;
}

const API_VERSION = "APIVersion defines the versioned schema of this representation of an object.";
const KIND = "Kind is a string value representing the REST resource this object represents.";

/** The fields that every custom object has, whatever its definition says. */
function withOwnFields(schema: Schema): Schema {
  return {
    ...schema,
    type: "object",
    properties: {
      ...schema.properties,
      apiVersion: { type: "string", description: API_VERSION },
      kind: { type: "string", description: KIND },
      metadata: objectMeta,
    },
  };
}
