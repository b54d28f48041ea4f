// Unit tests of server-side apply.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isObject, type JsonObject, listAt, objectAt, valueAt } from "../../../../src/dev/json.ts";
import { KindRegistry } from "../../../../src/dev/kube/kind-registry.ts";
import { createKind, type Kind } from "../../../../src/dev/kube/kind.ts";
import { StatusError } from "../../../../src/dev/kube/status.ts";
import { applyConfiguration, type ApplyRequest } from "../../../../src/dev/managed/apply.ts";
import { LAST_APPLIED } from "../../../../src/dev/managed/last-applied.ts";
import { trackUpdate, withEntries } from "../../../../src/dev/managed/ownership.ts";

const service = new KindRegistry().builtIn("Service");
const widget: Kind = createKind("example.com/v1", "Widget", {
  custom: true,
  schema: {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: {
          size: { type: "integer" },
          set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
          atomic: { type: "array", items: { type: "string" } },
          list: {
            type: "array",
            items: { type: "object", properties: { name: { type: "string" }, n: { type: "integer" } } },
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
          },
        },
      },
    },
  },
});

type By = Pick<ApplyRequest, "manager"> & Partial<Pick<ApplyRequest, "force" | "lenient">>;

/** The stored object after an apply of a specification. */
function apply(kind: Kind, by: string | By, live: JsonObject | undefined, content: JsonObject): JsonObject {
  const apiVersion = kind.group === "" ? "v1" : `${kind.group}/${kind.version}`;
  const metadata = { name: "x", ...objectAt(content, "metadata") };
  const configuration = { ...content, apiVersion, kind: kind.kind, metadata };
  const who = typeof by === "string" ? { manager: by } : by;
  const request = { kind, live, configuration, subresource: "", force: false, ...who };
  const { object, owners } = applyConfiguration(request);
  return withEntries(object, owners, live);
}

function update(kind: Kind, manager: string, live: JsonObject, next: JsonObject): JsonObject {
  return trackUpdate({ kind, manager, subresource: "" }, { live, given: next, next });
}

function managers(object: JsonObject): unknown[] {
  return listAt(object, "metadata", "managedFields").map((entry) => valueAt(entry, "manager"));
}

const port = (number: number, name: string) => ({ port: number, name, protocol: "TCP" });

test("applyConfiguration() adds items of several managers, and removes each manager's own", () => {
  const one = apply(service, "m1", undefined, { spec: { ports: [{ port: 80, name: "a" }] } });
  const two = apply(service, "m2", one, { spec: { ports: [port(81, "b")] } });
  assert.deepEqual(valueAt(two, "spec", "ports"), [{ port: 80, name: "a" }, port(81, "b")]);
  assert.deepEqual(managers(two), ["m1", "m2"]);
  const without = apply(service, "m1", two, {});
  assert.deepEqual(valueAt(without, "spec", "ports"), [port(81, "b")]);
  assert.deepEqual(managers(without), ["m2"]);
});

test("applyConfiguration() merges sets and keyed lists, and replaces atomic ones", () => {
  const one = apply(widget, "m1", undefined, {
    spec: { size: 4, set: ["s1"], atomic: ["x"], list: [{ name: "l1", n: 1 }] },
  });
  const two = apply(widget, "m2", one, { spec: { set: ["s2"], list: [{ name: "l2" }] } });
  assert.deepEqual(two["spec"], {
    size: 4,
    set: ["s1", "s2"],
    atomic: ["x"],
    list: [{ name: "l1", n: 1 }, { name: "l2" }],
  });
  const three = apply(widget, "m1", two, { spec: { size: 4, list: [{ name: "l1" }] } });
  assert.deepEqual(three["spec"], { size: 4, set: ["s2"], list: [{ name: "l1" }, { name: "l2" }] });
  assert.deepEqual(apply(widget, "m1", three, { spec: { size: 4 } })["spec"], {
    size: 4,
    set: ["s2"],
    list: [{ name: "l2" }],
  });
});

test("applyConfiguration() puts declared items in their order and leaves others where they are", () => {
  const names = (object: JsonObject) => listAt(object, "spec", "list").map((item) => valueAt(item, "name"));
  const list = (...wanted: readonly string[]) => ({ spec: { list: wanted.map((name) => ({ name })) } });
  const one = apply(widget, "m1", undefined, list("a", "b", "c"));
  const two = apply(widget, "m2", one, list("x", "c", "a"));
  assert.deepEqual(names(two), ["b", "x", "c", "a"]);
  assert.deepEqual(names(apply(widget, "m1", two, list("b", "a"))), ["b", "x", "c", "a"]);
});

test("applyConfiguration() keeps what others own of an item that its applier drops", () => {
  const one = apply(widget, "m1", undefined, { spec: { list: [{ name: "a" }, { name: "b" }] } });
  const two = apply(widget, "m2", one, { spec: { list: [{ name: "a", n: 2 }] } });
  assert.deepEqual(apply(widget, "m1", two, { spec: {} })["spec"], { list: [{ name: "a", n: 2 }] });
});

