// YAML behind `#yaml`: values, errors with places, and lenient indentation.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, parseAll, stringify, YamlError } from "#yaml";

const values: readonly [title: string, text: string, value: unknown][] = [
  ["YAML 1.1 booleans", "[yes, no, on, off, true, False]", [true, false, true, false, true, false]],
  ["YAML 1.1 booleans as keys as texts", "{on: 1, no: off, y: n}", { on: 1, no: false, y: "n" }],
  ["a lone YAML 1.1 boolean", "yes", true],
  ["timestamps as strings", "2001-12-14", "2001-12-14"],
  ["merge keys", "a: &a {x: 1}\nb: {<<: *a, y: 2}", { a: { x: 1 }, b: { x: 1, y: 2 } }],
  ["numbers", "[1, 0x10, 1.5, 1e3]", [1, 16, 1.5, 1000]],
  ["an empty text", "", null],
  ["a text of comments", "# nothing\n", null],
  ["JSON", '{"a": [1, null, "x"]}', { a: [1, null, "x"] }],
  ["a byte order mark", "\uFEFFa: 1", { a: 1 }],
  ["Windows line ends", "a: 1\r\nb:\r\n  - c\r\n", { a: 1, b: ["c"] }],
  ["a double-quoted continuation indented too little", 'a:\n  b: "one\n two\n three"\n', { a: { b: "one two three" } }],
  ["a single-quoted continuation indented too little", "a:\n    b: 'one\n\n  two'\n", { a: { b: "one\ntwo" } }],
  ["a flow list closed too far left", "a:\n  b: [1,\n    2\n]\n", { a: { b: [1, 2] } }],
  ["a flow mapping closed too far left", "a:\n  b: {c: 1,\nd: 2}\ne: 3\n", { a: { b: { c: 1, d: 2 } }, e: 3 }],
];

for (const [title, text, value] of values) {
  test(`parse() reads ${title}`, () => assert.deepEqual(parse(text), value));
}

const errors: readonly [title: string, text: string, line: number, reason: RegExp][] = [
  ["an unclosed list", "a: 1\nb: [1\nc: 2\n", 3, /flow|missed comma|unexpected/],
  ["duplicate keys", "a: 1\na: 2\n", 2, /duplicated mapping key/],
  ["tabs as indentation", "a:\n\tb: 1\n", 2, /tab/],
  ["a block indented too little", "a:\n    b: 1\n  c: 2\n", 3, /bad indentation|deficient/],
  ["two documents", "a: 1\n---\nb: 2\n", 1, /document/],
];

for (const [title, text, line, reason] of errors) {
  test(`parse() refuses ${title}, with its place`, () => {
    assert.throws(() => parse(text), (error) => {
      assert.ok(error instanceof YamlError);
      assert.match(error.reason, reason);
      assert.equal(error.line, line);
      assert.ok(error.column >= 1);
      assert.match(error.message, /\(\d+:\d+\)$/);
      return true;
    });
  });
}

test("parse() leaves the words of YAML 1.1 texts when told so", () => {
  assert.deepEqual(parse("{a: yes, b: [on, true], no: off}", { booleans: "1.2" }), {
    a: "yes",
    b: ["on", true],
    no: "off",
  });
});

test("parse() merges and refuses doubled keys that are words", () => {
  assert.deepEqual(parse("a: &a {on: 1, x: yes}\nb: {<<: *a, x: off}"), {
    a: { on: 1, x: true },
    b: { on: 1, x: false },
  });
  assert.throws(() => parse("on: 1\non: 2\n"), /duplicated mapping key/);
});

test("parse() refuses aliases that expand without end", () => {
  const levels = Array.from(
    { length: 10 },
    (_, at) => `l${at + 1}: &l${at + 1} [${Array(10).fill(`*l${at}`).join(", ")}]`,
  );
  assert.throws(() => parse(`l0: &l0 x\n${levels.join("\n")}\n`), /aliases expand to more than/);
});

test("parse() survives nesting without end", () => {
  assert.throws(() => parse("[".repeat(100_000)), YamlError);
});

test("parse() keeps hostile names as plain keys", () => {
  const value = parse("__proto__: {polluted: true}\nconstructor: 1\n");
  assert.equal(Reflect.get({}, "polluted"), undefined);
  assert.deepEqual(Object.keys(Object(value)).toSorted(), ["__proto__", "constructor"]);
});

test("parseAll() reads every document and leaves empty ones out", () => {
  assert.deepEqual(parseAll("# head\n---\na: 1\n---\n# nothing\n---\nb: 2\n"), [{ a: 1 }, { b: 2 }]);
});

test("parseAll() counts the lines of the whole stream in errors", () => {
  assert.throws(() => parseAll("a: 1\n---\nb: 1\nb: 2\n"), (error) => error instanceof YamlError && error.line === 4);
});

test("stringify() prints what parse() reads back", () => {
  const value = { a: ["x: y", "yes", "", 1, true, null], b: { "key: odd": "line\nline\n" }, long: "word ".repeat(60) };
  assert.deepEqual(parse(stringify(value)), value);
  assert.equal(stringify({ a: { b: [1] } }), "a:\n  b:\n    - 1\n");
});

test("stringify() repeats what is met twice instead of making anchors", () => {
  const shared = { x: 1 };
  assert.equal(stringify([shared, shared]).includes("&"), false);
  assert.equal(stringify([shared, shared], { useAnchors: true }).includes("&"), true);
});

test("stringify() refuses what YAML has no form for, or leaves it out", () => {
  assert.throws(() => stringify({ a: () => {} }), YamlError);
  assert.equal(stringify({ a: () => {}, b: 1 }, { skipInvalid: true }), "b: 1\n");
});
