// Problems as text: the frame, the one-liner, and what must not reach a terminal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeSource, formatProblem, summarizeProblem } from "../../../src/schema/problem-text.ts";
import type { Problem } from "../../../src/schema/problem.ts";

const problem: Problem = {
  severity: "error",
  code: "unknown-field",
  message: 'unknown field "sevices"',
  hint: 'did you mean "services"?',
  source: { type: "file", file: "ir.yml", line: 10, column: 7 },
  path: ["spec", "routes", 0, "sevices"],
};

const text = `${"#\n".repeat(9)}      sevices:\n`;

test("formatProblem() shows the line with a caret and the hint", () => {
  assert.equal(
    formatProblem(problem, { sourceText: text }),
    `error: unknown field "sevices"
  --> ir.yml:10:7 (spec.routes[0].sevices)
   |
10 |       sevices:
   |       ^
   = help: did you mean "services"?`,
  );
});

test("formatProblem() does without the text, the place or the hint", () => {
  assert.equal(
    formatProblem(problem),
    'error: unknown field "sevices"\n  --> ir.yml:10:7 (spec.routes[0].sevices)\n   = help: did you mean "services"?',
  );
  assert.equal(formatProblem({ severity: "warning", code: "x", message: "odd" }), "warning: odd");
});

test("formatProblem() keeps the caret under tabs", () => {
  const source = { type: "file", file: "a", line: 1, column: 3 } as const;
  assert.match(formatProblem({ ...problem, source }, { sourceText: "\t\tx: 1" }), /\| \t\t\^/);
});

test("formatProblem() colours only when asked", () => {
  assert.equal(formatProblem(problem).includes("\u001b"), false);
  assert.equal(formatProblem(problem, { color: true }).includes("\u001b[1;31merror"), true);
});

test("formatProblem() disarms control characters", () => {
  const hostile = { ...problem, message: "a\u001b[2J\nb" };
  assert.match(formatProblem(hostile), /^error: a\\u001b\[2J\\u000ab\n/);
});

test("summarizeProblem() says all on one line", () => {
  assert.equal(
    summarizeProblem(problem),
    'unknown field "sevices" (did you mean "services"?) [ir.yml:10:7 (spec.routes[0].sevices)]',
  );
});

test("describeSource() names every kind of source", () => {
  const object = { type: "object", apiVersion: "v1", kind: "Service", namespace: "default", name: "web" } as const;
  assert.equal(describeSource({ type: "flag", flag: "--log.level" }), "--log.level");
  assert.equal(describeSource({ type: "env", variable: "WEIR_PING" }), "WEIR_PING");
  assert.equal(describeSource({ type: "file", file: "a.yml", line: 3 }), "a.yml:3");
  assert.equal(describeSource(object), "Service default/web");
  assert.equal(describeSource({ ...object, kind: "Namespace", namespace: "" }), "Namespace web");
  assert.equal(
    describeSource({ ...object, position: { file: "m.yml", line: 1, column: 2 } }),
    "m.yml:1:2, Service default/web",
  );
});
