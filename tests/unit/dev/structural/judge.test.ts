// Unit tests of custom objects at the gate: pruning, defaults, nulls, objects in objects, lists, rules that are not run.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema } from "../../../../src/dev/kube/schema.ts";
import { isObject, type JsonObject, objectAt } from "../../../../src/dev/json.ts";
import { customCauses, readCustom } from "../../../../src/dev/structural/judge.ts";

const text: Schema = { type: "string" };
const schemaOf = (spec: Schema): Schema => ({ type: "object", properties: { spec } });
const widget = (spec: unknown, metadata: JsonObject = {}): JsonObject => ({
  metadata: { name: "a", ...metadata },
  spec,
});

function read(spec: Schema, value: JsonObject) {
  const result = readCustom(schemaOf(spec), value);
  assert.ok(result.ok);
  return { spec: result.object["spec"], unknown: result.unknown, object: result.object };
}

function causes(spec: Schema, value: unknown): string[] {
  return customCauses(schemaOf(spec), widget(value), []).map(({ field, message }) => `${field}: ${message}`);
}

test("readCustom() drops what the schema does not have, and names it in the order of the alphabet", () => {
  const schema: Schema = {
    type: "object",
    properties: {
      nested: { type: "object", properties: { a: text } },
      keep: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: { type: "object" } } },
      any: { "x-kubernetes-preserve-unknown-fields": true },
      list: { type: "array", items: { type: "object", properties: { n: text } } },
      map: { type: "object", additionalProperties: { type: "object", properties: { n: text } } },
    },
  };
  const given = {
    nested: { zz: 1, a: "x" },
    bogus: 1,
    keep: { free: 1, known: { gone: 1 } },
    any: { free: [1, null] },
    list: [{ n: "x", m: 1 }, 5],
    map: { one: { n: "x", m: 1 } },
  };
  const { spec, unknown } = read(schema, widget(given));
  assert.deepEqual(spec, {
    nested: { a: "x" },
    keep: { free: 1, known: {} },
    any: { free: [1, null] },
    list: [{ n: "x" }, 5],
    map: { one: { n: "x" } },
  });
  assert.deepEqual(unknown, [
    "spec.bogus",
    "spec.keep.known.gone",
    "spec.list[0].m",
    "spec.map.one.m",
    "spec.nested.zz",
  ]);
});

test("readCustom() drops fields of an object that stands where a list belongs", () => {
  const { spec, unknown } = read(
    { type: "object", properties: { list: { type: "array", items: text } } },
    widget({ list: { a: 1 } }),
  );
  assert.deepEqual([spec, unknown], [{ list: {} }, ["spec.list.a"]]);
});

test("readCustom() keeps a field called __proto__ from doing anything", () => {
  const given: unknown = JSON.parse('{"metadata": {"name": "a"}, "spec": {"__proto__": {"evil": true}}}');
  assert.ok(isObject(given));
  assert.deepEqual(read({ type: "object" }, given).unknown, ["spec.__proto__"]);
  const kept = read({ type: "object", "x-kubernetes-preserve-unknown-fields": true }, given).spec;
  assert.equal(isObject(kept) && kept["evil"], undefined);
});

test("readCustom() fills defaults in, and takes nulls for absent unless they are allowed", () => {
  const schema: Schema = {
    type: "object",
    properties: {
      size: { type: "integer", default: 3 },
      nested: {
        type: "object",
        default: {},
        properties: {
          a: { ...text, default: "A" },
          b: { type: "object", properties: { c: { type: "integer", default: 1 } } },
        },
      },
      nullish: { ...text, nullable: true, default: "x" },
      plain: text,
      list: { type: "array", items: { type: "object", properties: { n: { type: "integer", default: 5 } } } },
      map: { type: "object", additionalProperties: text },
    },
  };
  const table: readonly (readonly [JsonObject, JsonObject])[] = [
    [{}, { size: 3, nested: { a: "A" }, nullish: "x" }],
    [{ size: null, nested: null, nullish: null, plain: null, list: null }, {
      size: 3,
      nested: { a: "A" },
      nullish: null,
    }],
    [{ nested: { a: null, b: {} }, list: [{}, { n: null }, { n: 1 }] }, {
      size: 3,
      nested: { a: "A", b: { c: 1 } },
      nullish: "x",
      list: [{ n: 5 }, { n: 5 }, { n: 1 }],
    }],
    [{ map: { a: null, b: "c" } }, { size: 3, nested: { a: "A" }, nullish: "x", map: { b: "c" } }],
  ];
  for (const [given, wanted] of table) assert.deepEqual(read(schema, widget(given)).spec, wanted);
});

