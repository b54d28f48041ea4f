// Unit tests of the store of the embedded cluster.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KindRegistry } from "../../../../src/dev/kube/kind-registry.ts";
import { type Change, ObjectStore } from "../../../../src/dev/kube/object-store.ts";

const kinds = new KindRegistry();
const configMap = kinds.builtIn("ConfigMap");
const deployment = kinds.builtIn("Deployment");
const map = (name: string, data: object = {}) => ({ metadata: { name, namespace: "default" }, data });

test("ObjectStore.put() gives identity once and a version per change", () => {
  const store = new ObjectStore();
  const first = store.put(configMap, map("a", { k: "1" }));
  const same = store.put(configMap, map("a", { k: "1" }));
  const changed = store.put(configMap, map("a", { k: "2" }));
  assert.equal(same, first);
  assert.equal(changed.metadata.uid, first.metadata.uid);
  assert.equal(changed.metadata.creationTimestamp, first.metadata.creationTimestamp);
  assert.equal(Number(changed.metadata.resourceVersion), Number(first.metadata.resourceVersion) + 1);
  assert.equal(changed.metadata.generation, undefined);
});

test("ObjectStore.put() counts the generation for changes of the specification only", () => {
  const store = new ObjectStore();
  const put = (extra: object) =>
    store.put(deployment, { metadata: { name: "d", namespace: "default" }, spec: { replicas: 1 }, ...extra });
  assert.equal(put({}).metadata.generation, 1);
  assert.equal(put({ metadata: { name: "d", namespace: "default", labels: { a: "b" } } }).metadata.generation, 1);
  assert.equal(put({ status: { replicas: 1 } }).metadata.generation, 1);
  assert.equal(put({ spec: { replicas: 2 } }).metadata.generation, 2);
});

test("ObjectStore tells listeners of every change, in order, and remembers them", () => {
  const store = new ObjectStore();
  const seen: string[] = [];
  const stop = store.subscribe(({ type, object }: Change) => seen.push(`${type} ${object.metadata.name}`));
  const start = store.version;
  store.put(configMap, map("a"));
  store.put(configMap, map("a", { k: "1" }));
  store.put(configMap, map("b"));
  store.remove(configMap, "default", "a");
  stop();
  store.remove(configMap, "default", "b");
  assert.deepEqual(seen, ["ADDED a", "MODIFIED a", "ADDED b", "DELETED a"]);
  assert.deepEqual(store.since(configMap, start)?.map(({ type }) => type), [
    "ADDED",
    "MODIFIED",
    "ADDED",
    "DELETED",
    "DELETED",
  ]);
  assert.equal(store.since(configMap, start + 4)?.length, 1);
});

test("ObjectStore.since() knows nothing of what its bounded history has lost", () => {
  const store = new ObjectStore();
  for (let at = 0; at < 1005; at++) store.put(configMap, map("a", { k: String(at) }));
  assert.equal(store.since(configMap, 1), undefined);
  assert.equal(store.since(configMap, store.version - 10)?.length, 10);
});

test("ObjectStore.list() is ordered and can be narrowed to a namespace", () => {
  const store = new ObjectStore();
  store.put(configMap, { metadata: { name: "z", namespace: "a" } });
  store.put(configMap, { metadata: { name: "b", namespace: "b" } });
  store.put(configMap, { metadata: { name: "a", namespace: "b" } });
  const names = (namespace?: string) => store.list(configMap, namespace).map(({ metadata }) => metadata.name);
  assert.deepEqual(names(), ["z", "a", "b"]);
  assert.deepEqual(names("b"), ["a", "b"]);
});

test("ObjectStore.all() holds the objects of every kind", () => {
  const store = new ObjectStore();
  store.put(configMap, map("a"));
  store.put(deployment, map("b"));
  assert.deepEqual([...store.all()].map(({ kind }) => kind), ["ConfigMap", "Deployment"]);
});

test("ObjectStore.preview() stores nothing", () => {
  const store = new ObjectStore();
  assert.equal(store.preview(configMap, map("a")).metadata.resourceVersion, "");
  assert.equal(store.get(configMap, "default", "a"), undefined);
});
