// Trees as text, and the priority that follows from it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatRule } from "../../../src/rule/format.ts";
import { parseRule } from "../../../src/rule/parse.ts";
import { rulePriority } from "../../../src/rule/priority.ts";
import type { RuleNode } from "../../../src/rule/tree.ts";

const text = fc.string({ minLength: 1, maxLength: 8, unit: "binary" }).filter((value) => value.isWellFormed());
const matcher = fc.oneof(
  text.map((value): RuleNode => ({ type: "matcher", name: "Host", args: [value] })),
  fc.tuple(text, text).map((args): RuleNode => ({ type: "matcher", name: "Header", args })),
);
const { tree } = fc.letrec<{ tree: RuleNode }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    matcher,
    tie("tree").map((node): RuleNode => ({ type: "not", node })),
    fc.array(tie("tree"), { minLength: 2, maxLength: 3 }).map((nodes): RuleNode => ({ type: "and", nodes })),
    fc.array(tie("tree"), { minLength: 2, maxLength: 3 }).map((nodes): RuleNode => ({ type: "or", nodes })),
  ),
}));

test("formatRule() writes text that parses to the same tree", () => {
  fc.assert(fc.property(tree, (original) => {
    const result = parseRule(formatRule(original), { syntax: "v3", protocol: "http" });
    assert.ok("tree" in result, "error" in result ? result.error.message : "");
    assert.deepEqual(result.tree, original);
  }));
});

const priorities: readonly (readonly [rule: string, priority: number])[] = [
  ["Host(`a`)", 9],
  ["Host(`a`)  ", 11],
  ["Path(`/é`)", 11],
];

for (const [rule, priority] of priorities) {
  test(`rulePriority() of ${JSON.stringify(rule)} is ${priority}`, () => assert.equal(rulePriority(rule), priority));
}

test("rulePriority() of a tree is the length of its text", () => {
  assert.equal(rulePriority({ type: "matcher", name: "Host", args: ["a"] }), 9);
});

test("rulePriority() puts the TCP catch-all last", () => {
  assert.equal(rulePriority("HostSNI(`*`)", "tcp"), -1);
  assert.equal(rulePriority(" hostsni( `*` )", "tcp"), -1);
  assert.equal(rulePriority({ type: "matcher", name: "HostSNI", args: ["*"] }, "tcp"), -1);
  assert.equal(rulePriority("HostSNI(`a`)", "tcp"), 12);
  assert.equal(rulePriority("HostSNI(`*`) && ALPN(`h2`)", "tcp"), 26);
});
