// Unit tests of watches: present state, changes, selectors, history, bookmarks, ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi } from "../../../../src/dev/api/kube-api.ts";
import { listAt, textAt, valueAt } from "../../../../src/dev/json.ts";

type Api = ReturnType<typeof createKubeApi>;

const MAPS = "/api/v1/namespaces/default/configmaps";

function put(api: Api, name: string, labels: Record<string, string> = {}): string {
  const kind = api.kinds.builtIn("ConfigMap");
  return api.store.put(kind, { metadata: { name, namespace: "default", labels } }).metadata.resourceVersion;
}

function remove(api: Api, name: string): void {
  api.store.remove(api.kinds.builtIn("ConfigMap"), "default", name);
}

/** Reads events as they come; `next` waits for one, undefined at the end. */
async function open(api: Api, query: string, accept = "application/json") {
  const response = await api.fetch(new Request(`http://cluster${MAPS}?watch=true&${query}`, { headers: { accept } }));
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  const pending: unknown[] = [];
  const next = async (): Promise<unknown> => {
    while (pending.length === 0) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      for (const line of decoder.decode(value).split("\n")) if (line !== "") pending.push(JSON.parse(line));
    }
    return pending.shift();
  };
  return { next, title: async () => title(await next()), cancel: () => reader.cancel() };
}

function title(event: unknown): string | undefined {
  return event === undefined ? undefined : `${textAt(event, "type")} ${textAt(event, "object", "metadata", "name")}`;
}

test("a watch without a version begins with the present state and goes on with changes", async () => {
  const api = createKubeApi();
  put(api, "a");
  const watch = await open(api, "");
  assert.equal(await watch.title(), "ADDED a");
  put(api, "b");
  put(api, "a", { x: "1" });
  remove(api, "b");
  assert.deepEqual([await watch.title(), await watch.title(), await watch.title()], [
    "ADDED b",
    "MODIFIED a",
    "DELETED b",
  ]);
  await watch.cancel();
});

test("a watch from a version replays what came after it", async () => {
  const api = createKubeApi();
  const version = put(api, "a");
  put(api, "b");
  const watch = await open(api, `resourceVersion=${version}`);
  assert.equal(await watch.title(), "ADDED b");
  await watch.cancel();
});

test("a watch from a version that is forgotten ends with 410", async () => {
  const api = createKubeApi();
  for (let at = 0; at < 1010; at++) put(api, "a", { at: String(at) });
  const watch = await open(api, "resourceVersion=1");
  const event = await watch.next();
  assert.deepEqual([textAt(event, "type"), valueAt(event, "object", "code"), textAt(event, "object", "reason")], [
    "ERROR",
    410,
    "Expired",
  ]);
  assert.equal(await watch.next(), undefined);
});

test("coming into a selector is ADDED, leaving it is DELETED with the last state that matched", async () => {
  const api = createKubeApi();
  const watch = await open(api, "labelSelector=sel%3Dyes");
  put(api, "a", { sel: "no" });
  put(api, "a", { sel: "yes" });
  put(api, "a", { sel: "yes", more: "1" });
  put(api, "a", { sel: "no" });
  assert.deepEqual([await watch.title(), await watch.title()], ["ADDED a", "MODIFIED a"]);
  const left = await watch.next();
  assert.deepEqual([title(left), textAt(left, "object", "metadata", "labels", "sel")], ["DELETED a", "yes"]);
  await watch.cancel();
});

test("tables name their columns in the first event only", async () => {
  const api = createKubeApi();
  put(api, "a");
  put(api, "b");
  const watch = await open(api, "", "application/json;as=Table;v=v1;g=meta.k8s.io");
  const [first, second] = [await watch.next(), await watch.next()];
  assert.equal(listAt(first, "object", "columnDefinitions").length, 3);
  assert.equal(valueAt(second, "object", "columnDefinitions"), null);
  await watch.cancel();
});

test("sendInitialEvents is not known: its other option is refused, so that clients fall back to a list", async () => {
  const api = createKubeApi();
  const query = "watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan";
  const response = await api.fetch(new Request(`http://cluster${MAPS}?${query}`));
  assert.equal(response.status, 422);
  assert.match(textAt(await response.json(), "message") ?? "", /resourceVersionMatch is forbidden for watch/);
});

test("a watch from the future is told to list again; a server alone waits for it", async () => {
  const [dev, alone] = [createKubeApi(), createKubeApi({ alone: true })];
  const told = await open(dev, `resourceVersion=${dev.store.version + 1000}`);
  assert.equal(valueAt(await told.next(), "object", "code"), 410);
  const silent = await open(alone, `resourceVersion=${alone.store.version + 3}`);
  for (const name of ["a", "b", "c", "d"]) put(alone, name);
  assert.equal(await silent.title(), "ADDED d");
  await silent.cancel();
});

test("a bookmark comes shortly before the deadline of a watch that asked for it", async () => {
  const api = createKubeApi();
  const version = put(api, "a");
  const watch = await open(api, `resourceVersion=${version}&allowWatchBookmarks=true&timeoutSeconds=5`);
  const mark = await watch.next();
  assert.deepEqual(mark, {
    type: "BOOKMARK",
    object: { kind: "ConfigMap", apiVersion: "v1", metadata: { resourceVersion: version, creationTimestamp: null } },
  });
  await watch.cancel();
});

test("the watches of a kind end when it is served no more", async () => {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const spec = {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
    versions: [{ name: "v1", served: true, storage: true, schema }],
  };
  const api = createKubeApi();
  const definitions = "http://cluster/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const body = JSON.stringify({ metadata: { name: "widgets.example.com" }, spec });
  await api.fetch(new Request(definitions, { method: "POST", body, headers: { "content-type": "application/json" } }));
  const response = await api.fetch(new Request("http://cluster/apis/example.com/v1/widgets?watch=true"));
  assert.equal(response.status, 200);
  await api.fetch(new Request(`${definitions}/widgets.example.com`, { method: "DELETE" }));
  assert.equal(await response.text(), "");
});

test("watches end at their deadline, and all of them when the API closes", async () => {
  const api = createKubeApi();
  const short = await open(api, "timeoutSeconds=1");
  const long = await open(api, "");
  assert.equal(await short.next(), undefined);
  api.close();
  assert.equal(await long.next(), undefined);
});
