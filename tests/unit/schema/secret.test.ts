// Secrets of schemas: hidden in messages and wherever options are shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { toProblems } from "../../../src/schema/issues.ts";
import { duration, statusRange } from "../../../src/schema/primitives.ts";
import { isSecretAt, secret } from "../../../src/schema/secret.ts";
import { showOptions } from "../../../src/schema/show.ts";

const schema = z.strictObject({
  name: z.string().optional(),
  hashes: secret(z.array(z.string())).default([]).describe("Hashes."),
  login: z.strictObject({ word: secret(z.string().min(3)).optional() }).optional(),
  list: z.array(z.strictObject({ word: secret(z.string()) })).optional(),
  free: z.record(z.string(), secret(z.unknown())).optional(),
});

test("showOptions() hides what is marked, at any depth, and shows what is not set", () => {
  const options = {
    name: "n",
    hashes: ["a:b", ""],
    login: { word: "w" },
    list: [{ word: "x" }],
    free: { any: { thing: [1, true, null] }, Empty: "" },
  };
  const copy = structuredClone(options);
  assert.deepEqual(showOptions(schema, options), {
    name: "n",
    hashes: ["xxxx", ""],
    login: { word: "xxxx" },
    list: [{ word: "xxxx" }],
    free: { any: { thing: ["xxxx", "xxxx", null] }, Empty: "" },
  });
  assert.deepEqual(options, copy, "the options stay as they are");
  for (const value of [undefined, null, "text", {}]) assert.deepEqual(showOptions(schema, value), value);
});

test("isSecretAt() knows everything below a mark", () => {
  const rows: [(string | number)[], boolean][] = [
    [["hashes"], true],
    [["hashes", 0], true],
    [["login"], false],
    [["login", "word"], true],
    [["free", "any", "thing"], true],
    [["nothing", "here"], false],
    [[], false],
  ];
  for (const [path, wanted] of rows) assert.equal(isSecretAt(schema, path), wanted, JSON.stringify(path));
  assert.equal(isSecretAt(undefined, ["hashes"]), false);
});

test("toProblems() quotes no secret", () => {
  const input = { name: 7, hashes: ["fine", 8], login: { word: "ab" } };
  const parsed = schema.safeParse(input);
  assert.ok(!parsed.success);
  assert.deepEqual(toProblems(parsed.error, { input, schema }).map(({ message }) => message), [
    '"name" must be a string, got 7',
    '"hashes[1]" must be a string, got a value that is not shown here',
    '"word" must have at least 3 characters, got a value that is not shown here',
  ]);
});

test("showOptions() writes values as a configuration does", () => {
  const units = z.strictObject({
    period: duration.default(1000),
    status: z.array(statusRange).default([]),
    list: z.array(duration),
  });
  const options = units.parse({ period: "1h", status: ["404", "500-599"], list: ["1500ms"] });
  assert.deepEqual(showOptions(units, options), { period: "1h0m0s", status: ["404", "500-599"], list: ["1.5s"] });
});