test("readCustom() gives every object defaults of its own", () => {
  const schema: Schema = { type: "object", properties: { list: { type: "array", default: ["a"], items: text } } };
  const [one, other] = [read(schema, widget({})).spec, read(schema, widget({})).spec];
  assert.notEqual(objectAt(one)["list"], objectAt(other)["list"]);
});

test("readCustom() knows the fields of metadata, and their types", () => {
  const { object, unknown } = read({ type: "object" }, widget({}, { bogus: 1, labels: { a: "b" }, clusterName: "x" }));
  assert.deepEqual(unknown, ["metadata.bogus", "metadata.clusterName"]);
  assert.deepEqual(object["metadata"], { name: "a", labels: { a: "b" } });
  const bad = readCustom(schemaOf({ type: "object" }), widget({}, { labels: { a: 1 } }));
  const why = "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string";
  assert.deepEqual(bad, { ok: false, why, failures: [{ path: ["labels", "a"], why }] });
});

test("objects in objects must say what they are, and have metadata that is known", () => {
  const schema: Schema = {
    type: "object",
    properties: {
      inner: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
    },
  };
  const given = { apiVersion: "v1", kind: "X", metadata: { name: "e", bogus: 1 }, foo: 1 };
  const { spec, unknown } = read(schema, widget({ inner: given, bogus: 1 }));
  assert.deepEqual(unknown, ["spec.bogus", "spec.inner.metadata.bogus"]);
  assert.deepEqual(spec, { inner: { apiVersion: "v1", kind: "X", metadata: { name: "e" }, foo: 1 } });
  assert.deepEqual(causes(schema, { inner: { kind: 5 } }), [
    "spec.inner.apiVersion: Required value: must not be empty",
    'spec.inner.kind: Invalid value: "integer": spec.inner.kind in body must be of type string: "integer"',
  ]);
});

test("customCauses() finds items that stand in a set or a map list twice", () => {
  const schema: Schema = {
    type: "object",
    properties: {
      set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
      map: {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name", "port"],
        items: { type: "object", properties: { name: text, port: { type: "integer", default: 80 } } },
      },
      free: { type: "array", items: text },
    },
  };
  assert.deepEqual(causes(schema, { set: ["a", "b", "a"], free: ["a", "a"] }), ['spec.set[2]: Duplicate value: "a"']);
  assert.deepEqual(causes(schema, { map: [{ name: "a" }, { name: "a", port: 80 }, { name: "a", port: 81 }] }), [
    'spec.map[1]: Duplicate value: map[string]interface {}{"name":"a", "port":80}',
  ]);
});

test("customCauses() says that rules were not run, where a mistake keeps them from being run", () => {
  const schema: Schema = {
    type: "object",
    properties: { size: { type: "integer", maximum: 10 }, kind: { ...text, enum: ["a"] } },
    "x-kubernetes-validations": [{ rule: "self.size != 9" }],
  };
  const note = '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; ' +
    "correct the existing errors to complete validation";
  assert.equal(causes(schema, { size: "x" }).at(-1), note);
  assert.ok(!causes(schema, { size: 11, kind: "b" }).includes(note));
  assert.ok(!causes({ type: "object", properties: { size: text } }, { size: 1 }).includes(note));
});
