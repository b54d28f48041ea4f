// Each faulty file of the fixtures by itself: its fault is found at its place, and nothing else.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkInputs } from "../../../src/check/check.ts";
import { briefly, readFaulty } from "../../support/checked.ts";

const LEAST = 30; // faults, each of another kind

test("checkInputs() finds the fault of each faulty file, and nothing else", async () => {
  const faulty = await readFaulty();
  assert.ok(faulty.length >= LEAST);
  for (const { name, inputs, expected } of faulty) {
    assert.ok(expected.length > 0, `${name} expects nothing`);
    const { findings } = checkInputs(inputs, { runtime });
    const found = findings.map((finding) => briefly(finding).replace(/ (?:error|warning) /, " "));
    assert.deepEqual(found.sort(), expected, name);
  }
});
