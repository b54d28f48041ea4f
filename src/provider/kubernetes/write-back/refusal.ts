// What to tell the operator when the API server refuses to have something written.

import type { Problem } from "../../../schema/problem.ts";

/** A right that is missing. */
export interface MissingRight {
  /** What weir wanted: `write Events in the namespace "shop"`. */
  readonly what: string;
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  /** The namespace of the Role that needs it. */
  readonly namespace: string;
  /** What happens without it. */
  readonly consequence: string;
}

/** Names what is refused, and the rule that is missing. */
export function refusal({ what, group, resource, verbs, namespace, consequence }: MissingRight): Problem {
  const rule = `apiGroups: [${JSON.stringify(group)}], resources: [${JSON.stringify(resource)}]`;
  const list = verbs.map((verb) => JSON.stringify(verb)).join(", ");
  const role = `ClusterRole, or to its Role in the namespace ${JSON.stringify(namespace)}`;
  return {
    severity: "warning",
    code: "kube-forbidden",
    message: `the Kubernetes API refuses to ${what}: ${consequence}`,
    hint: `add to weir's ${role}: {${rule}, verbs: [${list}]}`,
  };
}
