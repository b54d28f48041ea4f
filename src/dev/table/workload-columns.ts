// Tables of what makes pods, and of where they run.

import { listAt, numberAt, objectAt, textAt, textsAt, valueAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { type Column, column, wide } from "./column.ts";
import { ageSince, formatAge } from "./duration.ts";

/** `kubectl get deployments`. */
export const deploymentColumns: readonly Column[] = [
  column("Ready", readyOfWanted),
  column("Up-to-date", (object) => numberAt(object, "status", "updatedReplicas") ?? 0),
  column("Available", (object) => numberAt(object, "status", "availableReplicas") ?? 0),
];

/** `kubectl get replicasets`, and of ReplicationControllers. */
export const replicaSetColumns: readonly Column[] = [
  count("Desired", "spec", "replicas"),
  count("Current", "status", "replicas"),
  count("Ready", "status", "readyReplicas"),
];

/** `kubectl get statefulsets`. */
export const statefulSetColumns: readonly Column[] = [column("Ready", readyOfWanted)];

/** `kubectl get daemonsets`. */
export const daemonSetColumns: readonly Column[] = [
  count("Desired", "status", "desiredNumberScheduled"),
  count("Current", "status", "currentNumberScheduled"),
  count("Ready", "status", "numberReady"),
  count("Up-to-date", "status", "updatedNumberScheduled"),
  count("Available", "status", "numberAvailable"),
  column("Node Selector", (object) => pairs(textsAt(object, "spec", "template", "spec", "nodeSelector"))),
];

/** What all of them show after the age. */
export const workloadWideColumns: readonly Column[] = [
  wide("Containers", (object) => containers(object).map((container) => textAt(container, "name") ?? "").join(",")),
  wide("Images", (object) => containers(object).map((container) => textAt(container, "image") ?? "").join(",")),
  wide("Selector", (object) => pairs(textsAt(object, "spec", "selector", "matchLabels"))),
];

/** The same of ReplicationControllers, which select by plain labels. */
export const controllerWideColumns: readonly Column[] = [
  ...workloadWideColumns.slice(0, 2),
  wide("Selector", (object) => pairs(textsAt(object, "spec", "selector"))),
];

/** `kubectl get jobs`. */
export const jobColumns: readonly Column[] = [
  column("Completions", (job) => {
    const [done, wanted] = [numberAt(job, "status", "succeeded") ?? 0, numberAt(job, "spec", "completions")];
    return `${done}/${wanted ?? `1 of ${numberAt(job, "spec", "parallelism") ?? 1}`}`;
  }),
  column("Duration", (job, now) => {
    const [begin, end] = [textAt(job, "status", "startTime"), textAt(job, "status", "completionTime")];
    return begin === undefined ? "" : formatAge((end === undefined ? now : Date.parse(end)) - Date.parse(begin));
  }),
];

/** `kubectl get cronjobs`. */
export const cronJobColumns: readonly Column[] = [
  column("Schedule", (job) => textAt(job, "spec", "schedule") ?? ""),
  column("Suspend", (job) => valueAt(job, "spec", "suspend") === true ? "True" : "False", { type: "boolean" }),
  column("Active", (job) => listAt(job, "status", "active").length, { type: "integer" }),
  column("Last Schedule", (job, now) => {
    const last = textAt(job, "status", "lastScheduleTime");
    return last === undefined ? "<none>" : ageSince(last, now);
  }),
];

/** `kubectl get nodes`. */
export const nodeColumns: readonly Column[] = [
  column("Status", (node) => {
    const ready = listAt(node, "status", "conditions").find((item) => textAt(item, "type") === "Ready");
    const word = ready === undefined ? "Unknown" : textAt(ready, "status") === "True" ? "Ready" : "NotReady";
    return valueAt(node, "spec", "unschedulable") === true ? `${word},SchedulingDisabled` : word;
  }),
  column("Roles", (node) => {
    const prefix = "node-role.kubernetes.io/";
    const roles = Object.keys(textsAt(node, "metadata", "labels")).filter((label) => label.startsWith(prefix));
    return roles.map((label) => label.slice(prefix.length)).sort().join(",") || "<none>";
  }),
];

/** The columns of nodes after the age. */
export const nodeWideColumns: readonly Column[] = [
  column("Version", (node) => textAt(node, "status", "nodeInfo", "kubeletVersion") ?? ""),
  wide("Internal-IP", (node) => addressOf(node, "InternalIP")),
  wide("External-IP", (node) => addressOf(node, "ExternalIP")),
  wide("OS-Image", (node) => textAt(node, "status", "nodeInfo", "osImage") || "<unknown>"),
  wide("Kernel-Version", (node) => textAt(node, "status", "nodeInfo", "kernelVersion") || "<unknown>"),
  wide("Container-Runtime", (node) => textAt(node, "status", "nodeInfo", "containerRuntimeVersion") || "<unknown>"),
];

function addressOf(node: KubeObject, type: string): string {
  const address = listAt(node, "status", "addresses").find((each) => textAt(each, "type") === type);
  return textAt(address, "address") ?? "<none>";
}

/** A column of a number at a path. */
function count(name: string, ...path: readonly string[]): Column {
  return column(name, (object) => numberAt(object, ...path) ?? 0, { type: "integer" });
}

/** `a=b,c=d`, or `<none>`. */
export function pairs(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).map(([key, value]) => `${key}=${value}`).join(",") || "<none>";
}

function readyOfWanted(object: KubeObject): string {
  return `${numberAt(object, "status", "readyReplicas") ?? 0}/${numberAt(object, "spec", "replicas") ?? 0}`;
}

function containers(object: KubeObject): readonly unknown[] {
  const spec = object.kind === "CronJob" ? objectAt(object, "spec", "jobTemplate", "spec") : objectAt(object, "spec");
  return listAt(spec, "template", "spec", "containers");
}
