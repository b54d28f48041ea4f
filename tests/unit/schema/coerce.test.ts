// Loose typing: what files, flags and variables may write.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { coerce } from "../../../src/schema/coerce.ts";
import { duration, integer, oneOf } from "../../../src/schema/primitives.ts";

const schema = z.strictObject({
  entryPoints: z.array(z.string()).default([]),
  weight: integer().optional(),
  ratio: z.number().optional(),
  enabled: z.boolean().default(false),
  name: z.string().optional(),
  mode: oneOf(["http", "grpc"]).optional(),
  timeout: duration.optional(),
  block: z.strictObject({ inner: z.strictObject({ deep: integer().optional() }).prefault({}) }).optional(),
  named: z.record(z.string(), z.strictObject({ size: integer() })).default({}),
  open: z.looseObject({ known: integer().optional() }).optional(),
  list: z.array(z.strictObject({ main: z.string() })).optional(),
});

const cases: readonly [title: string, input: unknown, value: unknown][] = [
  ["names in any case", { ENTRYPOINTS: ["a"], Weight: 3 }, { entryPoints: ["a"], weight: 3 }],
  ["texts for numbers", { weight: "3", ratio: "-1.5e2" }, { weight: 3, ratio: -150 }],
  ["texts for booleans", { enabled: "T" }, { enabled: true }],
  ["commas for lists", { entryPoints: "a, b" }, { entryPoints: ["a", "b"] }],
  ["nothing for lists", { entryPoints: "" }, { entryPoints: [] }],
  ["one item for a list", { entryPoints: 80 }, { entryPoints: ["80"] }],
  ["numbers for texts", { name: 5, entryPoints: [1, true] }, { name: "5", entryPoints: ["1", "true"] }],
  ["null as not given", { weight: null, entryPoints: null, named: null, name: null }, {}],
  ["a bare block as on", { block: null }, { block: {} }],
  ["true as on", { block: true }, { block: {} }],
  ["the text true as on", { block: "true" }, { block: {} }],
  ["false as off", { block: "false" }, {}],
  ["nested blocks", { block: { INNER: { DEEP: "1" } } }, { block: { inner: { deep: 1 } } }],
  ["names of maps as they are", { named: { WebSecure: { SIZE: "1" } } }, { named: { WebSecure: { size: 1 } } }],
  ["open blocks as they are", { open: { Known: "1", other: "x" } }, { open: { known: 1, other: "x" } }],
  ["what does not fit as it is", { weight: "ten", enabled: "maybe", block: "x" }, {
    weight: "ten",
    enabled: "maybe",
    block: "x",
  }],
  ["durations as they are", { timeout: 5 }, { timeout: "5" }],
];

for (const [title, input, value] of cases) {
  test(`coerce() takes ${title}`, () => {
    const coerced = coerce(schema, input);
    assert.deepEqual(coerced.value, value);
    assert.deepEqual(coerced.problems, []);
  });
}

test("coerce() reports unknown fields where they stand, and leaves them out", () => {
  const { value, problems } = coerce(schema, { wieght: 1, list: [{ main: "a", sasn: "b" }] });
  assert.deepEqual(value, { list: [{ main: "a" }] });
  assert.deepEqual(problems.map(({ path, code }) => [code, path]), [
    ["unknown-field", ["wieght"]],
    ["unknown-field", ["list", 0, "sasn"]],
  ]);
  assert.equal(problems[0]?.hint, 'did you mean "weight"?');
});

test("coerce() does not fall for names of Object's prototype", () => {
  const { problems } = coerce(schema, JSON.parse('{"__proto__": {"x": 1}, "constructor": 1, "toString": 1}'));
  assert.deepEqual(problems.map(({ path }) => path?.[0]).toSorted(), ["__proto__", "constructor", "toString"]);
});
