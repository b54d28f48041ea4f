// Did-you-mean: near words are found, far ones are not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hintFor, suggest } from "../../../src/schema/suggest.ts";

const FIELDS = ["services", "service", "middlewares", "entryPoints", "rule", "tls", "level"];

const cases: readonly [word: string, suggestion: string | undefined][] = [
  ["sevices", "services"],
  ["servcie", "service"],
  ["midlewares", "middlewares"],
  ["entrypoint", "entryPoints"],
  ["ENTRYPOINTS", "entryPoints"],
  ["rul", "rule"],
  ["lvl", "level"],
  ["x", undefined],
  ["backends", undefined],
  ["", undefined],
];

for (const [word, suggestion] of cases) {
  test(`suggest() answers ${suggestion} to ${JSON.stringify(word)}`, () =>
    assert.equal(suggest(word, FIELDS), suggestion));
}

test("hintFor() names the nearest word, else the few there are, else nothing", () => {
  assert.equal(hintFor("rul", FIELDS), 'did you mean "rule"?');
  assert.equal(hintFor("backends", ["a", "b"]), "known here: a, b");
  assert.equal(hintFor("backends", Array.from({ length: 13 }, (_, at) => `n${at}`)), undefined);
  assert.equal(hintFor("backends", []), undefined);
});
