// A schema in the words of OpenAPI v3 as Kubernetes uses them: what a CustomResourceDefinition holds, and what the embedded API describes built-in kinds with.

/** An OpenAPI v3 schema with Kubernetes' extensions; the members are those of `JSONSchemaProps`. */
export interface OpenApiSchema {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly description?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  /** Of a map: the schema of its values; `true`: anything. */
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly items?: OpenApiSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly anyOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly allOf?: readonly OpenApiSchema[];
  readonly not?: OpenApiSchema;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  /** How server-side apply sees a list. Absent: atomic. */
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  /** Fields that tell the items of a `map` list apart. */
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  /** How server-side apply sees an object. Absent: granular. */
  readonly "x-kubernetes-map-type"?: "granular" | "atomic";
  /** Built-in kinds: strategic merge patch of a list or object (`merge`, `replace`, `retainKeys`, or two of them). */
  readonly "x-kubernetes-patch-strategy"?: string;
  /** Built-in kinds: the field that tells the items of a merged list apart. */
  readonly "x-kubernetes-patch-merge-key"?: string;
  /** CEL rules: kept, listed, not run. */
  readonly "x-kubernetes-validations"?: readonly unknown[];
  /** Built-in kinds: Go's name of the type, for the messages of its JSON decoder: `ServicePort`, `int32`. */
  readonly goType?: string;
  /** Built-in kinds: how Go writes the field: held by pointer, or written even when empty. Absent: left out when empty. */
  readonly goField?: "pointer" | "always";
  /** Built-in kinds: what an OpenAPI document calls the type: `io.k8s.api.core.v1.ServicePort`. */
  readonly definition?: string;
}
