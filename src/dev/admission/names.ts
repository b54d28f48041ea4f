// Rules for the names, labels and annotations of objects, with the texts of a real server.

import { textCauses } from "../built-in/causes.ts";
import {
  type Check,
  labelMistakes,
  labelValueMistakes,
  qualifiedNameMistakes,
  serviceNameMistakes,
  subdomainMistakes,
} from "../built-in/formats.ts";
import { isObject, type JsonObject, listAt, textAt } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { type Cause, required } from "../kube/status.ts";
import { forbiddenField } from "../structural/cause.ts";

const ruleByKind: Readonly<Record<string, Check>> = {
  Namespace: labelMistakes,
  Service: serviceNameMistakes,
  ClusterRole: pathMistakes,
  ClusterRoleBinding: pathMistakes,
  Role: pathMistakes,
  RoleBinding: pathMistakes,
};

/** Names of kinds that allow nearly everything, as long as it fits into a URL. */
function pathMistakes(name: string): string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`);
}

/** What is wrong with an object's name. */
export function nameCauses(kind: Kind, name: string): Cause[] {
  const field = "metadata.name";
  if (name === "") return [required(field, "name or generateName is required")];
  return textCauses(field, name, (kind.custom ? undefined : ruleByKind[kind.kind]) ?? subdomainMistakes);
}

const ANNOTATIONS_LIMIT = 256 * 1024; // bytes of all keys and values

/** What is wrong with the labels, annotations and finalizers of an object. */
export function labelCauses(kind: Kind, metadata: JsonObject): Cause[] {
  const [labels, annotations] = [metadata["labels"], metadata["annotations"]];
  const causes: Cause[] = finalizerCauses(kind, metadata);
  for (const [key, value] of Object.entries(isObject(labels) ? labels : {})) {
    causes.push(...textCauses("metadata.labels", key, qualifiedNameMistakes));
    if (typeof value === "string") causes.push(...textCauses("metadata.labels", value, labelValueMistakes));
  }
  const texts = Object.entries(isObject(annotations) ? annotations : {});
  for (const [key] of texts) {
    causes.push(...textCauses("metadata.annotations", key.toLowerCase(), qualifiedNameMistakes));
  }
  const size = texts.reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);
  if (size > ANNOTATIONS_LIMIT) {
    const message = `Too long: must have at most ${ANNOTATIONS_LIMIT} bytes`;
    causes.push({ reason: "FieldValueTooLong", message, field: "metadata.annotations" });
  }
  return [...causes, ...ownerCauses(metadata)];
}

const standardFinalizers: readonly string[] = ["orphan", "foregroundDeletion", "kubernetes"];

/** Custom resources may have finalizers of one word. */
function finalizerCauses(kind: Kind, metadata: JsonObject): Cause[] {
  return listAt(metadata, "finalizers").map(String).flatMap((finalizer, index) => {
    const causes = textCauses("metadata.finalizers", finalizer, qualifiedNameMistakes);
    if (causes.length > 0 || kind.custom || finalizer.includes("/") || standardFinalizers.includes(finalizer)) {
      return causes;
    }
    const why = "name is neither a standard finalizer name nor is it fully qualified";
    return textCauses(`metadata.finalizers[${index}]`, finalizer, () => [why]);
  });
}

function ownerCauses(metadata: JsonObject): Cause[] {
  const owners = listAt(metadata, "ownerReferences");
  const controllers = owners.filter((owner) => isObject(owner) && owner["controller"] === true);
  const causes = owners.flatMap((owner) =>
    ["apiVersion", "kind", "name", "uid"].filter((key) => (textAt(owner, key) ?? "") === "").map((key): Cause => ({
      reason: "FieldValueInvalid",
      message: `Invalid value: "": ${key === "apiVersion" ? "version" : key} must not be empty`,
      field: `metadata.ownerReferences.${key}`,
    }))
  );
  if (controllers.length < 2) return causes;
  return [...causes, forbiddenField("metadata.ownerReferences", "Only one reference can have Controller set to true")];
}
