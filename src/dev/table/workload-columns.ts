// Tables of pods and of what makes them.

import { isList, isObject, listAt, numberAt, objectAt, textAt, textsAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { type Column, column, wide } from "./column.ts";
import { formatAge } from "./duration.ts";

/** `kubectl get pods`. */
export const podColumns: readonly Column[] = [
  column("Ready", (pod) => {
    const statuses = listAt(pod, "status", "containerStatuses");
    const ready = statuses.filter((status) => isObject(status) && status["ready"] === true).length;
    return `${ready}/${listAt(pod, "spec", "containers").length}`;
  }),
  column("Status", (pod) => {
    if (pod.metadata.deletionTimestamp !== undefined) return "Terminating";
    return textAt(pod, "status", "reason") ?? textAt(pod, "status", "phase") ?? "";
  }),
  column("Restarts", () => "0"),
];

/** The columns of pods after the age. */
export const podWideColumns: readonly Column[] = [
  wide("IP", (pod) => textAt(pod, "status", "podIP") ?? "<none>"),
  wide("Node", (pod) => textAt(pod, "spec", "nodeName") ?? "<none>"),
  wide("Nominated Node", () => "<none>"),
  wide("Readiness Gates", () => "<none>"),
];

/** `kubectl get deployments`. */
export const deploymentColumns: readonly Column[] = [
  column("Ready", readyOfWanted),
  column("Up-to-date", (object) => numberAt(object, "status", "updatedReplicas") ?? 0),
  column("Available", (object) => numberAt(object, "status", "availableReplicas") ?? 0),
];

/** `kubectl get replicasets`. */
export const replicaSetColumns: readonly Column[] = [
  column("Desired", (object) => numberAt(object, "spec", "replicas") ?? 0),
  column("Current", (object) => numberAt(object, "status", "replicas") ?? 0),
  column("Ready", (object) => numberAt(object, "status", "readyReplicas") ?? 0),
];

/** `kubectl get statefulsets`. */
export const statefulSetColumns: readonly Column[] = [column("Ready", readyOfWanted)];

/** `kubectl get daemonsets`. */
export const daemonSetColumns: readonly Column[] = [
  column("Desired", (object) => numberAt(object, "status", "desiredNumberScheduled") ?? 0),
  column("Current", (object) => numberAt(object, "status", "currentNumberScheduled") ?? 0),
  column("Ready", (object) => numberAt(object, "status", "numberReady") ?? 0),
  column("Up-to-date", (object) => numberAt(object, "status", "updatedNumberScheduled") ?? 0),
  column("Available", (object) => numberAt(object, "status", "numberAvailable") ?? 0),
  column("Node Selector", (object) => pairs(textsAt(object, "spec", "template", "spec", "nodeSelector"))),
];

/** What all of them show after the age. */
export const workloadWideColumns: readonly Column[] = [
  wide("Containers", (object) => containers(object).map((container) => textAt(container, "name") ?? "").join(",")),
  wide("Images", (object) => containers(object).map((container) => textAt(container, "image") ?? "").join(",")),
  wide("Selector", (object) => pairs(textsAt(object, "spec", "selector", "matchLabels"))),
];

/** `kubectl get nodes`. */
export const nodeColumns: readonly Column[] = [
  column("Status", (node) => {
    const ready = listAt(node, "status", "conditions").find((item) => textAt(item, "type") === "Ready");
    if (ready === undefined) return "Unknown";
    return textAt(ready, "status") === "True" ? "Ready" : "NotReady";
  }),
  column("Roles", (node) => {
    const prefix = "node-role.kubernetes.io/";
    const roles = Object.keys(textsAt(node, "metadata", "labels")).filter((label) => label.startsWith(prefix));
    return roles.map((label) => label.slice(prefix.length)).join(",") || "<none>";
  }),
];

/** The columns of nodes after the age. */
export const nodeWideColumns: readonly Column[] = [
  column("Version", (node) => textAt(node, "status", "nodeInfo", "kubeletVersion") ?? ""),
  wide("Internal-IP", (node) => {
    const addresses = listAt(node, "status", "addresses");
    const internal = addresses.find((address) => textAt(address, "type") === "InternalIP");
    return textAt(internal, "address") ?? "<none>";
  }),
  wide("External-IP", () => "<none>"),
  wide("OS-Image", (node) => textAt(node, "status", "nodeInfo", "osImage") || "<unknown>"),
  wide("Kernel-Version", (node) => textAt(node, "status", "nodeInfo", "kernelVersion") || "<unknown>"),
  wide("Container-Runtime", (node) => textAt(node, "status", "nodeInfo", "containerRuntimeVersion") || "<unknown>"),
];

/** `kubectl get events`; its first column is an age. */
export const eventColumns: readonly Column[] = [
  column("Last Seen", (event, now) => {
    const seen = Date.parse(textAt(event, "lastTimestamp") ?? "");
    return Number.isNaN(seen) ? "<unknown>" : formatAge(now - seen);
  }),
  column("Type", (event) => textAt(event, "type") ?? ""),
  column("Reason", (event) => textAt(event, "reason") ?? ""),
  column("Object", (event) => {
    const about = objectAt(event, "involvedObject");
    return `${(textAt(about, "kind") ?? "").toLowerCase()}/${textAt(about, "name") ?? ""}`;
  }),
  column("Message", (event) => (textAt(event, "message") ?? "").trim()),
];

/** `a=b,c=d`, or `<none>`. */
export function pairs(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).map(([key, value]) => `${key}=${value}`).join(",") || "<none>";
}

function readyOfWanted(object: KubeObject): string {
  return `${numberAt(object, "status", "readyReplicas") ?? 0}/${numberAt(object, "spec", "replicas") ?? 0}`;
}

function containers(object: KubeObject): readonly unknown[] {
  const list = objectAt(object, "spec", "template", "spec")["containers"];
  return isList(list) ? list : [];
}
