// CustomResourceDefinition of `apiextensions.k8s.io/v1`. (data)

import type { Schema } from "../kube/schema.ts";
import { objectOf } from "./meta-types.ts";
import {
  always,
  anyValue,
  bytes,
  type Fields,
  fields,
  flag,
  int32,
  int64,
  keyedList,
  listOf,
  mapOf,
  named,
  pointer,
  structsOf,
  text,
  time,
} from "./schema-builder.ts";

const PACKAGE = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";
const struct = structsOf(PACKAGE);

const number: Schema = pointer({ type: "number", format: "double", goType: "float64" });

/** JSONSchemaProps holds itself: the fields are looked up late. */
const schemaProps: Schema = {
  type: "object",
  goType: "v1.JSONSchemaProps",
  definition: `${PACKAGE}.JSONSchemaProps`,
  get properties(): Fields {
    return schemaFields;
  },
};

/** A schema or a yes or no; Go reads both from one field. */
const propsOrBool: Schema = {
  ...anyValue,
  goType: "v1.JSONSchemaPropsOrBool",
  definition: `${PACKAGE}.JSONSchemaPropsOrBool`,
};

const schemaFields: Fields = {
  ...fields(text, "id", "$schema", "$ref", "description", "type", "format", "title"),
  default: anyValue,
  maximum: number,
  exclusiveMaximum: flag,
  minimum: number,
  exclusiveMinimum: flag,
  ...fields(pointer(int64), "maxLength", "minLength"),
  pattern: text,
  ...fields(pointer(int64), "maxItems", "minItems"),
  uniqueItems: flag,
  multipleOf: number,
  enum: listOf(anyValue),
  ...fields(pointer(int64), "maxProperties", "minProperties"),
  required: listOf(text),
  items: { ...anyValue, goType: "v1.JSONSchemaPropsOrArray", definition: `${PACKAGE}.JSONSchemaPropsOrArray` },
  ...fields(listOf(schemaProps), "allOf", "oneOf", "anyOf"),
  not: schemaProps,
  properties: mapOf(schemaProps),
  additionalProperties: propsOrBool,
  patternProperties: mapOf(schemaProps),
  dependencies: mapOf(anyValue),
  additionalItems: propsOrBool,
  definitions: mapOf(schemaProps),
  externalDocs: struct("ExternalDocumentation", fields(text, "description", "url")),
  example: anyValue,
  nullable: flag,
  ...fields(
    flag,
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
  ),
  "x-kubernetes-list-map-keys": listOf(text),
  ...fields(text, "x-kubernetes-list-type", "x-kubernetes-map-type"),
  "x-kubernetes-validations": {
    ...listOf(struct("ValidationRule", fields(text, "rule", "message"), { required: ["rule"] })),
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["rule"],
    "x-kubernetes-patch-strategy": "merge",
    "x-kubernetes-patch-merge-key": "rule",
  },
};

const names = struct("CustomResourceDefinitionNames", {
  ...fields(text, "plural", "singular"),
  shortNames: listOf(text),
  ...fields(text, "kind", "listKind"),
  categories: listOf(text),
}, { required: ["plural", "kind"] });

const printerColumn = struct("CustomResourceColumnDefinition", {
  ...fields(text, "name", "type", "format", "description"),
  priority: int32,
  jsonPath: text,
}, { required: ["name", "type", "jsonPath"] });

const version = struct("CustomResourceDefinitionVersion", {
  name: text,
  ...fields(flag, "served", "storage", "deprecated"),
  deprecationWarning: text,
  schema: struct("CustomResourceValidation", { openAPIV3Schema: schemaProps }),
  subresources: struct("CustomResourceSubresources", {
    status: struct("CustomResourceSubresourceStatus", {}),
    scale: struct(
      "CustomResourceSubresourceScale",
      fields(text, "specReplicasPath", "statusReplicasPath", "labelSelectorPath"),
      { required: ["specReplicasPath", "statusReplicasPath"] },
    ),
  }),
  additionalPrinterColumns: listOf(printerColumn),
}, { required: ["name", "served", "storage"] });

const serviceReference = struct("ServiceReference", { ...fields(text, "namespace", "name", "path"), port: int32 }, {
  required: ["namespace", "name"],
});

const conversion = struct("CustomResourceConversion", {
  strategy: named("v1.ConversionStrategyType"),
  webhook: struct("WebhookConversion", {
    clientConfig: struct("WebhookClientConfig", { url: text, service: serviceReference, caBundle: bytes }),
    conversionReviewVersions: listOf(text),
  }, { required: ["conversionReviewVersions"] }),
}, { required: ["strategy"] });

const definitionCondition = struct("CustomResourceDefinitionCondition", {
  type: named("v1.CustomResourceDefinitionConditionType"),
  status: named("v1.ConditionStatus"),
  lastTransitionTime: time,
  ...fields(text, "reason", "message"),
}, { required: ["type", "status"] });

/** A CustomResourceDefinition. */
export const customResourceDefinition = objectOf(PACKAGE, "CustomResourceDefinition", {
  spec: always(struct("CustomResourceDefinitionSpec", {
    group: text,
    names,
    scope: named("v1.ResourceScope"),
    versions: listOf(version),
    conversion,
    preserveUnknownFields: flag,
  }, { required: ["group", "names", "scope", "versions"] })),
  status: always(struct("CustomResourceDefinitionStatus", {
    conditions: keyedList(definitionCondition, "type"),
    acceptedNames: names,
    storedVersions: listOf(text),
  })),
}, { required: ["spec"] });
