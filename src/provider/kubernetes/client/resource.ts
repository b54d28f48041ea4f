// A kind as the API server serves it, and the paths under which it lists.

import type { KindNames } from "../store/object.ts";

/** A kind to list and watch. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** The provider's label selector applies to it: true for Traefik's own kinds only. */
  readonly labelled: boolean;
  /** A selector of its own, whatever the provider's is. */
  readonly labelSelector?: string;
  /** Only those of its objects are read that something refers to. */
  readonly byName?: true;
  /** Its objects are in no namespace: listed for the whole cluster, whatever namespaces are watched. */
  readonly clusterScoped?: true;
  /** What follows where the right to read it is missing, and what to do instead; for the hint. */
  readonly otherwise?: string;
  /** Where older servers have the same kind, the best first, after `group` and `version`. */
  readonly alternatives?: readonly GroupVersion[];
}

/** An API group and one of its versions. */
export interface GroupVersion {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
}

/** The forms of a kind that weir reads, in order of preference. */
export function formsOf(resource: Resource): readonly Resource[] {
  return [resource, ...(resource.alternatives ?? []).map(({ group, version }) => ({ ...resource, group, version }))];
}

/** As the field `apiVersion` has it. */
export function apiVersionOf({ group, version }: GroupVersion): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Group and kind in one text, the key of everything kept per kind: `traefik.io/IngressRoute`, `/Service`. */
export function resourceId(resource: Pick<Resource, "group" | "kind">): string {
  return `${resource.group}/${resource.kind}`;
}

/** `apiVersion` and `kind` of its objects. */
export function kindNames(resource: Resource): KindNames {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind };
}

/** As kubectl and RBAC write it: `ingressroutes.traefik.io`. */
export function qualifiedPlural(resource: Resource): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}

/** @param namespace absent: all namespaces */
export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const base = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${base}${scope}/${resource.plural}`;
}