test("applyConfiguration() names every conflict and whose it is, and takes the fields when forced", () => {
  const one = apply(service, "m1", undefined, { spec: { ports: [port(80, "a")] } });
  const two = update(service, "upd", one, { ...one, spec: { ...objectAt(one, "spec"), selector: { a: "b" } } });
  const wanted = { spec: { selector: { a: "c" } } };
  assert.throws(() => apply(service, "m2", two, wanted), (thrown: unknown) => {
    assert.ok(thrown instanceof StatusError);
    assert.equal(thrown.message, 'Apply failed with 1 conflict: conflict with "upd" using v1: .spec.selector');
    assert.deepEqual(thrown.details?.causes, [
      { reason: "FieldManagerConflict", message: 'conflict with "upd" using v1', field: ".spec.selector" },
    ]);
    return thrown.status === 409;
  });
  const three = apply(service, { manager: "m2", force: true }, two, wanted);
  assert.deepEqual(managers(three), ["m1", "m2"]);
  const both = { spec: { ports: [port(80, "z")], selector: { a: "d" } } };
  assert.throws(() => apply(service, "m3", three, both), {
    message: 'Apply failed with 2 conflicts: conflicts with "m1":\n- .spec.ports[port=80,protocol="TCP"].name\n' +
      'conflicts with "m2":\n- .spec.selector',
  });
});

test("applyConfiguration() lets several managers own what they agree on", () => {
  const one = apply(widget, "m1", undefined, { spec: { size: 4 } });
  const two = apply(widget, "m2", one, { spec: { size: 4 } });
  assert.deepEqual(managers(two), ["m1", "m2"]);
  assert.deepEqual(apply(widget, "m1", two, {})["spec"], { size: 4 });
});

test("applyConfiguration() changes nothing when the same is applied again, not even times", () => {
  const one = apply(widget, "m1", undefined, { spec: { size: 4 } });
  const entries = listAt(one, "metadata", "managedFields").map((entry) => ({
    ...(isObject(entry) ? entry : {}),
    time: "2020-01-01T00:00:00Z",
  }));
  const live = { ...one, metadata: { ...objectAt(one, "metadata"), managedFields: entries } };
  assert.deepEqual(apply(widget, "m1", live, { spec: { size: 4 } }), live);
});

test("applyConfiguration() refuses what it can't type, in the words of a real server", () => {
  const rows: [JsonObject, number, string][] = [
    [
      { spec: { size: 1, bogus: 1 } },
      500,
      "failed to create typed patch object (/x; example.com/v1, Kind=Widget): " +
      ".spec.bogus: field not declared in schema",
    ],
    [
      { spec: { list: [{ name: "a" }, { name: "a" }] } },
      500,
      "failed to create typed patch object (/x; example.com/v1, Kind=Widget): " +
      '.spec.list: duplicate entries for key [name="a"]',
    ],
    [{ metadata: { managedFields: [{}] } }, 400, "metadata.managedFields must be nil"],
  ];
  for (const [content, status, message] of rows) {
    assert.throws(() => apply(widget, "m1", undefined, content), { status, message });
  }
  assert.deepEqual(apply(widget, { manager: "m1", lenient: true }, undefined, { spec: { bogus: 1 } })["spec"], {
    bogus: 1,
  });
  const wrong = { kind: widget, manager: "m", subresource: "", force: false, live: undefined };
  assert.throws(() => applyConfiguration({ ...wrong, configuration: { metadata: { name: "a" } } }), {
    message: "Incorrect version specified in apply patch. Specified patch version: , expected: example.com/v1",
  });
});

test("applyConfiguration() treats an object without owners as written by one manager before", () => {
  const live = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "x" }, spec: { size: 1 } };
  assert.throws(() => apply(widget, "m1", live, { spec: { size: 2 } }), {
    message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using example.com/v1: .spec.size',
  });
  assert.deepEqual(managers(apply(widget, "m1", live, { spec: { size: 1 } })), ["m1", "before-first-apply"]);
});

test("applyConfiguration() lets kubectl take over what it applied from the client's side", () => {
  const first = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "x" }, spec: { size: 1 } };
  const annotations = { [LAST_APPLIED]: JSON.stringify(first) };
  const sent = { ...first, metadata: { name: "x", annotations } };
  const csa = { kind: widget, manager: "kubectl-client-side-apply", subresource: "" };
  const live = trackUpdate(csa, { live: undefined, given: sent, next: sent });
  assert.throws(() => apply(widget, "other", live, { spec: { size: 2 } }), { status: 409 });
  const taken = apply(widget, "kubectl", live, { spec: { size: 2 } });
  assert.deepEqual(taken["spec"], { size: 2 });
  const text = valueAt(taken, "metadata", "annotations", LAST_APPLIED);
  assert.deepEqual(JSON.parse(String(text)), { ...first, spec: { size: 2 } });
  const edited = update(widget, "editor", live, { ...live, spec: { size: 1, atomic: ["e"] } });
  assert.throws(() => apply(widget, "kubectl", edited, { spec: { size: 2, atomic: ["c"] } }), {
    message: 'Apply failed with 1 conflict: conflict with "editor" using example.com/v1: .spec.atomic',
  });
});
