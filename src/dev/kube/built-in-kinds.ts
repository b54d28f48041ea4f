// The kinds every cluster has, as far as manifests of an edge proxy and kubectl need them. (data)

import { createKind, type Kind } from "./kind.ts";

const uncounted = { counted: false } as const;
const withStatus = { subresources: ["status"] } as const;

/** Core group first, then in the order a real server lists its groups. */
export const builtInKinds: readonly Kind[] = [
  createKind("v1", "ConfigMap", { ...uncounted, shortNames: ["cm"] }),
  createKind("v1", "Endpoints", { ...uncounted, plural: "endpoints", shortNames: ["ep"], putCreates: true }),
  createKind("v1", "Event", { ...uncounted, shortNames: ["ev"], putCreates: true }),
  createKind("v1", "Namespace", {
    ...uncounted,
    namespaced: false,
    shortNames: ["ns"],
    subresources: ["status", "finalize"],
    answersObject: true,
  }),
  createKind("v1", "Node", { ...uncounted, ...withStatus, namespaced: false, shortNames: ["no"] }),
  createKind("v1", "Pod", {
    ...uncounted,
    shortNames: ["po"],
    categories: ["all"],
    subresources: ["status", "log"],
    answersObject: true,
  }),
  createKind("v1", "Secret", uncounted),
  createKind("v1", "ServiceAccount", { ...uncounted, shortNames: ["sa"], answersObject: true }),
  createKind("v1", "Service", {
    ...uncounted,
    ...withStatus,
    shortNames: ["svc"],
    categories: ["all"],
    answersObject: true,
    putCreates: true,
  }),
  createKind("apps/v1", "DaemonSet", { ...withStatus, shortNames: ["ds"], categories: ["all"] }),
  createKind("apps/v1", "Deployment", {
    shortNames: ["deploy"],
    categories: ["all"],
    subresources: ["status", "scale"],
  }),
  createKind("apps/v1", "ReplicaSet", {
    shortNames: ["rs"],
    categories: ["all"],
    subresources: ["status", "scale"],
  }),
  createKind("apps/v1", "StatefulSet", {
    shortNames: ["sts"],
    categories: ["all"],
    subresources: ["status", "scale"],
  }),
  createKind("networking.k8s.io/v1", "Ingress", { ...withStatus, shortNames: ["ing"] }),
  createKind("networking.k8s.io/v1", "IngressClass", { namespaced: false }),
  createKind("networking.k8s.io/v1", "NetworkPolicy", { shortNames: ["netpol"] }),
  createKind("policy/v1", "PodDisruptionBudget", { ...withStatus, shortNames: ["pdb"] }),
  createKind("rbac.authorization.k8s.io/v1", "ClusterRole", { ...uncounted, namespaced: false }),
  createKind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", { ...uncounted, namespaced: false }),
  createKind("rbac.authorization.k8s.io/v1", "Role", uncounted),
  createKind("rbac.authorization.k8s.io/v1", "RoleBinding", uncounted),
  createKind("coordination.k8s.io/v1", "Lease", { ...uncounted, putCreates: true }),
  createKind("discovery.k8s.io/v1", "EndpointSlice"),
  createKind("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
    ...withStatus,
    namespaced: false,
    shortNames: ["crd", "crds"],
    categories: ["api-extensions"],
  }),
];

const traefikKinds = [
  "IngressRoute",
  "IngressRouteTCP",
  "IngressRouteUDP",
  "Middleware",
  "MiddlewareTCP",
  "ServersTransport",
  "TLSOption",
  "TLSStore",
  "TraefikService",
] as const;

/** Traefik's kinds in the old and the new group, as its own CustomResourceDefinitions declare them. */
export const traefikCustomKinds: readonly Kind[] = [
  ...traefikKinds.map((kind) => createKind("traefik.containo.us/v1alpha1", kind, { custom: true })),
  ...[...traefikKinds, "ServersTransportTCP"].sort().map((kind) =>
    createKind("traefik.io/v1alpha1", kind, { custom: true })
  ),
];
