// Unit tests of values against schemas: each cause in the words of a real API server.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema } from "../../../../src/dev/kube/schema.ts";
import { schemaCauses } from "../../../../src/dev/structural/validate.ts";

const text: Schema = { type: "string" };

/** Schema of the field `f`, its value, and the causes wanted. */
const cases: readonly (readonly [title: string, schema: Schema, value: unknown, wanted: readonly string[]])[] = [
  ["a fitting text", text, "a", []],
  ["a number for a text", text, 1, ['f: Invalid value: "integer": f in body must be of type string: "integer"']],
  ["a text for a list", { type: "array", items: text }, "a", [
    'f: Invalid value: "string": f in body must be of type array: "string"',
  ]],
  ["items of a wrong type", { type: "array", items: text }, [1, "a", 2.5], [
    'f[0]: Invalid value: "integer": f[0] in body must be of type string: "integer"',
    'f[2]: Invalid value: "number": f[2] in body must be of type string: "number"',
  ]],
  ["a fraction for an integer", { type: "integer" }, 1.5, [
    'f: Invalid value: "number": f in body must be of type integer: "number"',
  ]],
  ["an integer for a number", { type: "number" }, 1, []],
  ["null", text, null, ['f: Invalid value: "null": f in body must be of type string: "null"']],
  ["null where it is allowed", { ...text, nullable: true }, null, []],
  ["null in an enumeration", { ...text, nullable: true, enum: ["a"] }, null, [
    'f: Unsupported value: "": supported values: "a"',
  ]],
  ["not in an enumeration", { ...text, enum: ["One", ""] }, "Two", [
    'f: Unsupported value: "Two": supported values: "One", ""',
  ]],
  ["not in an enumeration of numbers", { type: "integer", enum: [1, 2] }, 3, [
    'f: Unsupported value: 3: supported values: "1", "2"',
  ]],
  ["too long, in characters", { ...text, maxLength: 2 }, "ééé", ["f: Too long: may not be longer than 2"]],
  ["just long enough, in characters", { ...text, maxLength: 2, minLength: 2 }, "\u{1F600}\u{1F600}", []],
  ["too short", { ...text, minLength: 2 }, "a", ['f: Invalid value: "a": f in body should be at least 2 chars long']],
  ["not of a pattern", { ...text, pattern: "^[a-z]*$" }, "AB", [
    `f: Invalid value: "AB": f in body should match '^[a-z]*$'`,
  ]],
  ["of a pattern in Go's syntax", { ...text, pattern: "(?i)^a+$" }, "AA", []],
  ["not of a format", { ...text, format: "date-time" }, "soon", [
    'f: Invalid value: "soon": f in body must be of type date-time: "soon"',
  ]],
  ["of a format that nobody checks", { ...text, format: "colour" }, "soon", []],
  ["too small", { type: "integer", minimum: 1 }, 0, [
    "f: Invalid value: 0: f in body should be greater than or equal to 1",
  ]],
  ["too large", { type: "integer", maximum: 10 }, 11, [
    "f: Invalid value: 11: f in body should be less than or equal to 10",
  ]],
  ["at an excluded end", { type: "number", minimum: 0, exclusiveMinimum: true }, 0, [
    "f: Invalid value: 0: f in body should be greater than 0",
  ]],
  ["not a multiple", { type: "number", multipleOf: 0.5 }, 0.7, [
    "f: Invalid value: 0.7: f in body should be a multiple of 0.5",
  ]],
  ["a multiple of a fraction", { type: "number", multipleOf: 0.1 }, 0.3, []],
  ["too few items", { type: "array", items: text, minItems: 1 }, [], [
    "f: Invalid value: 0: f in body should have at least 1 items",
  ]],
  ["too many items", { type: "array", items: text, maxItems: 1 }, ["a", "b"], [
    "f: Too many: 2: must have at most 1 items",
  ]],
  ["items twice", { type: "array", items: text, uniqueItems: true }, ["a", "a"], [
    `f: Invalid value: []interface {}{"a", "a"}: f in body shouldn't contain duplicates`,
  ]],
  ["too many properties", { type: "object", additionalProperties: text, maxProperties: 1 }, { a: "b", c: 1 }, [
    "f: Too many: 2: must have at most 1 items",
  ]],
  ["too few properties", { type: "object", minProperties: 1 }, {}, [
    "f: Invalid value: 0: f in body should have at least 1 properties",
  ]],
  ["a value of a map", { type: "object", additionalProperties: text }, { a: 1 }, [
    'f.a: Invalid value: "integer": f.a in body must be of type string: "integer"',
  ]],
  ["a missing property", { type: "object", required: ["a"], properties: { a: text } }, {}, ["f.a: Required value"]],
  ["a property called as a method", { type: "object", required: ["toString"] }, {}, ["f.toString: Required value"]],
  ["an integer or a text", { "x-kubernetes-int-or-string": true }, 1.5, [
    'f: Invalid value: "number": f in body must be of type integer,string: "number"',
  ]],
  [
    "an integer or a text, with alternatives",
    { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, text] },
    true,
    [
      'f: Invalid value: "boolean": f in body must be of type integer,string: "boolean"',
      '<nil>: Invalid value: "": "f" must validate at least one schema (anyOf)',
      'f: Invalid value: "boolean": f in body must be of type integer: "boolean"',
    ],
  ],
  ["none of one", { oneOf: [{ required: ["a"] }, { required: ["b"] }] }, {}, [
    '<nil>: Invalid value: "": "f" must validate one and only one schema (oneOf). Found none valid',
    "f.a: Required value",
  ]],
  ["both of one", { oneOf: [{ required: ["a"] }, { required: ["b"] }] }, { a: 1, b: 1 }, [
    '<nil>: Invalid value: "": "f" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ]],
  ["some of all", { allOf: [{ required: ["a"] }, { required: ["b"] }] }, { a: 1 }, [
    '<nil>: Invalid value: "": "f" must validate all the schemas (allOf)',
    "f.b: Required value",
  ]],
  ["what may not be", { not: { required: ["a"] } }, { a: 1 }, [
    '<nil>: Invalid value: "": "f" must not validate the schema (not)',
  ]],
  ["unknown fields", { type: "object", properties: {} }, { a: 1 }, []],
];

test("schemaCauses() finds what a real server finds", () => {
  for (const [title, schema, value, wanted] of cases) {
    const causes = schemaCauses({ type: "object", properties: { f: schema } }, { f: value });
    assert.deepEqual(causes.map(({ field, message }) => `${field}: ${message}`), wanted, title);
  }
});

test("schemaCauses() gives each kind of mistake its reason", () => {
  const reason = (schema: Schema, value: unknown) => schemaCauses(schema, value)[0]?.reason;
  assert.equal(reason(text, 1), "FieldValueTypeInvalid");
  assert.equal(reason({ ...text, format: "ipv4" }, "x"), "FieldValueTypeInvalid");
  assert.equal(reason({ ...text, enum: ["a"] }, "b"), "FieldValueNotSupported");
  assert.equal(reason({ ...text, maxLength: 1 }, "ab"), "FieldValueTooLong");
  assert.equal(reason({ type: "array", maxItems: 0 }, [1]), "FieldValueTooMany");
  assert.equal(reason({ type: "object", required: ["a"] }, {}), "FieldValueRequired");
  assert.equal(reason({ type: "integer", minimum: 1 }, 0), "FieldValueInvalid");
});
