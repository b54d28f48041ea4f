// Unit tests of what a pod's log can be asked for, and of what it refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi } from "../../../../src/dev/api/kube-api.ts";
import { RingLog } from "../../../../src/dev/cluster/pod-log.ts";
import { textAt } from "../../../../src/dev/json.ts";

function start() {
  const log = new RingLog();
  const now = Date.now();
  ["one", "two", "three"].forEach((text, at) => log.write({ time: now - 60_000 + at * 30_000, text }));
  const api = createKubeApi({ logs: (_namespace, pod) => (pod === "p" ? log : undefined) });
  const pod = (name: string, names: readonly string[], nodeName = "n1") => {
    const containers = names.map((each) => ({ name: each, image: "x" }));
    const content = { metadata: { name, namespace: "default" }, spec: { nodeName, containers } };
    api.store.put(api.kinds.builtIn("Pod"), content);
  };
  pod("p", ["c"]);
  pod("two", ["a", "b"]);
  pod("waiting", ["c"], "");
  return async (name: string, query: string) => {
    const path = `/api/v1/namespaces/default/pods/${name}/log?${query}`;
    const response = await api.fetch(new Request(`http://cluster${path}`));
    const text = await response.text();
    return { status: response.status, text: text.startsWith("{") ? textAt(JSON.parse(text), "message") : text };
  };
}

test("lines are chosen by number, age and bytes", async () => {
  const log = start();
  const rows: [query: string, text: string][] = [
    ["", "one\ntwo\nthree\n"],
    ["tailLines=1", "three\n"],
    ["tailLines=0", ""],
    ["sinceSeconds=45", "two\nthree\n"],
    ["limitBytes=5", "one\nt"],
    ["container=c&tailLines=1", "three\n"],
  ];
  for (const [query, text] of rows) assert.deepEqual(await log("p", query), { status: 200, text }, query);
  assert.match((await log("p", "timestamps=true&tailLines=1")).text ?? "", /^\d{4}-\d\d-\d\dT.*Z three\n$/);
});

test("what can't be read is told in a real server's words", async () => {
  const log = start();
  const rows: [pod: string, query: string, status: number, text: string][] = [
    ["two", "", 400, "a container name must be specified for pod two, choose one of: [a b]"],
    ["p", "container=nope", 400, "container nope is not valid for pod p"],
    ["p", "previous=true", 400, 'previous terminated container "c" in pod "p" not found'],
    ["waiting", "", 400, "pod waiting does not have a host assigned"],
    ["none", "", 404, 'pods "none" not found'],
    ["p", "tailLines=x", 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    [
      "p",
      "tailLines=-1",
      422,
      'PodLogOptions "" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
  ];
  for (const [pod, query, status, text] of rows) assert.deepEqual(await log(pod, query), { status, text }, query);
});
