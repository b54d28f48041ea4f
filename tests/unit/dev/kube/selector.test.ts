// Unit tests of label and field selectors.

import assert from "node:assert/strict";
import { test } from "node:test";
import { labelSelector } from "../../../../src/dev/kube/label-selector.ts";
import { fieldSelector, matchesPairs, matchesSelector, selectedName } from "../../../../src/dev/kube/selector.ts";
import { createObject } from "../../../../src/dev/kube/object.ts";

const labels = { app: "web", tier: "front" };

test("labelSelector() reads equality, sets and existence", () => {
  const rows: [string, boolean][] = [
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app!=web", false],
    ["other!=web", true],
    ["app in (web, api),tier=front", true],
    ["app notin (web)", false],
    ["other notin (web)", true],
    ["app", true],
    ["!app", false],
    ["!other", true],
    ["app=web,tier=back", false],
  ];
  for (const [text, wanted] of rows) assert.equal(labelSelector(text)(labels), wanted, text);
});

test("labelSelector() compares numbers", () => {
  const rows: [string, boolean][] = [["size>3", true], ["size<3", false], ["none>3", false], ["size>9,size<3", false]];
  for (const [text, wanted] of rows) assert.equal(labelSelector(text)({ size: "7" }), wanted, text);
});

test("labelSelector() refuses what it can't read in a real server's words", () => {
  const rows: [string, RegExp][] = [
    ["a in (x", /^unable to parse requirement: found '', expected: ',' or '\)'$/],
    ["a b", /^unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt$/],
    ["=x=", /^found '=', expected: !, identifier, or 'end of string'$/],
    ["a===b", /^unable to parse requirement: found '=', expected: identifier$/],
    ["-bad-", /^unable to parse requirement: <nil>: Invalid value: "-bad-": name part must consist of /],
    ["a>x", /for 'Gt', 'Lt' operators, the value must be an integer/],
    ["a=b,", /^found '', expected: identifier after ','$/],
  ];
  for (const [text, message] of rows) assert.throws(() => labelSelector(text), { status: 400, message }, text);
});

test("fieldSelector() selects by name and namespace and refuses unknown fields", () => {
  const object = createObject({}, {
    apiVersion: "v1",
    kind: "Pod",
    name: "a",
    namespace: "n",
    uid: "u",
    resourceVersion: "1",
    generation: undefined,
    creationTimestamp: "",
  });
  const [map, pod] = [{ kind: "ConfigMap", custom: false }, { kind: "Pod", custom: false }];
  assert.equal(fieldSelector("metadata.name=a,metadata.namespace=n", map)(object), true);
  assert.equal(fieldSelector("metadata.name!=a", map)(object), false);
  assert.equal(fieldSelector("status.phase=", pod)(object), true);
  const known = '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"';
  assert.throws(() => fieldSelector("spec.x=1", map), { status: 400, message: known });
  for (const kind of [pod, { kind: "IngressRoute", custom: true }]) {
    assert.throws(() => fieldSelector("spec.x=1", kind), { status: 400, message: "field label not supported: spec.x" });
  }
});

test("selectedName() finds the one name that a selector allows", () => {
  const name = (text: string) => selectedName(new URLSearchParams({ fieldSelector: text }));
  assert.deepEqual([name("metadata.name=a"), name("metadata.name!=a"), name("status.phase=x"), name("")], [
    "a",
    undefined,
    undefined,
    undefined,
  ]);
});

test("matchesPairs() selects nothing when empty; matchesSelector() selects everything", () => {
  assert.equal(matchesPairs({}, labels), false);
  assert.equal(matchesPairs({ app: "web" }, labels), true);
  assert.equal(matchesSelector({}, labels), true);
  assert.equal(matchesSelector({ matchLabels: { app: "api" } }, labels), false);
  const expression = (operator: string, values?: string[]) => ({
    matchExpressions: [{ key: "app", operator, values }],
  });
  assert.equal(matchesSelector(expression("In", ["web"]), labels), true);
  assert.equal(matchesSelector(expression("NotIn", ["web"]), labels), false);
  assert.equal(matchesSelector(expression("Exists"), labels), true);
  assert.equal(matchesSelector(expression("DoesNotExist"), labels), false);
});
