// End-to-end tests of field ownership: the real kubectl against the embedded Kubernetes API, without a cluster around it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi } from "../../src/dev/api/kube-api.ts";
import { serveFetch } from "../support/fetch-server.ts";
import { createKubectl, type Kubectl, skipWithoutKubectl } from "../support/kubectl.ts";

const options = { skip: skipWithoutKubectl };

async function onServer(play: (kubectl: Kubectl) => Promise<void>): Promise<void> {
  const api = createKubeApi();
  const server = await serveFetch((request) => api.fetch(request));
  const kubectl = await createKubectl(server.url);
  try {
    await play(kubectl);
  } finally {
    await kubectl.close();
    api.close();
    await server.close();
  }
}

const configMap = (data: Record<string, string>, metadata: object = {}) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", ...metadata }, data });

/** Manager and operation of each entry. */
async function managers(kubectl: Kubectl): Promise<string> {
  const path = '{range .metadata.managedFields[*]}{.manager}{" "}{.operation}{"\\n"}{end}';
  return await kubectl.ok(["get", "cm", "c", "--show-managed-fields", "-o", `jsonpath=${path}`]);
}

test(
  "kubectl apply --server-side takes over from kubectl apply, and removes what is dropped",
  options,
  () =>
    onServer(async (kubectl) => {
      await kubectl.ok(["apply", "-f", "-"], configMap({ a: "1", b: "1" }, { labels: { l: "1" } }));
      assert.match(await managers(kubectl), /^kubectl-client-side-apply Update$/m);
      const taken = await kubectl.run(["apply", "--server-side", "-f", "-"], configMap({ a: "2" }));
      assert.equal(taken.exit, 0, taken.stderr);
      assert.equal(await kubectl.ok(["get", "cm", "c", "-o", "jsonpath={.data}"]), '{"a":"2"}');
      assert.match(await managers(kubectl), /^kubectl Apply$/m);
    }),
);

test(
  "kubectl apply --server-side tells of a conflict, and overrules it when told to",
  options,
  () =>
    onServer(async (kubectl) => {
      await kubectl.ok(["apply", "--server-side", "--field-manager=one", "-f", "-"], configMap({ a: "1" }));
      const other = ["apply", "--server-side", "--field-manager=two", "-f", "-"];
      const refused = await kubectl.run(other, configMap({ a: "2" }));
      assert.equal(refused.exit, 1);
      assert.match(refused.stderr, /conflict with "one": \.data\.a/);
      await kubectl.ok([...other.slice(0, 2), "--force-conflicts", ...other.slice(2)], configMap({ a: "2" }));
      assert.equal(await kubectl.ok(["get", "cm", "c", "-o", "jsonpath={.data.a}"]), "2");
      assert.equal(await managers(kubectl), "two Apply\n");
    }),
);

test(
  "kubectl patch, label and edit by strategic merge, JSON patch and merge patch",
  options,
  () =>
    onServer(async (kubectl) => {
      await kubectl.ok(["create", "service", "clusterip", "s", "--tcp=80:8080"]);
      await kubectl.ok([
        "patch",
        "svc",
        "s",
        "-p",
        '{"spec":{"ports":[{"port":81,"name":"b"},{"port":80,"name":"a"}]}}',
      ]);
      await kubectl.ok([
        "patch",
        "svc",
        "s",
        "--type=json",
        "-p",
        '[{"op":"replace","path":"/spec/ports/1/name","value":"c"}]',
      ]);
      await kubectl.ok(["label", "svc", "s", "app=x", "--overwrite"]);
      const shown = await kubectl.ok([
        "get",
        "svc",
        "s",
        "-o",
        "jsonpath={.metadata.labels.app} {.spec.ports[*].name}",
      ]);
      assert.match(shown, /^x /);
      const same = await kubectl.ok(["patch", "svc", "s", "-p", '{"metadata":{"labels":{"app":"x"}}}']);
      assert.match(same, /no change/);
    }),
);
