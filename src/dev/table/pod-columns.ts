// Tables of pods: the one word that says how a pod is doing.

import { type JsonObject, listAt, numberAt, objectAt, textAt, valueAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { type Column, column, wide } from "./column.ts";
import { formatAge } from "./duration.ts";

/** What the containers of a pod tell together. */
interface PodSummary {
  readonly reason: string;
  readonly ready: number;
  readonly restarts: number;
  /** When the last one was restarted; empty: never. */
  readonly restarted: string;
}

/** `kubectl get pods`. */
export const podColumns: readonly Column[] = [
  column("Ready", (pod) => `${summaryOf(pod).ready}/${listAt(pod, "spec", "containers").length}`),
  column("Status", (pod) => summaryOf(pod).reason),
  column("Restarts", (pod, now) => {
    const { restarts, restarted } = summaryOf(pod);
    return restarted === "" ? String(restarts) : `${restarts} (${formatAge(now - Date.parse(restarted))} ago)`;
  }),
];

/** The columns of pods after the age. */
export const podWideColumns: readonly Column[] = [
  wide("IP", (pod) => textAt(pod, "status", "podIPs", 0, "ip") || textAt(pod, "status", "podIP") || "<none>"),
  wide("Node", (pod) => textAt(pod, "spec", "nodeName") || "<none>"),
  wide("Nominated Node", (pod) => textAt(pod, "status", "nominatedNodeName") || "<none>"),
  wide("Readiness Gates", (pod) => {
    const gates = listAt(pod, "spec", "readinessGates").map((gate) => textAt(gate, "conditionType") ?? "");
    return gates.length === 0 ? "<none>" : `${gates.filter((gate) => isTrue(pod, gate)).length}/${gates.length}`;
  }),
];

function summaryOf(pod: KubeObject): PodSummary {
  const summary = beginningOf(pod) ?? runningOf(pod);
  if (pod.metadata.deletionTimestamp === undefined) return summary;
  return { ...summary, reason: textAt(pod, "status", "reason") === "NodeLost" ? "Unknown" : "Terminating" };
}

/** While containers that come before the others are not done. */
function beginningOf(pod: KubeObject): PodSummary | undefined {
  const statuses = listAt(pod, "status", "initContainerStatuses");
  const total = listAt(pod, "spec", "initContainers").length;
  let restarts = 0;
  for (const [at, status] of statuses.entries()) {
    restarts += numberAt(status, "restartCount") ?? 0;
    const ended = objectAt(status, "state", "terminated");
    if (numberAt(ended, "exitCode") === 0) continue;
    const waiting = textAt(status, "state", "waiting", "reason") ?? "";
    const reason = Object.keys(ended).length > 0
      ? `Init:${endReason(ended)}`
      : waiting !== "" && waiting !== "PodInitializing"
      ? `Init:${waiting}`
      : `Init:${at}/${total}`;
    return { reason, ready: 0, restarts, restarted: "" };
  }
  return undefined;
}

function runningOf(pod: KubeObject): PodSummary {
  const statuses = listAt(pod, "status", "containerStatuses");
  let reason = textAt(pod, "status", "reason") || textAt(pod, "status", "phase") || "";
  let [ready, restarts, restarted, runs] = [0, 0, "", false];
  for (const status of statuses.toReversed()) {
    restarts += numberAt(status, "restartCount") ?? 0;
    const last = textAt(status, "lastState", "terminated", "finishedAt") ?? "";
    if (last > restarted) restarted = last;
    const halted = haltReason(status);
    if (halted !== "") reason = halted;
    else if (isRunning(status)) [ready, runs] = [ready + 1, true];
  }
  if (reason === "Completed" && runs) reason = isTrue(pod, "Ready") ? "Running" : "NotReady";
  return { reason, ready, restarts, restarted };
}

/** Why a container does not run; empty: it does, or nobody knows. */
function haltReason(status: unknown): string {
  const ended = objectAt(status, "state", "terminated");
  return textAt(status, "state", "waiting", "reason") || (Object.keys(ended).length > 0 ? endReason(ended) : "");
}

function isRunning(status: unknown): boolean {
  return valueAt(status, "ready") === true && valueAt(status, "state", "running") !== undefined;
}

function endReason(ended: JsonObject): string {
  const signal = numberAt(ended, "signal") ?? 0;
  return textAt(ended, "reason") ||
    (signal === 0 ? `ExitCode:${numberAt(ended, "exitCode") ?? 0}` : `Signal:${signal}`);
}

function isTrue(pod: KubeObject, type: string): boolean {
  return listAt(pod, "status", "conditions").some((each) =>
    textAt(each, "type") === type && textAt(each, "status") === "True"
  );
}
