// A kind as the API server serves it, and the paths under which it lists.

import type { KindNames } from "../store/object.ts";

/** A kind to list and watch. All of them are namespaced. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** The provider's label selector applies to it: true for Traefik's own kinds only. */
  readonly labelled: boolean;
}

/** Group and kind in one text, the key of everything kept per kind: `traefik.io/IngressRoute`, `/Service`. */
export function resourceId(resource: Pick<Resource, "group" | "kind">): string {
  return `${resource.group}/${resource.kind}`;
}

/** `apiVersion` and `kind` of its objects. */
export function kindNames(resource: Resource): KindNames {
  const { group, version, kind } = resource;
  return { apiVersion: group === "" ? version : `${group}/${version}`, kind };
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
