// Keeps the pods and ReplicaSets that workloads want, and the status of the workloads.

import { TOKEN_PATH } from "../built-in/pod-admission.ts";
import { type JsonObject, listAt, objectAt, sameJson, textAt, valueAt } from "../json.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import type { ClusterState } from "./cluster-state.ts";
import { isReady, podOf } from "./pod.ts";
import { listWorkloads, replicaSetOf, type Workload, workloadStatus } from "./workload.ts";

const CONTROLLERS = new Set(["ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet"]);

/** Creates and deletes ReplicaSets and pods. @returns the workloads they belong to */
export function keepPods(state: ClusterState): Workload[] {
  const workloads = listWorkloads(state.store, state.kinds);
  const sets = new Set<string>();
  const pods = new Set<string>();
  for (const workload of workloads) {
    const owner = ownerObject(state, workload);
    if (owner.kind === "ReplicaSet") sets.add(keyOf(owner));
    for (const name of workload.podNames) {
      pods.add(`${workload.namespace}/${name}`);
      keepPod(state, workload, { name, owner });
    }
  }
  for (const set of state.list("ReplicaSet")) {
    if (ownerOf(set)?.kind === "Deployment" && !sets.has(keyOf(set))) state.remove("ReplicaSet", set);
  }
  for (const pod of state.list("Pod")) {
    const kind = ownerOf(pod)?.kind;
    if (kind !== undefined && CONTROLLERS.has(kind) && !pods.has(keyOf(pod))) state.remove("Pod", pod);
  }
  return workloads;
}

/** What the workload's pods belong to: a ReplicaSet of their Deployment, or the workload itself. */
function ownerObject(state: ClusterState, workload: Workload): KubeObject {
  if (workload.object.kind !== "Deployment") return workload.object;
  const wanted = replicaSetOf(workload);
  const status = state.get("ReplicaSet", workload.namespace, nameOf(wanted))?.["status"] ?? {};
  return state.admit("ReplicaSet", { ...wanted, status });
}

function keepPod(state: ClusterState, workload: Workload, { name, owner }: { name: string; owner: KubeObject }): void {
  const pod = state.get("Pod", workload.namespace, name);
  const wanted = podOf(workload, name, owner);
  if (pod === undefined) {
    state.admit("Pod", wanted);
    return;
  }
  const sameOwner = ownerOf(pod)?.uid === owner.metadata.uid;
  const samePlan = sameJson(plannedContainers(pod), plannedContainers(wanted));
  if (samePlan && sameOwner) return;
  if (samePlan) state.admit("Pod", { ...wanted, spec: pod["spec"], status: pod["status"] });
  else { // only the image of a pod may change: it is born anew
    state.remove("Pod", pod);
    state.admit("Pod", wanted);
  }
}

/** The containers of a pod as its template has them, without what a pod is given when it is born. */
function plannedContainers(pod: JsonObject): unknown[] {
  return listAt(pod, "spec", "containers").map((container) => {
    const mounts = listAt(container, "volumeMounts").filter((mount) => textAt(mount, "mountPath") !== TOKEN_PATH);
    return {
      ...objectAt({ container }, "container"),
      volumeMounts: mounts,
      resources: valueAt(container, "resources", "limits"),
    };
  });
}

/** Writes how many pods of each workload are ready. */
export function keepWorkloadStatus(state: ClusterState, workloads: readonly Workload[]): void {
  for (const workload of workloads) {
    const { namespace, podNames, object } = workload;
    const ready = podNames.filter((name) => {
      const pod = state.get("Pod", namespace, name);
      return pod !== undefined && isReady(pod);
    }).length;
    const current = state.get(object.kind, namespace, nameOf(object));
    if (current === undefined) continue;
    state.put(object.kind, { ...current, status: workloadStatus({ ...workload, object: current }, ready) });
    const set = object.kind === "Deployment"
      ? state.get("ReplicaSet", namespace, `${nameOf(object)}-${workload.hash}`)
      : undefined;
    if (set !== undefined) {
      state.put("ReplicaSet", { ...set, status: workloadStatus({ ...workload, object: set }, ready) });
    }
  }
}

/** The name of the workload that made a pod; the pod's own name for one that nobody made. */
export function workloadNameOf(state: ClusterState, pod: KubeObject): string {
  const owner = ownerOf(pod);
  if (owner === undefined) return nameOf(pod);
  const set = owner.kind === "ReplicaSet" ? state.get("ReplicaSet", namespaceOf(pod), owner.name) : undefined;
  return (set && ownerOf(set)?.name) ?? owner.name;
}

function ownerOf(object: KubeObject): { kind: string; name: string; uid: string } | undefined {
  const owner = objectAt(object, "metadata", "ownerReferences", 0);
  const kind = textAt(owner, "kind");
  if (kind === undefined) return undefined;
  return { kind, name: textAt(owner, "name") ?? "", uid: textAt(owner, "uid") ?? "" };
}

function keyOf(object: KubeObject): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}
