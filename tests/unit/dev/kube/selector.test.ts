// Unit tests of label and field selectors.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldSelector, labelSelector, matchesPairs, matchesSelector } from "../../../../src/dev/kube/selector.ts";
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

test("labelSelector() refuses what it can't read", () => {
  for (const text of ["a in (x", "a b", "=x="]) assert.throws(() => labelSelector(text), { status: 400 }, text);
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
  assert.equal(fieldSelector("metadata.name=a,metadata.namespace=n")(object), true);
  assert.equal(fieldSelector("metadata.name!=a")(object), false);
  assert.throws(() => fieldSelector("spec.x=1"), { status: 400 });
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
