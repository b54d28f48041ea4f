// The kinds that the Ingress provider lists and watches.

import { backendResources } from "../backend/resources.ts";
import type { Resource } from "../client/resource.ts";
import { type ClassOptions, looksUpClasses } from "./ingress-class.ts";

/** Id under which Ingresses are stored, whatever version they came in. */
export const INGRESS = "networking.k8s.io/Ingress";

const ingressResource: Resource = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  labelled: true,
  // Before Kubernetes 1.19, and before 1.14.
  alternatives: [{ group: "networking.k8s.io", version: "v1beta1" }, { group: "extensions", version: "v1beta1" }],
};

const ingressClassResource: Resource = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  labelled: false,
  clusterScoped: true,
  otherwise: 'until then an Ingress that names a class is served when that is the ingressClass option, or "traefik" ' +
    "without it, which disableIngressClassLookup=true makes the rule",
  alternatives: [{ group: "networking.k8s.io", version: "v1beta1" }],
};

/** Ingresses, which carry the label selector, their classes, and what they lead to. */
export const ingressResources: readonly Resource[] = [ingressResource, ingressClassResource, ...backendResources];

/** Those of them that a provider with these options reads. */
export function resourcesToRead(options: Omit<ClassOptions, "ingressClass">): readonly Resource[] {
  return ingressResources.filter((resource) => resource !== ingressClassResource || looksUpClasses(options));
}
