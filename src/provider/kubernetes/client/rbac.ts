// What to tell the operator when the API server refuses a kind, or does not know it.

import type { Problem } from "../../../schema/problem.ts";
import type { Selection } from "./list.ts";
import { apiVersionOf, formsOf, qualifiedPlural } from "./resource.ts";

/** Names the kind, the place and the rule that is missing. */
export function accessProblem(
  { resource, namespace }: Selection,
  verb: "list" | "watch",
  failure: "forbidden" | "not-served",
): Problem {
  const plural = qualifiedPlural(resource);
  if (failure === "not-served") {
    const versions = formsOf(resource).map(apiVersionOf).join(", ");
    return {
      severity: "warning",
      code: "kube-not-served",
      message: `the Kubernetes API does not serve ${plural} (${versions})`,
      hint: resource.labelled ? `install the CustomResourceDefinition ${plural}` : "a newer cluster serves them",
    };
  }
  const place = namespace === undefined ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const role = namespace === undefined ? "ClusterRole" : `Role in the namespace ${JSON.stringify(namespace)}`;
  const rule = `apiGroups: [${JSON.stringify(resource.group)}], resources: [${JSON.stringify(resource.plural)}]`;
  return {
    severity: "error",
    code: "kube-forbidden",
    message: `the Kubernetes API refuses to ${verb} ${plural} ${place}`,
    hint: `add to weir's ${role}: {${rule}, verbs: ["get", "list", "watch"]}`,
  };
}
