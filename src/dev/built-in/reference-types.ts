// Types of `core/v1` that refer to other objects or select them. (data)

import { always, fields, flag, int32, listOf, named, pointer, quantity, structsOf, text } from "./schema-builder.ts";

/** Builder of `core/v1`. */
export const coreStruct = structsOf("io.k8s.api.core.v1");

const atomic = { atomic: true } as const;

/** Any object, as events and endpoints name it. */
export const objectReference = coreStruct("ObjectReference", {
  ...fields(text, "kind", "namespace", "name"),
  uid: named("types.UID"),
  ...fields(text, "apiVersion", "resourceVersion", "fieldPath"),
}, atomic);

/** `{name}` in the same namespace. */
export const localObjectReference = coreStruct("LocalObjectReference", { name: text }, atomic);

/** `{apiGroup, kind, name}` in the same namespace. */
export const typedLocalObjectReference = coreStruct(
  "TypedLocalObjectReference",
  { apiGroup: pointer(text), ...fields(text, "kind", "name") },
  { ...atomic, required: ["kind", "name"] },
);

/** A key of a Secret. */
export const secretKeySelector = coreStruct("SecretKeySelector", {
  ...fields(text, "name", "key"),
  optional: pointer(flag),
}, {
  ...atomic,
  required: ["key"],
});

/** A key of a ConfigMap. */
export const configMapKeySelector = coreStruct(
  "ConfigMapKeySelector",
  { ...fields(text, "name", "key"), optional: pointer(flag) },
  { ...atomic, required: ["key"] },
);

/** A field of the pod itself. */
export const objectFieldSelector = coreStruct("ObjectFieldSelector", fields(text, "apiVersion", "fieldPath"), {
  ...atomic,
  required: ["fieldPath"],
});

/** A resource of a container. */
export const resourceFieldSelector = coreStruct("ResourceFieldSelector", {
  ...fields(text, "containerName", "resource"),
  divisor: always(quantity),
}, { ...atomic, required: ["resource"] });

/** A file of a volume made of a Secret or ConfigMap. */
export const keyToPath = coreStruct("KeyToPath", { ...fields(text, "key", "path"), mode: pointer(int32) }, {
  required: ["key", "path"],
});

/** Files of a volume. */
export const keysToPaths = listOf(keyToPath);
