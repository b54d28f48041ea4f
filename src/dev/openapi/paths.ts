// The paths of an OpenAPI document: only what clients look up there, which options a PATCH of a kind takes.

import type { JsonObject } from "../json.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { type Dialect, groupVersionKind } from "./definitions.ts";

const OPTIONS = ["dryRun", "fieldManager", "fieldValidation", "force"] as const;

/** A path per kind. */
export function pathsOf(kinds: readonly Kind[], dialect: Dialect): Record<string, JsonObject> {
  return Object.fromEntries(kinds.map((kind) => [pathOf(kind), { patch: patchOf(kind, dialect) }]));
}

function pathOf(kind: Kind): string {
  const root = kind.group === "" ? "/api" : "/apis";
  const place = kind.namespaced ? "/namespaces/{namespace}" : "";
  return `${root}/${apiVersionOf(kind)}${place}/${kind.plural}/{name}`;
}

function patchOf(kind: Kind, dialect: Dialect): JsonObject {
  const parameters = OPTIONS.map((name) => {
    const type = name === "force" ? "boolean" : "string";
    return { name, in: "query", ...(dialect === "v2" ? { type, uniqueItems: true } : { schema: { type } }) };
  });
  return {
    operationId: `patch${kind.kind}${kind.group.replace(/\W/g, "")}${kind.version}`,
    parameters,
    responses: { "200": { description: "OK" } },
    "x-kubernetes-action": "patch",
    "x-kubernetes-group-version-kind": groupVersionKind(kind),
  };
}
