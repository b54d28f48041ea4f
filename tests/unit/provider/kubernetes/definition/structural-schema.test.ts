// Unit tests of zod schemas as structural schemas.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { toStructuralSchema } from "../../../../../src/provider/kubernetes/definition/structural-schema.ts";
import type { OpenApiSchema } from "../../../../../src/schema/open-api.ts";
import {
  cidr,
  duration,
  integer,
  nonEmptyString,
  oneOf,
  port,
  size,
  statusRange,
} from "../../../../../src/schema/primitives.ts";

const DURATION = "^([0-9]+(ns|us|µs|ms|s|m|h)?)+$";
const intOrString = { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] };
const anyValue = { "x-kubernetes-preserve-unknown-fields": true };

const cases: readonly (readonly [title: string, schema: z.ZodType, wanted: object])[] = [
  ["a text", z.string(), { type: "string" }],
  ["a described text", z.string().describe("A name."), { type: "string", description: "A name." }],
  ["a text with a default", z.string().default("x"), { type: "string" }],
  ["a text that is not empty", nonEmptyString, { type: "string" }],
  ["a text of a pattern", z.string().regex(/^a+$/), { type: "string", pattern: "^a+$" }],
  ["a list", z.array(z.string()).min(1), { type: "array", items: { type: "string" } }],
  ["a flag", z.boolean().default(true), { type: "boolean" }],
  ["a whole number", integer(), { type: "integer" }],
  ["a whole number within limits", integer({ min: 0, max: 5 }), { type: "integer", minimum: 0, maximum: 5 }],
  ["any number", z.number(), { type: "number" }],
  ["a port", port, { type: "integer", minimum: 0, maximum: 65535 }],
  ["a duration", duration.default(0), { ...intOrString, pattern: DURATION }],
  ["a size", size.default(-1), { type: "integer", format: "int64" }],
  ["a range of addresses", cidr, { type: "string" }],
  ["a range of statuses", statusRange, { type: "string", pattern: "^([1-5][0-9]{2}[,-]?)+$" }],
  ["a number or a text", z.union([z.int(), z.string()]), intOrString],
  ["one of", z.enum(["a", "b"]), { type: "string", enum: ["a", "b"] }],
  ["one of, in any case", oneOf(["a", "b"]), { type: "string" }],
  ["anything", z.unknown(), anyValue],
  ["a map of texts", z.record(z.string(), z.string()), { type: "object", additionalProperties: { type: "string" } }],
  ["a map of anything", z.record(z.string(), z.unknown()), { type: "object", additionalProperties: anyValue }],
  ["an object without fields", z.strictObject({}), { type: "object" }],
  ["an open object", z.looseObject({ a: z.string().optional() }), {
    type: "object",
    properties: { a: { type: "string" } },
    ...anyValue,
  }],
  ["an object", z.strictObject({ b: z.string(), a: z.string().optional() }), {
    type: "object",
    required: ["b"],
    properties: { a: { type: "string" }, b: { type: "string" } },
  }],
  ["a refined object", z.strictObject({ a: z.string() }).refine(() => true), {
    type: "object",
    required: ["a"],
    properties: { a: { type: "string" } },
  }],
];

test("toStructuralSchema() says what an API server can check", () => {
  for (const [title, schema, wanted] of cases) {
    assert.deepEqual(toStructuralSchema(schema, { path: [], required: "all" }), wanted, title);
  }
});

test("toStructuralSchema() leaves to weir which options of a middleware are required", () => {
  const schema = z.strictObject({ a: z.string(), list: z.array(z.strictObject({ name: z.string() })) });
  const { required, properties } = toStructuralSchema(schema, { path: ["kind"], required: "inner" });
  assert.equal(required, undefined);
  assert.deepEqual(properties?.["list"]?.items?.required, ["name"]);
});

test("toStructuralSchema() follows Traefik's definitions where they differ", () => {
  const at = (path: readonly string[], schema: z.ZodType): OpenApiSchema | undefined => {
    const [name = "", ...before] = path.toReversed();
    const whole = toStructuralSchema(z.strictObject({ [name]: schema }), {
      path: before.toReversed(),
      required: "all",
    });
    return whole.properties?.[name];
  };
  assert.deepEqual(at(["sticky", "cookie", "sameSite"], oneOf(["none", "lax", "strict"])), {
    type: "string",
    enum: ["none", "lax", "strict", "None", "Lax", "Strict"],
  });
  assert.deepEqual(at(["healthCheck", "interval"], duration), intOrString);
  assert.deepEqual(at(["retry", "attempts"], integer({ min: 1 })), { type: "integer", minimum: 0 });
  assert.deepEqual(at(["observability", "traceVerbosity"], z.enum(["minimal", "detailed"])), {
    type: "string",
    enum: ["minimal", "detailed"],
    default: "minimal",
  });
});
