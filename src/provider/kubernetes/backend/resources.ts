// The built-in kinds that every provider reads.

import type { Resource } from "../client/resource.ts";

/** Services. */
export const serviceResource: Resource = {
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  labelled: false,
};

/** Services and their slices. */
export const backendResources: readonly Resource[] = [
  serviceResource,
  {
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    labelled: false,
    alternatives: [{ group: "discovery.k8s.io", version: "v1beta1" }], // Kubernetes before 1.21
  },
];

/** Read only once something refers to one of them: most installations never need them, nor the right to read them. */
export function onDemandResources(
  { disableClusterScopeResources }: { readonly disableClusterScopeResources: boolean },
): readonly Resource[] {
  return [
    { group: "", version: "v1", kind: "Secret", plural: "secrets", labelled: false, byName: true },
    { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", labelled: false, byName: true },
    ...(disableClusterScopeResources ? [] : [nodeResource]),
  ];
}

/** Nodes, whose addresses `nodePortLB` and the status of Ingresses need. */
export const nodeResource: Resource = {
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  labelled: false,
  clusterScoped: true,
};
