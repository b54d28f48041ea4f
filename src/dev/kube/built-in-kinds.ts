// The kinds every cluster has, as far as manifests of an edge proxy and kubectl need them. (data)

import { builtInSchema } from "../built-in/built-in-schemas.ts";
import { type Conversion, eventView } from "../built-in/views.ts";
import { createKind, type Kind, type KindOptions } from "./kind.ts";

const uncounted = { counted: false } as const;
const builtIn = (apiVersion: string, kind: string, options: KindOptions = {}): Kind =>
  createKind(apiVersion, kind, { schema: builtInSchema(apiVersion, kind), ...options });

const withStatus = { subresources: ["status"] } as const;

const ownKinds: readonly Kind[] = [
  builtIn("v1", "ConfigMap", { ...uncounted, shortNames: ["cm"] }),
  builtIn("v1", "Endpoints", { ...uncounted, plural: "endpoints", shortNames: ["ep"], putCreates: true }),
  builtIn("v1", "Event", { ...uncounted, shortNames: ["ev"], putCreates: true }),
  builtIn("v1", "Namespace", {
    ...uncounted,
    namespaced: false,
    shortNames: ["ns"],
    subresources: ["status", "finalize"],
    answersObject: true,
  }),
  builtIn("v1", "Node", { ...uncounted, ...withStatus, namespaced: false, shortNames: ["no"] }),
  builtIn("v1", "PersistentVolumeClaim", { ...uncounted, ...withStatus, shortNames: ["pvc"], answersObject: true }),
  builtIn("v1", "PersistentVolume", {
    ...uncounted,
    ...withStatus,
    namespaced: false,
    shortNames: ["pv"],
    answersObject: true,
  }),
  builtIn("v1", "Pod", {
    ...uncounted,
    shortNames: ["po"],
    categories: ["all"],
    subresources: ["status", "log"],
    answersObject: true,
  }),
  builtIn("v1", "ReplicationController", {
    shortNames: ["rc"],
    categories: ["all"],
    subresources: ["status", "scale"],
  }),
  builtIn("v1", "Secret", uncounted),
  builtIn("v1", "ServiceAccount", { ...uncounted, shortNames: ["sa"], answersObject: true }),
  builtIn("v1", "Service", {
    ...uncounted,
    ...withStatus,
    shortNames: ["svc"],
    categories: ["all"],
    answersObject: true,
    putCreates: true,
  }),
  builtIn("apps/v1", "DaemonSet", { ...withStatus, shortNames: ["ds"], categories: ["all"] }),
  builtIn("apps/v1", "Deployment", {
    countedMetadata: ["annotations"],
    shortNames: ["deploy"],
    categories: ["all"],
    subresources: ["status", "scale"],
  }),
  builtIn("apps/v1", "ReplicaSet", {
    shortNames: ["rs"],
    categories: ["all"],
    subresources: ["status", "scale"],
  }),
  builtIn("apps/v1", "StatefulSet", {
    shortNames: ["sts"],
    categories: ["all"],
    subresources: ["status", "scale"],
  }),
  builtIn("batch/v1", "CronJob", { ...withStatus, shortNames: ["cj"], categories: ["all"] }),
  builtIn("batch/v1", "Job", { ...withStatus, categories: ["all"] }),
  builtIn("networking.k8s.io/v1", "Ingress", { ...withStatus, shortNames: ["ing"], errorGroup: "extensions" }),
  builtIn("networking.k8s.io/v1", "IngressClass", { namespaced: false }),
  builtIn("networking.k8s.io/v1", "NetworkPolicy", { shortNames: ["netpol"] }),
  builtIn("policy/v1", "PodDisruptionBudget", { ...withStatus, shortNames: ["pdb"] }),
  builtIn("rbac.authorization.k8s.io/v1", "ClusterRole", { ...uncounted, namespaced: false }),
  builtIn("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", { ...uncounted, namespaced: false }),
  builtIn("rbac.authorization.k8s.io/v1", "Role", uncounted),
  builtIn("rbac.authorization.k8s.io/v1", "RoleBinding", uncounted),
  builtIn("coordination.k8s.io/v1", "Lease", { ...uncounted, putCreates: true }),
  builtIn("discovery.k8s.io/v1", "EndpointSlice", { countedMetadata: ["labels"] }),
  builtIn("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
    ...withStatus,
    namespaced: false,
    shortNames: ["crd", "crds"],
    categories: ["api-extensions"],
  }),
];

/**
 * A version of a kind that shows the stored objects of the present one.
 * @throws {TypeError} when no kind of that name is stored
 */
export function viewOf(apiVersion: string, kind: string, conversion: Conversion, options: KindOptions = {}): Kind {
  const stored = ownKinds.find((each) => each.kind === kind);
  if (stored === undefined) throw new TypeError(`${kind} is not a built-in kind`);
  return builtIn(apiVersion, kind, { view: { stored, ...conversion }, ...options });
}

/** Core group first, then in the order a real server lists its groups; views come last. */
export const builtInKinds: readonly Kind[] = [
  ...ownKinds,
  viewOf("events.k8s.io/v1", "Event", eventView, {
    ...uncounted,
    shortNames: ["ev"],
    putCreates: true,
    errorGroup: "",
  }),
];
