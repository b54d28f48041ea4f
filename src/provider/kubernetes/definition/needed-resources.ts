// What weir lists and watches, as roles name it: derived from the lists that its providers work with.

import { onDemandResources } from "../backend/resources.ts";
import { formsOf, type Resource } from "../client/resource.ts";
import { crdResources } from "../crd/kinds.ts";
import { ingressResources } from "../ingress/kinds.ts";
import { traefikGroups } from "../traefik-group.ts";

/** Plural names, each once and in order. */
export interface NeededResources {
  readonly traefik: readonly string[];
  /** Of the core group; Secrets have a rule of their own. */
  readonly core: readonly string[];
  readonly discovery: readonly string[];
  readonly networking: readonly string[];
  /** The API groups that have Ingresses, in servers of all ages. */
  readonly ingressGroups: readonly string[];
}

/** @param cluster also what is in no namespace */
export function neededResources(cluster: boolean): NeededResources {
  const all = [...crdResources, ...ingressResources, ...onDemandResources({ disableClusterScopeResources: !cluster })]
    .filter(({ clusterScoped }) => cluster || clusterScoped !== true);
  const named = (isWanted: (resource: Resource) => boolean): string[] => {
    return [...new Set(all.filter(isWanted).map(({ plural }) => plural))].toSorted();
  };
  const ingresses = all.filter(({ kind }) => kind === "Ingress").flatMap(formsOf);
  return {
    traefik: named(({ group }) => traefikGroups.some((each) => each === group)),
    core: named(({ group, kind }) => group === "" && kind !== "Secret"),
    discovery: named(({ group }) => group === "discovery.k8s.io"),
    networking: named(({ group }) => group === "networking.k8s.io"),
    ingressGroups: [...new Set(ingresses.map(({ group }) => group))],
  };
}
