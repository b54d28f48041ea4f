// Unit tests of the words in which broken JSON is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonProblem } from "../../../../src/dev/api/json-problem.ts";

const rows: [text: string, problem: string | undefined][] = [
  ["{}", undefined],
  ['[1,-2.5e3,{"a":[true,false,null,"\\u00e9"]},[]]', undefined],
  ['{"a":1', "unexpected end of JSON input"],
  ["", "unexpected end of JSON input"],
  ["{bad json}", "invalid character 'b' looking for beginning of object key string"],
  ["apiVersion: v1", "invalid character 'a' looking for beginning of value"],
  ['{"a":1}garbage', "invalid character 'g' after top-level value"],
  ["[1 2]", "invalid character '2' after array element"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['"\\q"', "invalid character 'q' in string escape code"],
  ['"\n"', "invalid character '\\n' in string literal"],
  ["nul1", "invalid character '1' in literal null (expecting 'l')"],
  ["\ufeff{}", "invalid character 'ï' looking for beginning of value"],
  [`${"[".repeat(20_000)}`, "unexpected end of JSON input"],
];

test("jsonProblem() speaks as Go's decoder", () => {
  for (const [text, problem] of rows) {
    assert.equal(jsonProblem(new TextEncoder().encode(text)), problem, text.slice(0, 40));
  }
});
