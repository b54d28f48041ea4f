// `kubectl apply --prune` against the embedded API: it asks for every kind of its list, and removes what is left over.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubernetesVersion } from "../../src/dev/built-in/legacy-kinds.ts";
import { startKubeServer } from "../support/kube-server.ts";
import { createKubectl } from "../support/kubectl.ts";
import { findKubectls } from "../support/kubectl-binaries.ts";

const pod = { containers: [{ name: "c", image: "i" }] };
const template = { metadata: { labels: { app: "a" } }, spec: pod };
const selector = { matchLabels: { app: "a" } };
const job = { template: { spec: { ...pod, restartPolicy: "Never" } } };
const backend = { service: { name: "old", port: { number: 80 } } };
const claim = { accessModes: ["ReadWriteOnce", "ReadOnlyMany"], resources: { requests: { storage: "1Gi" } } };

/** One object of each kind that is pruned unless told otherwise. */
const objects: readonly (readonly [apiVersion: string, kind: string, content: object])[] = [
  ["v1", "ConfigMap", { data: { a: "b" } }],
  ["v1", "Endpoints", {}],
  ["v1", "Namespace", {}],
  ["v1", "PersistentVolumeClaim", { spec: claim }],
  ["v1", "PersistentVolume", {
    spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/" } },
  }],
  ["v1", "Pod", { spec: pod }],
  ["v1", "ReplicationController", { spec: { selector: { app: "a" }, template } }],
  ["v1", "Secret", {}],
  ["v1", "Service", { spec: { ports: [{ port: 80 }] } }],
  ["batch/v1", "Job", { spec: job }],
  ["batch/v1", "CronJob", { spec: { schedule: "@daily", jobTemplate: { spec: job } } }],
  ["networking.k8s.io/v1", "Ingress", { spec: { defaultBackend: backend } }],
  ["apps/v1", "DaemonSet", { spec: { selector, template } }],
  ["apps/v1", "Deployment", { spec: { selector, template } }],
  ["apps/v1", "ReplicaSet", { spec: { selector, template } }],
  ["apps/v1", "StatefulSet", { spec: { selector, serviceName: "old", template } }],
];

const manifest = (apiVersion: string, kind: string, name: string, content: object) => ({
  apiVersion,
  kind,
  metadata: { name, labels: { set: "s" } },
  ...content,
});

/** How they are listed, and what is told of them. */
const tables: Readonly<Record<string, RegExp>> = {
  pvc: /^NAME +STATUS +VOLUME +CAPACITY +ACCESS MODES +STORAGECLASS .*AGE\s+old +Pending +\S+\s*$/m,
  pv: /^NAME +CAPACITY +ACCESS MODES +RECLAIM POLICY +STATUS +CLAIM .*AGE\s+old +1Gi +RWO +Retain +Pending +\S+\s*$/m,
  rc: /^NAME +DESIRED +CURRENT +READY +AGE\s+old +1 +0 +0 +\S+\s*$/m,
};

// A kubectl of 2020 prunes kinds that clusters of today have not, so it needs a cluster of its time.
const versions = ["1.26", "1.20"] as const;

const kubectls = await findKubectls();

// Together, because kubectl itself waits for most of the time: five requests a second is what it allows itself.
test("kubectl apply --prune removes what manifests hold no more, the newest and that of 2020", {
  skip: kubectls.every(({ skip }) => skip !== false) && kubectls[0].skip,
}, async () => {
  await Promise.all(kubectls.map(async ({ name, path, skip }, at) => {
    if (skip === false) await prune(name, path, versions[at] ?? "1.26");
  }));
});

async function prune(name: string, binary: string | undefined, kubernetes: KubernetesVersion): Promise<void> {
  const server = await startKubeServer({ kubernetes });
  const session = await createKubectl(server.url, { binary });
  try {
    const old = objects.map(([apiVersion, kind, content]) => {
      const isBeta = kubernetes === "1.20" && kind === "CronJob";
      return manifest(isBeta ? "batch/v1beta1" : apiVersion, kind, "old", content);
    });
    const items = [...old, manifest("v1", "ConfigMap", "kept", {})];
    await session.ok(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    for (const [kind, table] of Object.entries(tables)) assert.match(await session.ok(["get", kind]), table, name);
    const told = await session.ok(["apply", "--prune", "-l", "set=s", "-f", "-"], JSON.stringify(items.at(-1)));
    const pruned = told.split("\n").filter((line) => line.endsWith(" pruned"));
    assert.equal(pruned.length, old.length, `${name}: ${told}`);
    const left = await session.ok(["get", "cm,pv,pvc,rc,deploy,sts,ds,svc", "-l", "set=s", "-o", "name"]);
    assert.equal(left, "configmap/kept\n", name);
  } finally {
    await session.close();
    await server.close();
  }
}
