// What can be wrong with a manifest, with the place in its file.

import type { Problem, Source } from "../../schema/problem.ts";
import { isStructural, isUnknownField } from "../admission/problems.ts";
import { fieldPath, type Step, textAt } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import { apiVersionOf } from "../kube/kind.ts";
import { nameOf, namespaceOf } from "../kube/object.ts";
import type { StatusError } from "../kube/status.ts";
import type { Manifest } from "./manifest.ts";

/** Problems of an object's schema, with the places of their fields. Those no server would mind are warnings. */
export function schemaProblems(manifest: Manifest, namespace: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({
    ...problem,
    severity: isStructural(problem) ? "error" : "warning",
    ...(isUnknownField(problem) && problem.hint === undefined ? { hint: "a real server drops it" } : {}),
    source: sourceOf(manifest, namespace, problem.path ?? []),
  }));
}

/** Fields that a kind does not have, except those that weir itself has told of. @param fields `spec.bogus` */
export function unknownFields(fields: readonly string[], told: readonly Problem[]): Problem[] {
  const known = new Set(told.filter(isUnknownField).map((problem) => fieldPath(problem.path ?? [])));
  return fields.filter((field) => !known.has(field)).map((field) => ({
    severity: "warning",
    code: "unknown-field",
    message: `unknown field ${JSON.stringify(field)}`,
    path: parseFieldPath(field),
  }));
}

/** Why the gate refused an object: a problem per cause. */
export function statusProblems(manifest: Manifest, namespace: string, failure: StatusError): Problem[] {
  const causes = failure.details?.causes ?? [];
  if (causes.length === 0) {
    const source = sourceOf(manifest, namespace, []);
    return [{ severity: "error", code: "refused-object", message: failure.message, source }];
  }
  return causes.map(({ field, message }) => {
    const path = parseFieldPath(field);
    const source = sourceOf(manifest, namespace, path);
    return { severity: "error", code: "invalid-value", message: `${field}: ${message}`, source, path };
  });
}

/** A kind that the cluster does not serve. */
export function unknownKind(manifest: Manifest, kinds: KindRegistry): Problem {
  const kind = textAt(manifest.content, "kind") ?? "";
  const apiVersion = textAt(manifest.content, "apiVersion") ?? "";
  const served = kinds.all.filter((each) => each.kind === kind).map(apiVersionOf);
  const hint = served.length > 0
    ? `${kind} is served as ${served.join(" and ")}`
    : "it is left out; a CustomResourceDefinition beside it would make it known";
  return {
    severity: "warning",
    code: "unknown-kind",
    message: `no matches for kind "${kind}" in version "${apiVersion}"`,
    hint,
    source: sourceOf(manifest, namespaceOf(manifest.content), ["kind"]),
  };
}

/** The same object twice: the later one counts. */
export function duplicateObject(manifest: Manifest, earlier: Manifest): Problem {
  const { file, line } = earlier.place([]);
  return {
    severity: "warning",
    code: "duplicate-object",
    message: `${textAt(manifest.content, "kind")} "${nameOf(manifest.content)}" is also in ${file}:${line}`,
    hint: "this one counts; remove or rename one of them",
    source: sourceOf(manifest, namespaceOf(manifest.content) || "default", ["metadata", "name"]),
  };
}

/** The source of problems with an object, without its place. @param namespace the one it gets */
export function sourceOfManifest({ content }: Manifest, namespace: string): Source & { type: "object" } {
  return {
    type: "object",
    apiVersion: textAt(content, "apiVersion") ?? "",
    kind: textAt(content, "kind") ?? "",
    namespace,
    name: nameOf(content),
  };
}

function sourceOf(manifest: Manifest, namespace: string, path: readonly Step[]): Source {
  return { ...sourceOfManifest(manifest, namespace), position: manifest.place(path) };
}

/** `spec.ports[0].port` → `["spec", "ports", 0, "port"]`; a map key in brackets stays a name. */
export function parseFieldPath(field: string): Step[] {
  return [...field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)].map(([, name, index]) => {
    if (name !== undefined) return name;
    return /^\d+$/.test(index ?? "") ? Number(index) : index ?? "";
  });
}
