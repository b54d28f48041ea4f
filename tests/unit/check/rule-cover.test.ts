// Which rules take all requests of which others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Alternative, alternativesOf, covers } from "../../../src/check/rule-cover.ts";
import { parseRule } from "../../../src/rule/parse.ts";

function read(rule: string): readonly Alternative[] {
  const parsed = parseRule(rule, { syntax: "v3", protocol: "http" });
  assert.ok("tree" in parsed, rule);
  const alternatives = alternativesOf(parsed.tree);
  assert.ok(alternatives, rule);
  return alternatives;
}

const cases: readonly (readonly [wide: string, narrow: string, covered: boolean])[] = [
  ["Host(`a`)", "Host(`a`)", true],
  ["Host(`a`)", "Host(`A`)", true],
  ["Host(`a`)", "Host(`b`)", false],
  ["Host(`a`)", "Host(`a`) && Path(`/x`)", true],
  ["Host(`a`) && Path(`/x`)", "Host(`a`)", false],
  ["Host(`a`) && PathPrefix(`/`)", "Host(`a`)", true],
  ["Host(`a`) && PathPrefix(`/x`)", "Host(`a`) && PathPrefix(`/x/y`)", true],
  ["Host(`a`) && PathPrefix(`/x`)", "Host(`a`) && Path(`/x`)", true],
  ["Host(`a`) && Path(`/x`)", "Host(`a`) && PathPrefix(`/x`)", false],
  ["Host(`a`) || Host(`b`)", "Host(`b`) && Method(`GET`)", true],
  ["Host(`a`)", "Host(`a`) || Host(`b`)", false],
  ["Path(`/x`) && Host(`a`)", "Host(`a`) && Path(`/x`)", true],
  ["Host(`a`) && (Path(`/x`) || Path(`/y`))", "Host(`a`) && Path(`/y`)", true],
  ["!Host(`a`)", "!Host(`a`) && Path(`/x`)", true],
  ["!Host(`a`)", "Host(`b`)", false],
  ["PathPrefix(`/`)", "Host(`a`)", true],
  ["HostRegexp(`a.*`)", "Host(`ab`)", false],
];

for (const [wide, narrow, covered] of cases) {
  test(`covers() tells that ${wide} ${covered ? "takes" : "does not take"} all of ${narrow}`, () => {
    assert.equal(covers(read(wide), read(narrow)), covered);
  });
}

test("alternativesOf() gives up on a rule of too many alternatives", () => {
  const either = "(Path(`/a`) || Path(`/b`))";
  const parsed = parseRule(Array(12).fill(either).join(" && "), { syntax: "v3", protocol: "http" });
  assert.ok("tree" in parsed);
  assert.equal(alternativesOf(parsed.tree), undefined);
});
