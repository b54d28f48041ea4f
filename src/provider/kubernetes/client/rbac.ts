// What to tell the operator when the API server refuses a kind, or does not know it.

import type { Problem } from "../../../schema/problem.ts";
import { traefikGroups } from "../traefik-group.ts";
import type { Selection } from "./list.ts";
import { apiVersionOf, formsOf, qualifiedPlural, type Resource } from "./resource.ts";

/** Names the kind, the place and the rule that is missing. */
export function forbiddenProblem({ resource, namespace }: Selection, verb: "list" | "watch"): Problem {
  const place = namespace === undefined ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const role = namespace === undefined ? "ClusterRole" : `Role in the namespace ${JSON.stringify(namespace)}`;
  const rule = `apiGroups: [${JSON.stringify(resource.group)}], resources: [${JSON.stringify(resource.plural)}]`;
  const otherwise = resource.otherwise === undefined ? "" : `; ${resource.otherwise}`;
  return {
    severity: "error",
    code: "kube-forbidden",
    message: `the Kubernetes API refuses to ${verb} ${qualifiedPlural(resource)} ${place}`,
    hint: `add to weir's ${role}: {${rule}, verbs: ["get", "list", "watch"]}${otherwise}`,
  };
}

/** Names a kind, and the forms of it that would do. */
export function notServedProblem(resource: Resource): Problem {
  return {
    severity: "warning",
    code: "kube-not-served",
    message: `the Kubernetes API does not serve ${qualifiedPlural(resource)} (${versionsOf([resource])})`,
    hint: isTraefikKind(resource) ? INSTALL : "a newer cluster serves them",
  };
}

/**
 * The same of all kinds that are missing: of Traefik's there are twenty, which come and go together.
 * @param missing kinds that no API group serves
 */
export function notServedProblems(missing: readonly Resource[]): Problem[] {
  const traefik = missing.filter(isTraefikKind);
  const others = missing.filter((resource) => !isTraefikKind(resource)).map(notServedProblem);
  const [first] = traefik;
  if (first === undefined) return others;
  const plurals = [...new Set(traefik.map(({ plural }) => plural))].join(", ");
  const message = `the Kubernetes API does not serve ${plurals} (${versionsOf(traefik)})`;
  return [{ ...notServedProblem(first), message }, ...others];
}

const INSTALL = "install their definitions: weir crds > crds.yaml && kubectl apply -f crds.yaml";

function isTraefikKind({ group }: Resource): boolean {
  return traefikGroups.some((each) => each === group);
}

function versionsOf(resources: readonly Resource[]): string {
  return [...new Set(resources.flatMap(formsOf).map(apiVersionOf))].join(", ");
}
