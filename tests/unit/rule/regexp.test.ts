// Regular expressions: same answers with and without the automaton, in linear time.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { toLiteralTests } from "../../../src/rule/literal-regexp.ts";
import { toNativeRegexp } from "../../../src/rule/native-regexp.ts";
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

const native: readonly (readonly [pattern: string, isNative: boolean])[] = [
  ["^[a-z0-9-]+\\.example\\.com$", true],
  ["(?i)^(?:[a-z]+)\\.x$", true],
  ["^/users/(?P<id>\\d{1,9})/", true],
  ["^[^/]*/x?$", true],
  ["^.+\\.x$", false],
  ["^(a+)+$", false],
  ["^a*a*b$", false],
  ["^[^/]*/?x$", false],
  ["^a*b?a*$", false],
  ["^(a|b)+$", false],
  ["[a-z]+x$", false],
  ["^[[:alpha:]]+$", false],
  ["^\\s+$", false],
];

for (const [pattern, isNative] of native) {
  test(`toNativeRegexp() ${isNative ? "takes" : "leaves"} ${pattern}`, () => {
    assert.equal(toNativeRegexp(pattern, true) !== undefined, isNative);
  });
}

test("compileRegexp() answers as the automaton does", () => {
  const literals = ["a", "b", "B", ".", "\\.", ".*", "(a|b)", "(?:|ab)", "|", "^", "$", "a+", "[ab]", "\\\\", "\\|"];
  const classes = [
    "[^a]+",
    "[a-b]*",
    "\\d?",
    "\\w{2}",
    "(?P<n>b{1,2})",
    "[B.-]*",
    "[^\\]]",
    "(?i)",
    "[a-]",
    "é",
    "\\W",
  ];
  const piece = fc.constantFrom(...literals, ...classes);
  const pattern = fc.tuple(
    fc.constantFrom("", "^", "(?i)^"),
    fc.array(piece, { maxLength: 6 }),
    fc.constantFrom("", "$"),
  )
    .map(([head, pieces, tail]) => head + pieces.join("") + tail);
  const characters = ["a", "b", "A", "B", "1", ".", "-", "|", "]", "\\"];
  const inputOf = (more: readonly string[]) =>
    fc.array(fc.array(fc.constantFrom(...characters, ...more), { maxLength: 6 }).map((some) => some.join("")), {
      minLength: 6,
      maxLength: 6,
    });
  const cases = fc.oneof(
    fc.tuple(fc.constant("ascii" as const), inputOf([])),
    fc.tuple(fc.constant("line" as const), inputOf(["é", "\u{1f600}", "\u212a"])),
    fc.tuple(fc.constant("any" as const), inputOf(["é", "\n"])),
  );
  fc.assert(
    fc.property(pattern, cases, (expression, [input, texts]) => {
      const compiled = compileRegexp(expression, { input });
      if (compiled.error !== undefined) return;
      const automaton = RE2JS.compile(expression);
      for (const text of texts) {
        assert.equal(compiled.match(text), automaton.test(text), JSON.stringify([expression, text]));
      }
    }),
    { numRuns: 3000 },
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
