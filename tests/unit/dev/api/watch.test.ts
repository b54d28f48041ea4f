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

test("initial events can be asked for, with a bookmark at their end", async () => {
  const api = createKubeApi();
  put(api, "a");
  const watch = await open(api, "sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan");
  assert.equal(await watch.title(), "ADDED a");
  const mark = await watch.next();
  assert.equal(textAt(mark, "type"), "BOOKMARK");
  assert.equal(textAt(mark, "object", "metadata", "annotations", "k8s.io/initial-events-end"), "true");
  await watch.cancel();
});

test("watches end at their deadline, and all of them when the API closes", async () => {
  const api = createKubeApi();
  const short = await open(api, "timeoutSeconds=1");
  const long = await open(api, "");
  assert.equal(await short.next(), undefined);
  api.close();
  assert.equal(await long.next(), undefined);
});
