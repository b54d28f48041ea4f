// The schemas of all built-in kinds, by version and name. (data)

import type { Schema } from "../kube/schema.ts";
import { cronJob, daemonSet, deployment, job, replicaSet, replicationController, statefulSet } from "./apps-types.ts";
import { configMap, event, eventV1, namespace, node, secret, serviceAccount } from "./core-types.ts";
import { customResourceDefinition } from "./definition-types.ts";
import { betaIngress, endpointSliceOf, ingress, ingressClassOf, networkPolicy } from "./network-types.ts";
import { pod } from "./pod-types.ts";
import { clusterRole, clusterRoleBinding, lease, podDisruptionBudget, role, roleBinding } from "./policy-types.ts";
import { endpoints, service } from "./service-types.ts";
import { persistentVolume, persistentVolumeClaim } from "./storage-types.ts";

const schemas: Readonly<Record<string, Schema>> = {
  "v1/ConfigMap": configMap,
  "v1/Endpoints": endpoints,
  "v1/Event": event,
  "v1/Namespace": namespace,
  "v1/Node": node,
  "v1/PersistentVolume": persistentVolume,
  "v1/PersistentVolumeClaim": persistentVolumeClaim,
  "v1/Pod": pod,
  "v1/ReplicationController": replicationController,
  "v1/Secret": secret,
  "v1/Service": service,
  "v1/ServiceAccount": serviceAccount,
  "apps/v1/DaemonSet": daemonSet,
  "apps/v1/Deployment": deployment,
  "apps/v1/ReplicaSet": replicaSet,
  "apps/v1/StatefulSet": statefulSet,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": customResourceDefinition,
  "batch/v1/CronJob": cronJob,
  "batch/v1/Job": job,
  "batch/v1beta1/CronJob": cronJob,
  "coordination.k8s.io/v1/Lease": lease,
  "discovery.k8s.io/v1/EndpointSlice": endpointSliceOf("v1"),
  "discovery.k8s.io/v1beta1/EndpointSlice": endpointSliceOf("v1beta1"),
  "events.k8s.io/v1/Event": eventV1,
  "extensions/v1beta1/Ingress": betaIngress("extensions"),
  "networking.k8s.io/v1/Ingress": ingress,
  "networking.k8s.io/v1/IngressClass": ingressClassOf("v1"),
  "networking.k8s.io/v1/NetworkPolicy": networkPolicy,
  "networking.k8s.io/v1beta1/Ingress": betaIngress("networking"),
  "networking.k8s.io/v1beta1/IngressClass": ingressClassOf("v1beta1"),
  "policy/v1/PodDisruptionBudget": podDisruptionBudget,
  "rbac.authorization.k8s.io/v1/ClusterRole": clusterRole,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": clusterRoleBinding,
  "rbac.authorization.k8s.io/v1/Role": role,
  "rbac.authorization.k8s.io/v1/RoleBinding": roleBinding,
  "rbac.authorization.k8s.io/v1beta1/ClusterRole": clusterRole,
  "rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding": clusterRoleBinding,
  "rbac.authorization.k8s.io/v1beta1/Role": role,
  "rbac.authorization.k8s.io/v1beta1/RoleBinding": roleBinding,
};

/**
 * The schema of a built-in kind.
 * @param apiVersion `v1`, `apps/v1`
 * @throws {TypeError} for a kind without one
 */
export function builtInSchema(apiVersion: string, kind: string): Schema {
  const schema = schemas[`${apiVersion}/${kind}`];
  if (schema === undefined) throw new TypeError(`${kind} of ${apiVersion} is not a built-in kind`);
  return schema;
}
