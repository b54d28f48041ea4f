// CustomResourceDefinition objects for kinds known in advance, and the conditions a new definition is given.

import { type JsonObject, objectAt, textAt } from "../json.ts";
import type { Kind } from "./kind.ts";

/** The definition of a kind whose schema lives elsewhere: it keeps every field. */
export function definitionOf(kind: Kind): JsonObject {
  return {
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      names: {
        plural: kind.plural,
        singular: kind.singular,
        kind: kind.kind,
        listKind: `${kind.kind}List`,
      },
      scope: kind.namespaced ? "Namespaced" : "Cluster",
      versions: [{
        name: kind.version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      }],
      conversion: { strategy: "None" },
    },
  };
}

/** The status of a definition that is in force. @param now as Kubernetes writes times */
export function establishedStatus(definition: JsonObject, now: string): JsonObject {
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: "True",
    lastTransitionTime: now,
    reason,
    message,
  });
  const versions = objectAt(definition, "spec")["versions"];
  const stored = (Array.isArray(versions) ? versions : []).map((version) => textAt(version, "name") ?? "");
  return {
    conditions: [
      condition("NamesAccepted", "NoConflicts", "no conflicts found"),
      condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ],
    acceptedNames: objectAt(definition, "spec", "names"),
    storedVersions: stored.slice(0, 1),
  };
}
