// Regular expressions: same answers with and without the automaton, in linear time.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { toLiteralTests } from "../../../src/rule/literal-regexp.ts";
import { compileRegexp } from "../../../src/rule/regexp.ts";

const literal: readonly (readonly [pattern: string, tests: readonly string[] | undefined])[] = [
  ["^/api/", ["^/api/"]],
  ["\\.php$", [".php$"]],
  ["^a\\.b$", ["^a.b$"]],
  ["abc", ["abc"]],
  ["^/api/.*", ["^/api/"]],
  ["^/api/.*$", ["^/api/"]],
  ["^.*\\.js$", [".js$"]],
  ["^(a|b)\\.c$", ["^a.c$", "^b.c$"]],
  ["^(?:a|b)(?P<x>c|d)$", ["^ac$", "^ad$", "^bc$", "^bd$"]],
  ["^a$|b", ["^a$", "b"]],
  ["", [""]],
  ["a.b", undefined],
  ["(?i)a", undefined],
  ["a+", undefined],
  ["a\\d", undefined],
  ["(a)*", undefined],
  ["[ab]", undefined],
  ["(a(b))", undefined],
  ["x\\.*", undefined],
  [".*?a", undefined],
  ["a\\\\|b$", ["a\\", "b$"]],
  ["(a\\\\|b)", undefined],
];

for (const [pattern, expected] of literal) {
  test(`toLiteralTests() of ${JSON.stringify(pattern)}`, () => {
    const tests = toLiteralTests(pattern, true);
    assert.deepEqual(
      tests?.map(({ text, fromStart, toEnd }) => `${fromStart ? "^" : ""}${text}${toEnd ? "$" : ""}`),
      expected,
    );
  });
}

test("toLiteralTests() keeps .* where a line feed could end it", () => {
  assert.equal(toLiteralTests("^a.*$", false), undefined);
  assert.equal(toLiteralTests("^.*a", false), undefined);
});

test("compileRegexp() answers as the automaton does", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    ".",
    "\\.",
    ".*",
    "(a|b)",
    "(?:|ab)",
    "|",
    "^",
    "$",
    "a+",
    "[ab]",
    "\\\\",
    "\\|",
  );
  const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  const input = fc.array(fc.constantFrom("a", "b", ".", "|", "\\"), { maxLength: 6 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(pattern, fc.array(input, { minLength: 5, maxLength: 5 }), (expression, inputs) => {
      const compiled = compileRegexp(expression, { singleLine: true });
      assert.ok(compiled.error === undefined);
      const automaton = RE2JS.compile(expression);
      for (const text of inputs) {
        assert.equal(compiled.match(text), automaton.test(text), JSON.stringify([expression, text]));
      }
    }),
    { numRuns: 1000 },
  );
});

test("compileRegexp() stays fast where backtracking would not", () => {
  const compiled = compileRegexp("^(a+)+$");
  assert.ok(compiled.error === undefined);
  const started = performance.now();
  assert.equal(compiled.match(`${"a".repeat(50_000)}!`), false);
  assert.ok(performance.now() - started < 1000);
});

test("compileRegexp() bounds the expression", () => {
  assert.match(compileRegexp("a".repeat(5000)).error?.message ?? "", /5000 characters long; the limit is 4096/);
  assert.match(compileRegexp("(?:[ab]{1000}c)".repeat(200)).error?.message ?? "", /too large/);
});
