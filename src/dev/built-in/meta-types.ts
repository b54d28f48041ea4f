// Types of `meta/v1`: what every kind has, and what many share. (data)

import type { Schema } from "../kube/schema.ts";
import {
  always,
  anyObject,
  type Fields,
  fields,
  flag,
  int64,
  listOf,
  mapOf,
  mergedList,
  mergedSet,
  named,
  pointer,
  structsOf,
  text,
  time,
} from "./schema-builder.ts";

const struct = structsOf("io.k8s.apimachinery.pkg.apis.meta.v1");

const ownerReference = struct("OwnerReference", {
  ...fields(text, "apiVersion", "kind", "name"),
  uid: named("types.UID"),
  ...fields(pointer(flag), "controller", "blockOwnerDeletion"),
}, { required: ["apiVersion", "kind", "name", "uid"], atomic: true });

const managedFieldsEntry = struct("ManagedFieldsEntry", {
  manager: text,
  operation: named("v1.ManagedFieldsOperationType"),
  apiVersion: text,
  time: pointer(time),
  fieldsType: text,
  fieldsV1: { ...anyObject, goType: "v1.FieldsV1", definition: "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1" },
  subresource: text,
});

/** `metadata` of every object. */
export const objectMeta = struct("ObjectMeta", {
  ...fields(text, "name", "generateName", "namespace", "selfLink"),
  uid: named("types.UID"),
  resourceVersion: text,
  generation: int64,
  creationTimestamp: time,
  deletionTimestamp: pointer(time),
  deletionGracePeriodSeconds: pointer(int64),
  ...fields(mapOf(text), "labels", "annotations"),
  ownerReferences: mergedList(ownerReference, "uid"),
  finalizers: mergedSet(text),
  managedFields: listOf(managedFieldsEntry),
}, { description: "ObjectMeta is metadata that all persisted resources must have." });

const labelSelectorRequirement = struct("LabelSelectorRequirement", {
  key: text,
  operator: named("v1.LabelSelectorOperator"),
  values: listOf(text),
}, { required: ["key", "operator"] });

/** `{matchLabels, matchExpressions}`. */
export const labelSelector = struct("LabelSelector", {
  matchLabels: mapOf(text),
  matchExpressions: listOf(labelSelectorRequirement),
}, { atomic: true });

/** `status.conditions[]` of newer kinds. */
export const condition = struct("Condition", {
  type: text,
  status: named("v1.ConditionStatus"),
  observedGeneration: int64,
  lastTransitionTime: time,
  reason: text,
  message: text,
}, { required: ["type", "status", "lastTransitionTime", "reason", "message"] });

/** A whole object: its own fields after kind, version and metadata. */
export function objectOf(goPackage: string, name: string, own: Fields, options: {
  readonly required?: readonly string[];
  readonly description?: string;
} = {}): Schema {
  return structsOf(goPackage)(name, { apiVersion: text, kind: text, metadata: always(objectMeta), ...own }, options);
}
