// The store: what counts as a change, and which slices belong to which Service.

import assert from "node:assert/strict";
import { test } from "node:test";
import { kindNames, type Resource, resourceId } from "../../../../../src/provider/kubernetes/client/resource.ts";
import { crdResources } from "../../../../../src/provider/kubernetes/crd/kinds.ts";
import { type KubeObject, toKubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import { KubeStore } from "../../../../../src/provider/kubernetes/store/store.ts";

function resource(kind: string): Resource {
  const found = crdResources.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(kind);
  return found;
}

function object(kind: string, metadata: Record<string, unknown>, rest: Record<string, unknown> = {}): KubeObject {
  const found = toKubeObject({ metadata: { namespace: "default", ...metadata }, ...rest }, kindNames(resource(kind)));
  if (found === undefined) throw new Error(kind);
  return found;
}

function countingStore() {
  let changes = 0;
  const store = new KubeStore(() => changes++);
  return { store, changes: () => changes };
}

const label = (service: string) => ({ "kubernetes.io/service-name": service });

test("KubeStore reports an object only when it says something new", () => {
  const { store, changes } = countingStore();
  const sink = store.sink(resource("Service"), undefined);
  sink.upsert(object("Service", { name: "a", resourceVersion: "1" }));
  sink.upsert(object("Service", { name: "a", resourceVersion: "1" }));
  sink.upsert(object("Service", { name: "a", resourceVersion: "2", generation: 2 }));
  assert.equal(changes(), 1);
  assert.equal(store.get("/Service", "default", "a")?.metadata.resourceVersion, "2", "the newest is kept all the same");
  sink.upsert(object("Service", { name: "a", resourceVersion: "3" }, { spec: { clusterIP: "10.0.0.1" } }));
  sink.remove(object("Service", { name: "b", resourceVersion: "3" }));
  assert.equal(changes(), 2);
});

test("KubeStore replace() removes what is gone, in its namespace only, and reports once", () => {
  const { store, changes } = countingStore();
  const all = store.sink(resource("Service"), undefined);
  for (const [namespace, name] of [["a", "x"], ["a", "y"], ["b", "x"]]) {
    all.upsert(object("Service", { namespace, name, resourceVersion: "1" }));
  }
  const before = changes();
  const sink = store.sink(resource("Service"), "a");
  sink.replace([object("Service", { namespace: "a", name: "z", resourceVersion: "2" })]);
  assert.equal(changes(), before + 1);
  assert.deepEqual(
    store.list(resourceId(resource("Service"))).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ["a/z", "b/x"],
  );
  assert.equal(sink.isEmpty, false);
  sink.replace([]);
  assert.equal(sink.isEmpty, true);
  sink.replace([]);
  assert.equal(changes(), before + 2);
});

test("KubeStore follows a slice to another Service and ignores changes of its metadata", () => {
  const { store, changes } = countingStore();
  const sink = store.sink(resource("EndpointSlice"), undefined);
  const slice = (version: string, service: string, extra: object = {}, rest: Record<string, unknown> = {}) =>
    object("EndpointSlice", { name: "s", resourceVersion: version, labels: label(service), ...extra }, {
      addressType: "IPv4",
      endpoints: [],
      ...rest,
    });
  sink.upsert(slice("1", "a"));
  sink.upsert(slice("2", "a", { annotations: { x: "y" } }));
  assert.equal(changes(), 1);
  sink.upsert(slice("3", "a", {}, { endpoints: [{ addresses: ["10.0.0.1"] }] }));
  assert.equal(changes(), 2);
  sink.upsert(slice("4", "b", {}, { endpoints: [{ addresses: ["10.0.0.1"] }] }));
  assert.equal(changes(), 3);
  assert.deepEqual(store.slicesOf("default", "a"), []);
  assert.equal(store.slicesOf("default", "b").length, 1);
  sink.remove(slice("5", "b"));
  assert.deepEqual(store.slicesOf("default", "b"), []);
});

test("KubeStore slicesOf() gives the oldest slice first", () => {
  const { store } = countingStore();
  const sink = store.sink(resource("EndpointSlice"), undefined);
  for (
    const [name, creationTimestamp] of [["b", "2024-02-01T00:00:00Z"], ["a", "2024-02-01T00:00:00Z"], [
      "c",
      "2024-01-01T00:00:00Z",
    ]]
  ) {
    sink.upsert(object("EndpointSlice", { name, creationTimestamp, labels: label("s") }));
  }
  assert.deepEqual(store.slicesOf("default", "s").map(({ metadata }) => metadata.name), ["c", "a", "b"]);
});

test("KubeStore tells each listener what came, changed and went", () => {
  const { store } = countingStore();
  const told: string[] = [];
  store.listen(({ id, before, after }) => {
    told.push(`${id} ${before?.metadata.resourceVersion} ${after?.metadata.resourceVersion}`);
  });
  const sink = store.sink(resource("Service"), undefined);
  sink.upsert(object("Service", { name: "a", resourceVersion: "1" }));
  sink.upsert(object("Service", { name: "a", resourceVersion: "2" }, { spec: {} }));
  sink.upsert(object("Service", { name: "a", resourceVersion: "3" }, { spec: {} }));
  sink.remove(object("Service", { name: "a", resourceVersion: "4" }));
  assert.deepEqual(told, ["/Service undefined 1", "/Service 1 2", "/Service 3 undefined"]);
});

test("KubeStore finds objects by name and by namespace, and judges them", () => {
  const { store } = countingStore();
  const sink = store.sink(resource("Service"), undefined);
  for (const [namespace, name] of [["b", "x"], ["a", "y"], ["a", "x"]]) {
    sink.upsert(object("Service", { namespace, name, resourceVersion: "1" }));
  }
  assert.deepEqual(store.namespacesWith("/Service", "x"), ["a", "b"]);
  assert.deepEqual(store.namesIn("/Service", "a"), ["x", "y"]);
  const isX = ({ metadata }: KubeObject) => metadata.name === "x";
  assert.equal(store.judge("/Service", "a", "x", isX), true);
  assert.equal(store.judge("/Service", "a", "y", isX), false);
  assert.equal(store.judge("/Service", "b", "y", isX), undefined);
  sink.remove(object("Service", { namespace: "a", name: "x" }));
  assert.deepEqual(store.namespacesWith("/Service", "x"), ["b"]);
  assert.deepEqual(store.namesIn("/Service", "a"), ["y"]);
  assert.deepEqual(store.list("/Service").map(({ metadata }) => metadata.namespace), ["a", "b"]);
});
