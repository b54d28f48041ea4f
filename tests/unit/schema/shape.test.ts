// Walking schemas: shapes through wrappers, and fields by path.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { formatPath, hasPath, valueAt } from "../../../src/schema/path.ts";
import { duration, integer, oneOf, size } from "../../../src/schema/primitives.ts";
import { factsOf, findField, schemaAt } from "../../../src/schema/shape.ts";

const cases: readonly [
  title: string,
  schema: z.ZodType,
  kind: string,
  format?: string | undefined,
  defaultValue?: unknown,
][] = [
  ["a string", z.string().optional(), "string"],
  ["a number", integer({ min: 1 }).default(3), "number", undefined, 3],
  ["a boolean", z.boolean().default(false), "boolean", undefined, false],
  ["an enum without case", oneOf(["a", "b"]).default("a"), "enum", undefined, "a"],
  ["a duration", duration.default(5), "string", "duration", 5],
  ["a size with limits", size.pipe(integer({ min: 1 })).default(5), "string", "size", 5],
  ["an object", z.strictObject({ a: z.string() }).prefault({ a: "x" }), "object", undefined, { a: "x" }],
  ["a record", z.record(z.string(), z.string()).default({}), "record", undefined, {}],
  ["a list", z.array(z.string()).readonly().nullable(), "array"],
  ["a lazy schema", z.lazy(() => z.array(z.string())), "array"],
  ["a union of mixed kinds", z.union([z.string(), z.array(z.string())]), "any"],
  ["anything", z.unknown(), "any"],
];

for (const [title, schema, kind, format, defaultValue] of cases) {
  test(`factsOf() sees ${title}`, () => {
    const facts = factsOf(schema);
    assert.equal(facts.shape.kind, kind);
    assert.equal(facts.format, format);
    assert.deepEqual(facts.defaultValue, defaultValue);
  });
}

test("factsOf() takes the outermost description", () => {
  assert.equal(factsOf(z.string().describe("inner").optional()).description, "inner");
  assert.equal(factsOf(z.string().describe("inner").default("x").describe("outer")).description, "outer");
});

test("factsOf() tells open objects from closed ones", () => {
  const isOpen = (schema: z.ZodType): boolean | undefined => {
    const { shape } = factsOf(schema);
    return shape.kind === "object" ? shape.open : undefined;
  };
  assert.deepEqual([z.looseObject({}), z.strictObject({}), z.object({})].map(isOpen), [true, false, false]);
});

test("schemaAt() follows fields, names and indices", () => {
  const schema = z.strictObject({ list: z.array(z.strictObject({ map: z.record(z.string(), z.boolean()) })) });
  assert.ok(schemaAt(schema, ["LIST", 3, "map", "any"]) instanceof z.ZodBoolean);
  assert.equal(schemaAt(schema, ["lost", 1]), undefined);
});

test("findField() ignores case and prototypes", () => {
  assert.equal(findField({ entryPoints: 1 }, "ENTRYPOINTS"), "entryPoints");
  assert.equal(findField({ a: 1 }, "toString"), undefined);
});

test("formatPath() prints names that need it in quotes", () => {
  assert.equal(formatPath(["http", "routers", "a b", "x", 0, "y"]), 'http.routers["a b"].x[0].y');
});

test("valueAt() and hasPath() follow own properties only", () => {
  const root = { a: [{ b: undefined }] };
  assert.equal(valueAt(root, ["a", 0, "b"]), undefined);
  assert.equal(hasPath(root, ["a", 0, "b"]), true);
  assert.equal(hasPath(root, ["a", 0, "toString"]), false);
  assert.equal(hasPath(root, ["a", 1]), false);
});
