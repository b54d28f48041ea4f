// Unit tests of the accounts of namespaces, and of pods that are born anew when their template changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi } from "../../../../src/dev/api/kube-api.ts";
import { keepDefaultAccounts } from "../../../../src/dev/cluster/accounts.ts";
import { ClusterState } from "../../../../src/dev/cluster/cluster-state.ts";
import { keepPods } from "../../../../src/dev/cluster/pods.ts";
import { textAt } from "../../../../src/dev/json.ts";

function cluster() {
  const api = createKubeApi();
  const state = new ClusterState(api.store, api.kinds, api.admit);
  const stop = keepDefaultAccounts(state);
  return { api, state, stop };
}

test("every namespace has an account, those to come as well, until nobody follows", () => {
  const { api, state, stop } = cluster();
  state.put("Namespace", { metadata: { name: "later" } });
  for (const namespace of ["default", "kube-system", "later"]) {
    assert.notEqual(state.get("ServiceAccount", namespace, "default"), undefined, namespace);
  }
  stop();
  state.put("Namespace", { metadata: { name: "never" } });
  assert.equal(state.get("ServiceAccount", "never", "default"), undefined);
  api.close();
});

test("a pod stays while its template does, and is born anew when that changes", () => {
  const { api, state } = cluster();
  const set = (image: string) => ({
    metadata: { name: "s", namespace: "default" },
    spec: {
      serviceName: "s",
      selector: { matchLabels: { app: "s" } },
      template: {
        metadata: { labels: { app: "s" } },
        spec: { containers: [{ name: "c", image, resources: { limits: { cpu: "1" } } }] },
      },
    },
  });
  state.admit("StatefulSet", set("a:1"));
  keepPods(state);
  const first = state.get("Pod", "default", "s-0");
  keepPods(state);
  assert.equal(state.get("Pod", "default", "s-0"), first);
  state.admit("StatefulSet", set("a:2"));
  keepPods(state);
  const second = state.get("Pod", "default", "s-0");
  assert.notEqual(second?.metadata.uid, first?.metadata.uid);
  assert.equal(textAt(second, "spec", "containers", 0, "image"), "a:2");
  api.close();
});
