// `kubectl apply --server-side` on what `kubectl apply` made: its annotation says which conflicts are with itself.

import { isObject, type JsonObject, objectAt, stableText, textAt } from "../json.ts";
import type { Conflict } from "./conflict.ts";
import { declaredFields } from "./declared.ts";
import { difference, isEmptySet } from "./field-set.ts";
import { objectSchema } from "./shape.ts";
import type { Writer } from "./ownership.ts";

/** The manager that is treated so. */
export const KUBECTL = "kubectl";

/** The annotation in which kubectl keeps what it applied. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Whether a conflict is only with fields that kubectl itself declared by client-side apply. */
export function isAllowedByLastApplied(
  { kind, manager }: Writer,
  live: JsonObject | undefined,
  { fields }: Conflict,
): boolean {
  const text = textAt(live, "metadata", "annotations", LAST_APPLIED);
  if (manager !== KUBECTL || text === undefined) return false;
  const configuration = parse(text);
  if (configuration === undefined) return false;
  return isEmptySet(difference(fields, declaredFields(objectSchema(kind), configuration).fields));
}

/** The object with the annotation, where it has one, brought up to date. */
export function refreshLastApplied(object: JsonObject, configuration: JsonObject): JsonObject {
  const metadata = objectAt(object, "metadata");
  const annotations = objectAt(metadata, "annotations");
  if (annotations[LAST_APPLIED] === undefined) return object;
  const declared = { ...objectAt(configuration, "metadata") };
  if (isObject(declared["annotations"])) {
    const { [LAST_APPLIED]: _old, ...rest } = declared["annotations"];
    declared["annotations"] = rest;
  }
  const text = `${stableText({ ...configuration, metadata: declared })}\n`;
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // somebody else wrote the annotation
  }
}
