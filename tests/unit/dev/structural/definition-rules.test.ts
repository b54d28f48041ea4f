// Unit tests of the rules for definitions: what a real API server refuses, and what it takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../src/dev/json.ts";
import { withDefinitionDefaults } from "../../../../src/dev/structural/definition-defaults.ts";
import { definitionCauses } from "../../../../src/dev/structural/definition-rules.ts";
import { structureCauses } from "../../../../src/dev/structural/structure-rules.ts";

const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const version = (extra: JsonObject = {}): JsonObject => ({
  name: "v1",
  served: true,
  storage: true,
  schema: { openAPIV3Schema: anything },
  ...extra,
});

function definition(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  const names = { plural: "gadgets", kind: "Gadget" };
  return {
    metadata: { name: "gadgets.golden.example", ...metadata },
    spec: { group: "golden.example", scope: "Namespaced", names, versions: [version()], ...spec },
  };
}

const causesOf = (given: JsonObject, previous?: JsonObject): string[] =>
  definitionCauses(withDefinitionDefaults(given, previous), previous).map(({ field, message }) =>
    `${field}: ${message}`
  );

test("definitionCauses() accepts a plain definition", () => assert.deepEqual(causesOf(definition()), []));

const APPROVAL = "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have " +
  'approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111';

const cases: readonly (readonly [title: string, given: JsonObject, wanted: readonly string[]])[] = [
  ["another name", definition({}, { name: "x.golden.example" }), [
    'metadata.name: Invalid value: "x.golden.example": must be spec.names.plural+"."+spec.group',
  ]],
  ["no schema", definition({ versions: [version(), version({ name: "v0", storage: false, schema: undefined })] }), [
    "spec.versions[1].schema.openAPIV3Schema: Required value: schemas are required",
  ]],
  ["a protected group", definition({ group: "foo.k8s.io" }, { name: "gadgets.foo.k8s.io" }), [APPROVAL]],
  ["no scope", definition({ scope: "" }), ["spec.scope: Required value"]],
  ["another scope", definition({ scope: "World" }), [
    'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
  ]],
  ["no kind", definition({ names: { plural: "gadgets" } }), [
    "spec.names.singular: Required value",
    "spec.names.kind: Required value",
    "spec.names.listKind: Required value",
  ]],
  [
    "a list that is called as its items",
    definition({ names: { plural: "gadgets", kind: "Gadget", listKind: "Gadget" } }),
    [
      'spec.names.listKind: Invalid value: "Gadget": kind and listKind may not be the same',
    ],
  ],
  [
    "a column without a path",
    definition({
      versions: [version({ additionalPrinterColumns: [{ name: "A", type: "colour", jsonPath: "spec" }] })],
    }),
    [
      'spec.versions[0].additionalPrinterColumns[0].type: Invalid value: "colour": must be one of ' +
      "integer,number,string,boolean,date",
      'spec.versions[0].additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path ' +
      "starting with .",
    ],
  ],
];

test("definitionCauses() finds what a real server finds", () => {
  for (const [title, given, wanted] of cases) assert.deepEqual(causesOf(given), wanted, title);
});

test("definitionCauses() wants one version that is stored", () => {
  const twice = causesOf(definition({ versions: [version(), version({ name: "v2" })] }));
  assert.equal(twice.length, 1);
  assert.match(twice[0] ?? "", /^spec\.versions: .*: must have exactly one version marked as storage version$/);
  assert.match(causesOf(definition({ versions: [] }))[0] ?? "", /must have exactly one version/);
  assert.match(
    causesOf(definition({ versions: [version(), version({ storage: false })] }))[0] ?? "",
    /unique version names/,
  );
});

test("definitionCauses() keeps what objects are stored under", () => {
  const before = withDefinitionDefaults(definition(), undefined);
  assert.deepEqual(causesOf(definition(), before), []);
  assert.deepEqual(causesOf(definition({ scope: "Cluster" }), before), [
    'spec.scope: Invalid value: "Cluster": field is immutable',
  ]);
});

const root = (spec: JsonObject): JsonObject => ({ type: "object", properties: { spec } });

const schemas: readonly (readonly [title: string, schema: JsonObject, wanted: readonly string[]])[] = [
  ["a structural schema", root({ type: "object", properties: { a: { type: "string" } } }), []],
  ["no type at the root", {}, ["s.type: Required value: must not be empty at the root"]],
  ["no type of a field", root({}), [
    "s.properties[spec].type: Required value: must not be empty for specified object fields",
  ]],
  ["no type of items", root({ type: "array", items: {} }), [
    "s.properties[spec].items.type: Required value: must not be empty for specified array items",
  ]],
  [
    "an integer or a text",
    root({ "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] }),
    [],
  ],
  ["types in an alternative", root({ type: "object", oneOf: [{ type: "object" }] }), [
    "s.properties[spec].oneOf[0].type: Forbidden: must be empty to be structural",
  ]],
  [
    "fields and a map",
    root({ type: "object", properties: { a: { type: "string" } }, additionalProperties: { type: "string" } }),
    [
      "s.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive",
    ],
  ],
  ["unique items", root({ type: "array", uniqueItems: true, items: { type: "string" } }), [
    "s.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
  ]],
  ["a reference", root({ type: "object", $ref: "#/x" }), ["s.properties[spec].$ref: Forbidden: $ref is not supported"]],
  ["a default that does not fit", root({ type: "object", default: { a: 1 }, properties: { a: { type: "string" } } }), [
    's.properties[spec].default.a: Invalid value: "integer": a in body must be of type string: "integer"',
  ]],
  ["a map list without keys", root({ type: "array", "x-kubernetes-list-type": "map", items: { type: "object" } }), [
    "s.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
  ]],
];

test("structureCauses() finds what keeps a schema from being structural", () => {
  for (const [title, schema, wanted] of schemas) {
    assert.deepEqual(structureCauses(schema, "s").map(({ field, message }) => `${field}: ${message}`), wanted, title);
  }
});

test("structureCauses() refuses a pattern that Go can't compile", () => {
  const [cause] = structureCauses(root({ type: "string", pattern: "(?=a)" }), "s");
  assert.match(cause?.message ?? "", /must be a valid regular expression, but isn't: /);
});

test("structureCauses() bears a schema of any depth", () => {
  let deep: JsonObject = { type: "object" };
  for (let level = 0; level < 5000; level++) deep = root(deep);
  assert.match(structureCauses(deep, "s").at(-1)?.message ?? "", /may not be nested deeper/);
});
