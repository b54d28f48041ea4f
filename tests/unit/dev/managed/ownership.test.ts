// Unit tests of managed fields: who owns what after creates and updates.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type JsonObject, listAt, valueAt } from "../../../../src/dev/json.ts";
import { KindRegistry } from "../../../../src/dev/kube/kind-registry.ts";
import { createKind } from "../../../../src/dev/kube/kind.ts";
import { trackController, trackUpdate, type Writer } from "../../../../src/dev/managed/ownership.ts";

const kinds = new KindRegistry();
const service = kinds.builtIn("Service");
const writer = (manager: string, subresource = ""): Writer => ({ kind: service, manager, subresource });

/** `manager operation subresource` and the fields of each entry. */
function owners(object: JsonObject): unknown[] {
  return listAt(object, "metadata", "managedFields").map((entry) => {
    const who = ["manager", "operation", "subresource"].map((name) => valueAt(entry, name) ?? "").join(" ").trim();
    return [who, valueAt(entry, "fieldsV1")];
  });
}

const born = {
  metadata: { name: "s", labels: { a: "1" } },
  spec: {
    clusterIP: "10.96.0.9",
    ports: [{ port: 80, protocol: "TCP", nodePort: 30001 }, { port: 81, protocol: "TCP", nodePort: 30002 }],
    type: "NodePort",
  },
  status: { loadBalancer: {} },
};
const given = {
  metadata: { name: "s", labels: { a: "1" } },
  spec: { ports: [{ port: 80, nodePort: 30001 }, { port: 81 }], type: "NodePort" },
};
const created = trackUpdate(writer("m1"), { live: undefined, given, next: born });

test("trackUpdate() gives a creator everything but what the server assigns, and no status", () => {
  assert.deepEqual(owners(created), [["m1 Update", {
    "f:metadata": { "f:labels": { ".": {}, "f:a": {} } },
    "f:spec": {
      "f:ports": {
        ".": {},
        'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:nodePort": {}, "f:port": {}, "f:protocol": {} },
        'k:{"port":81,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:protocol": {} },
      },
      "f:type": {},
    },
  }]]);
});

test("trackUpdate() moves what changes to the writer and drops what is removed", () => {
  const next = { ...created, spec: { ...born.spec, type: "ClusterIP", ports: [born.spec.ports[0]] } };
  const changed = trackUpdate(writer("m2"), { live: created, given: next, next });
  assert.deepEqual(owners(changed), [
    ["m1 Update", {
      "f:metadata": { "f:labels": { ".": {}, "f:a": {} } },
      "f:spec": {
        "f:ports": {
          ".": {},
          'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:nodePort": {}, "f:port": {}, "f:protocol": {} },
        },
      },
    }],
    ["m2 Update", { "f:spec": { "f:type": {} } }],
  ]);
});

test("trackUpdate() keeps status writes in an entry of their own", () => {
  const next = { ...created, status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } } };
  const changed = trackUpdate(writer("m1", "status"), { live: created, given: next, next });
  assert.deepEqual(owners(changed)[1], ["m1 Update status", { "f:status": { "f:loadBalancer": { "f:ingress": {} } } }]);
});

test("trackUpdate() leaves the entries as they are when nothing changes", () => {
  const entries = listAt(created, "metadata", "managedFields").map((entry) => ({
    ...(typeof entry === "object" ? entry : {}),
    time: "2020-01-01T00:00:00Z",
  }));
  const live = { ...created, metadata: { ...born.metadata, managedFields: entries } };
  const kept = trackUpdate(writer("m1"), { live, given: live, next: { ...live } });
  assert.equal(valueAt(kept, "metadata", "managedFields"), entries);
});

test("trackUpdate() forgets all owners on request, and begins no new entries", () => {
  for (const managedFields of [[], [{}]]) {
    const sent = { ...created, metadata: { ...born.metadata, managedFields } };
    const reset = trackUpdate(writer("m1"), { live: created, given: sent, next: sent });
    assert.equal(valueAt(reset, "metadata", "managedFields"), undefined);
    const next = { ...reset, metadata: { ...born.metadata, labels: { b: "2" } } };
    assert.deepEqual(owners(trackUpdate(writer("m1"), { live: reset, given: next, next })), []);
  }
});

test("trackUpdate() takes entries that a client sets, and ignores those it can't read", () => {
  const entry = { manager: "x", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1" };
  const good = { ...entry, fieldsV1: { "f:spec": { "f:type": {} } } };
  const bad = { ...entry, fieldsV1: { "q:what": {} } };
  const send = (managedFields: unknown[]) => {
    const sent = { ...created, metadata: { ...born.metadata, managedFields } };
    return owners(trackUpdate(writer("m1"), { live: created, given: sent, next: sent }));
  };
  assert.deepEqual(send([good]), [["x Apply", { "f:spec": { "f:type": {} } }]]);
  assert.deepEqual(send([bad]), owners(created));
});

test("trackUpdate() lays old updaters together when there are more than ten", () => {
  const kind = kinds.builtIn("ConfigMap");
  let object: JsonObject = { metadata: { name: "c" } };
  for (let at = 0; at < 15; at++) {
    const data = Object.fromEntries(Array.from({ length: at + 1 }, (_, key) => [`k${key}`, "v"]));
    const next = { ...object, data };
    const live = at === 0 ? undefined : object;
    object = trackUpdate({ kind, manager: `m${String(at).padStart(2, "0")}`, subresource: "" }, {
      live,
      given: next,
      next,
    });
  }
  const found = listAt(object, "metadata", "managedFields");
  assert.equal(found.length, 10);
  const old = found.find((entry) => valueAt(entry, "manager") === "ancient-changes");
  const fields = Object.keys(valueAt(old, "fieldsV1", "f:data") ?? {}).filter((name) => name !== ".");
  assert.deepEqual(fields, ["f:k0", "f:k1", "f:k2", "f:k3", "f:k4", "f:k5"]);
});

test("trackUpdate() sees lists of kinds without a schema as a whole, and objects field by field", () => {
  const kind = createKind("example.com/v1", "Thing", { custom: true });
  const next = { metadata: { name: "t" }, spec: { list: [{ name: "a" }], map: { a: { b: 1 } } } };
  const thing = trackUpdate({ kind, manager: "m", subresource: "" }, { live: undefined, given: next, next });
  assert.deepEqual(owners(thing), [["m Update", {
    "f:spec": { ".": {}, "f:list": {}, "f:map": { ".": {}, "f:a": { ".": {}, "f:b": {} } } },
  }]]);
});

test("trackController() writes object and status at once, under one name", () => {
  const next = { ...born, status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } } };
  const found = owners(trackController({ kind: service, manager: "weir" }, undefined, next));
  assert.deepEqual(found.map((entry) => Array.isArray(entry) && entry[0]), ["weir Update", "weir Update status"]);
});
