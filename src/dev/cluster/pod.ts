// Pods of the simulated cluster: what they look like waiting and running.

import { type JsonObject, listAt, objectAt, textAt, textsAt } from "../json.ts";
import { type KubeObject, timestamp } from "../kube/object.ts";
import { ownerOf, type Workload } from "./workload.ts";

/** The only node; every pod runs on it. */
export const NODE_NAME = "weir";

/** Where every pod listens. */
export const POD_ADDRESS = "127.0.0.1";

/** A pod as its workload wants it. @param owner the object that controls it */
export function podOf(workload: Workload, name: string, owner: KubeObject): JsonObject {
  const { template, namespace, hash, object } = workload;
  const labels = textsAt(template, "metadata", "labels");
  if (object.kind === "Deployment") labels["pod-template-hash"] = hash;
  if (object.kind === "StatefulSet") labels["statefulset.kubernetes.io/pod-name"] = name;
  return {
    metadata: {
      name,
      namespace,
      labels,
      annotations: textsAt(template, "metadata", "annotations"),
      ownerReferences: [ownerOf(owner)],
    },
    spec: objectAt(template, "spec"),
  };
}

/** The pod with the status of one that runs and is ready, or of one whose port could not be opened. */
export function runningPod(pod: KubeObject, failure: string | undefined): JsonObject {
  const started = textAt(pod, "status", "startTime") ?? timestamp(new Date());
  const ready = failure === undefined;
  const condition = (type: string, status: boolean) => ({
    type,
    status: status ? "True" : "False",
    lastProbeTime: null,
    lastTransitionTime: started,
  });
  return {
    ...pod,
    spec: { ...objectAt(pod, "spec"), nodeName: NODE_NAME },
    status: {
      phase: "Running",
      ...(failure === undefined ? {} : { reason: "ListenFailed", message: failure }),
      conditions: [
        condition("Initialized", true),
        condition("Ready", ready),
        condition("ContainersReady", ready),
        condition("PodScheduled", true),
      ],
      hostIP: POD_ADDRESS,
      podIP: POD_ADDRESS,
      podIPs: [{ ip: POD_ADDRESS }],
      startTime: started,
      containerStatuses: listAt(pod, "spec", "containers").map((container) =>
        containerStatus(container, ready, started)
      ),
      qosClass: "BestEffort",
    },
  };
}

function containerStatus(container: unknown, ready: boolean, started: string): JsonObject {
  const image = textAt(container, "image") ?? "";
  return {
    name: textAt(container, "name") ?? "",
    state: { running: { startedAt: started } },
    lastState: {},
    ready,
    restartCount: 0,
    image,
    imageID: image,
    started: true,
  };
}

/** Whether a pod takes traffic. */
export function isReady(pod: KubeObject): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  const conditions = listAt(pod, "status", "conditions");
  return conditions.some((each) => textAt(each, "type") === "Ready" && textAt(each, "status") === "True");
}

/** The node that pods claim to run on. */
export function nodeObject(hostname: string): JsonObject {
  return {
    metadata: {
      name: NODE_NAME,
      labels: { "kubernetes.io/hostname": NODE_NAME, "node-role.kubernetes.io/control-plane": "" },
    },
    spec: {},
    status: {
      addresses: [{ type: "InternalIP", address: POD_ADDRESS }, { type: "Hostname", address: hostname }],
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "weir dev is running" }],
      nodeInfo: { kubeletVersion: "v1.26.1", osImage: "weir dev", containerRuntimeVersion: "weir://dev" },
    },
  };
}
