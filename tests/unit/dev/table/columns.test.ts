// Unit tests of the tables of built-in kinds.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../src/dev/json.ts";
import { KindRegistry } from "../../../../src/dev/kube/kind-registry.ts";
import { createObject } from "../../../../src/dev/kube/object.ts";
import { toTable } from "../../../../src/dev/table/table.ts";

const kinds = new KindRegistry();

function table(apiVersion: string, kindName: string, content: JsonObject): JsonObject {
  const kind = kinds.named(apiVersion, kindName);
  assert.ok(kind !== undefined);
  const object = createObject(content, {
    apiVersion,
    kind: kindName,
    name: "a",
    namespace: "default",
    uid: "u",
    resourceVersion: "1",
    generation: undefined,
    creationTimestamp: new Date().toISOString(),
  });
  return toTable([object], { kind, include: "None", metadata: {}, definitions: true });
}

const running = (name: string, more: JsonObject = {}) => ({
  name,
  ready: true,
  restartCount: 0,
  state: { running: { startedAt: "2024-01-01T00:00:00Z" } },
  ...more,
});
const pod = (status: JsonObject, metadata: JsonObject = {}) => ({
  metadata,
  spec: { containers: [{ name: "c" }, { name: "d" }], initContainers: [{ name: "i" }] },
  status: { phase: "Running", ...status },
});

const pods: readonly (readonly [string, JsonObject, readonly unknown[]])[] = [
  ["waits", pod({ phase: "Pending" }), ["0/2", "Pending", "0"]],
  ["runs", pod({ containerStatuses: [running("c"), running("d", { restartCount: 2 })] }), ["2/2", "Running", "2"]],
  [
    "can't pull its image",
    pod({
      containerStatuses: [running("c"), running("d", { ready: false, state: { waiting: { reason: "ErrImagePull" } } })],
    }),
    ["1/2", "ErrImagePull", "0"],
  ],
  [
    "has ended in part",
    pod({
      containerStatuses: [running("c"), running("d", { ready: false, state: { terminated: { reason: "Completed" } } })],
    }),
    ["1/2", "NotReady", "0"],
  ],
  [
    "was killed",
    pod({ containerStatuses: [running("c", { ready: false, state: { terminated: { signal: 9, exitCode: 137 } } })] }),
    ["0/2", "Signal:9", "0"],
  ],
  [
    "begins",
    pod({ phase: "Pending", initContainerStatuses: [{ name: "i", restartCount: 1, state: { running: {} } }] }),
    ["0/2", "Init:0/1", "1"],
  ],
  [
    "can't begin",
    pod({ initContainerStatuses: [{ name: "i", state: { terminated: { reason: "Error", exitCode: 1 } } }] }),
    ["0/2", "Init:Error", "0"],
  ],
  ["is evicted", pod({ phase: "Failed", reason: "Evicted" }), ["0/2", "Evicted", "0"]],
  ["goes", pod({}, { deletionTimestamp: "2024-01-01T00:00:00Z" }), ["0/2", "Terminating", "0"]],
];

for (const [title, content, wanted] of pods) {
  test(`the table of a pod that ${title}`, () => {
    const { rows } = table("v1", "Pod", content);
    assert.ok(Array.isArray(rows));
    assert.deepEqual(rows[0].cells.slice(1, 4), wanted);
  });
}

const cells: readonly (readonly [string, string, JsonObject, readonly (readonly [string, unknown])[]])[] = [
  ["v1", "Node", { spec: { unschedulable: true }, status: { conditions: [{ type: "Ready", status: "True" }] } }, [
    ["Status", "Ready,SchedulingDisabled"],
    ["External-IP", "<none>"],
  ]],
  ["v1", "Event", {
    involvedObject: { kind: "Service", name: "x" },
    message: " m\n",
    source: { component: "c", host: "h" },
  }, [
    ["Last Seen", "<unknown>"],
    ["Object", "service/x"],
    ["Source", "c, h"],
    ["Message", "m"],
    ["Count", 1],
  ]],
  ["events.k8s.io/v1", "Event", { regarding: { kind: "Pod" }, note: "m", series: { count: 7 } }, [
    ["Object", "pod"],
    ["Message", "m"],
    ["Count", 7],
  ]],
  ["coordination.k8s.io/v1", "Lease", { spec: { holderIdentity: "me" } }, [["Holder", "me"]]],
  ["batch/v1", "Job", { spec: { completions: 3 }, status: { succeeded: 1 } }, [["Completions", "1/3"], [
    "Duration",
    "",
  ]]],
  ["batch/v1", "CronJob", { spec: { schedule: "* * * * *" } }, [["Suspend", "False"], ["Last Schedule", "<none>"]]],
  ["networking.k8s.io/v1", "Ingress", { metadata: { annotations: { "kubernetes.io/ingress.class": "x" } } }, [
    ["Class", "<none>"],
    ["Hosts", "*"],
    ["Ports", "80"],
  ]],
];

for (const [version, kind, content, wanted] of cells) {
  test(`the table of ${kind} in ${version}`, () => {
    const { columnDefinitions, rows } = table(version, kind, content);
    assert.ok(Array.isArray(columnDefinitions) && Array.isArray(rows));
    for (const [name, cell] of wanted) {
      const at = columnDefinitions.findIndex((column) => column.name === name);
      assert.deepEqual(rows[0].cells[at], cell, name);
      assert.notEqual(columnDefinitions[at].description, "", name);
    }
  });
}
