// What each TCP matcher means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRule } from "../../../src/rule/parse.ts";
import { compileTcpRule, needsServerName, type TcpSubject } from "../../../src/rule/tcp-matcher.ts";
import type { RuleNode } from "../../../src/rule/tree.ts";

function treeOf(rule: string): RuleNode {
  const result = parseRule(rule, { syntax: "v3", protocol: "tcp" });
  assert.ok("tree" in result);
  return result.tree;
}

const plain: TcpSubject = { remoteIp: "192.0.2.1", alpn: [] };
const named: TcpSubject = { serverName: "a.example", remoteIp: "192.0.2.1", alpn: ["h2", "http/1.1"] };

const cases: readonly (readonly [rule: string, subject: TcpSubject, expected: boolean])[] = [
  ["HostSNI(`*`)", plain, true],
  ["HostSNI(`*`)", named, true],
  ["HostSNI(`A.example`)", named, true],
  ["HostSNI(`*.example`)", named, true],
  ["HostSNI(`b.example`)", named, false],
  ["HostSNI(`a.example`)", plain, false],
  ["HostSNIRegexp(`^[a-z]\\.example$`)", named, true],
  ["HostSNIRegexp(`^.+$`)", plain, false],
  ["ClientIP(`192.0.2.0/24`)", plain, true],
  ["ALPN(`h2`)", named, true],
  ["ALPN(`h2`)", plain, false],
  ["HostSNI(`a.example`) && !ALPN(`h3`)", named, true],
];

for (const [rule, subject, expected] of cases) {
  test(`compileTcpRule() ${rule} on ${subject.serverName ?? "no name"} is ${expected}`, () => {
    const compiled = compileTcpRule(treeOf(rule));
    assert.ok(compiled.error === undefined);
    assert.equal(compiled.match(subject), expected);
  });
}

test("compileTcpRule() refuses to route ACME's protocol", () => {
  assert.match(compileTcpRule(treeOf("ALPN(`acme-tls/1`)")).error?.message ?? "", /can't be routed/);
});

test("needsServerName() is true for rules that ask for a name", () => {
  assert.equal(needsServerName(treeOf("HostSNI(`*`)")), false);
  assert.equal(needsServerName(treeOf("ClientIP(`::1`) && HostSNI(`*`)")), false);
  assert.equal(needsServerName(treeOf("!HostSNI(`a`)")), true);
  assert.equal(needsServerName(treeOf("HostSNIRegexp(`a`)")), true);
});
