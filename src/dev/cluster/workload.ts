// Workloads and the pods they want: what a controller manager would work out.

import { safeHash } from "../hash.ts";
import { type JsonObject, numberAt, objectAt, stableText, textAt, textsAt } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, namespaceOf } from "../kube/object.ts";

/** Something that makes pods. */
export interface Workload {
  readonly object: KubeObject;
  readonly namespace: string;
  readonly replicas: number;
  /** Hash of the pod template, part of the names of a Deployment's pods. */
  readonly hash: string;
  readonly podNames: readonly string[];
  /** Labels, annotations and `spec` of the pods. */
  readonly template: JsonObject;
}

const WORKLOAD_KINDS = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"] as const;
const MAX_REPLICAS = 50; // each is a listener of its own; nobody needs more of them on one machine

/** All workloads, ReplicaSets of Deployments left out. */
export function listWorkloads(store: ObjectStore, kinds: KindRegistry): Workload[] {
  return WORKLOAD_KINDS.flatMap((name) => {
    const objects = store.list(kinds.builtIn(name)).filter((object) =>
      objectAt(object, "metadata")["ownerReferences"] === undefined
    );
    return objects.map(toWorkload);
  });
}

function toWorkload(object: KubeObject): Workload {
  const replicas = object.kind === "DaemonSet" ? 1 : Math.min(numberAt(object, "spec", "replicas") ?? 1, MAX_REPLICAS);
  const template = objectAt(object, "spec", "template");
  const hash = safeHash(stableText(template), 9);
  const { name } = object.metadata;
  const podNames = Array.from({ length: replicas }, (_, at) => podName(object.kind, name, hash, at));
  return { object, namespace: namespaceOf(object), replicas, hash, podNames, template };
}

function podName(kind: string, name: string, hash: string, at: number): string {
  if (kind === "StatefulSet") return `${name}-${at}`;
  const suffix = safeHash(`${name}/${hash}/${at}`, 5);
  return kind === "Deployment" ? `${name}-${hash}-${suffix}` : `${name}-${suffix}`;
}

/** The ReplicaSet of a Deployment: pods belong to it, and `kubectl describe` shows it. */
export function replicaSetOf({ object, hash, replicas, template, namespace }: Workload): JsonObject {
  const labels = { ...textsAt(template, "metadata", "labels"), "pod-template-hash": hash };
  const matchLabels = { ...textsAt(object, "spec", "selector", "matchLabels"), "pod-template-hash": hash };
  return {
    metadata: {
      name: `${object.metadata.name}-${hash}`,
      namespace,
      labels,
      annotations: { "deployment.kubernetes.io/desired-replicas": String(replicas) },
      ownerReferences: [ownerOf(object)],
    },
    spec: {
      replicas,
      selector: { ...objectAt(object, "spec", "selector"), matchLabels },
      template: { ...template, metadata: { ...objectAt(template, "metadata"), labels } },
    },
  };
}

/** A reference to the object that controls another one. */
export function ownerOf({ apiVersion, kind, metadata }: KubeObject): JsonObject {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** The status of a workload, given how many of its pods are ready. */
export function workloadStatus({ object, replicas }: Workload, ready: number): JsonObject {
  const observedGeneration = object.metadata.generation ?? 1;
  if (object.kind === "DaemonSet") {
    const scheduled = { currentNumberScheduled: replicas, desiredNumberScheduled: replicas, numberMisscheduled: 0 };
    return {
      ...scheduled,
      numberReady: ready,
      numberAvailable: ready,
      updatedNumberScheduled: replicas,
      observedGeneration,
    };
  }
  // A count of zero is left out, as the gate would: else both would write in turn for ever.
  const readyCounts = ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready };
  const counts = { observedGeneration, replicas, ...readyCounts };
  if (object.kind === "ReplicaSet" || object.kind === "ReplicationController") return counts;
  const updated = replicas === 0 ? counts : { ...counts, updatedReplicas: replicas };
  return object.kind === "Deployment" ? { ...updated, conditions: conditionsOf(object, ready === replicas) } : updated;
}

/** Conditions keep the time of their last change. */
function conditionsOf(deployment: KubeObject, available: boolean): JsonObject[] {
  const status = available ? "True" : "False";
  const since = deployment.metadata.creationTimestamp;
  const condition = (type: string, reason: string, message: string, value: string) => ({
    type,
    status: value,
    reason,
    message,
    lastUpdateTime: since,
    lastTransitionTime: since,
  });
  const text = available ? "Deployment has minimum availability." : "Deployment does not have minimum availability.";
  const reason = available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable";
  const name = textAt(deployment, "metadata", "name") ?? "";
  return [
    condition("Available", reason, text, status),
    condition("Progressing", "NewReplicaSetAvailable", `Deployment "${name}" has successfully progressed.`, "True"),
  ];
}
