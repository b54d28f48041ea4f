// Streams of documents: a broken one stays alone, and every value has a place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocuments } from "../../../src/yaml/documents.ts";
import type { ValuePath } from "../../../src/yaml/positions.ts";

test("parseDocuments() reports a broken document in its place and reads the others", () => {
  const documents = parseDocuments("a: 1\n---\nb: [\n---\n# c\nc: 3\n--- # empty\n");
  assert.deepEqual(documents.map(({ value }) => value), [{ a: 1 }, undefined, { c: 3 }]);
  assert.deepEqual(documents.map(({ error }) => error !== undefined), [false, true, false]);
  assert.deepEqual(documents.map(({ line }) => line), [1, 3, 6]);
  assert.ok((documents[1]?.error?.line ?? 0) >= 3);
});

const splits: readonly [title: string, stream: string, values: readonly unknown[]][] = [
  ["nothing", "", []],
  ["a marker at the end", "a: 1\n---", [{ a: 1 }]],
  ["content after the marker", "--- a\n--- b\n", ["a", "b"]],
  ["directives", "%YAML 1.2\n---\na: 1\n", [{ a: 1 }]],
  ["dashes that are no marker", "a: |\n  ---\nb: ---x\n", [{ a: "---\n", b: "---x" }]],
  ["Windows line ends", "a: 1\r\n---\r\nb: 2\r\n", [{ a: 1 }, { b: 2 }]],
  ["a separator character inside a string", 'a: "x\u2028---\u2028y"\n', [{ a: "x\u2028---\u2028y" }]],
];

for (const [title, stream, values] of splits) {
  test(`parseDocuments() splits at ${title}`, () => {
    assert.deepEqual(parseDocuments(stream).map(({ value, error }) => error ?? value), values);
  });
}

const STREAM = `# comment
---
kind: X
---
spec:
  routes:
    - match: Host
      services: [{name: a, port: 80}, {"name": b}]
    - &second
      match: "one
 two"
      weight: 3
  again: *second
  merged:
    <<: *second
    own: 1
  "quoted key": {a: 1}
  empty:
`;

const places: readonly [path: ValuePath, key: string | undefined, value: string | undefined][] = [
  [["spec"], "5:1", "6:3"],
  [["spec", "routes", 0], "7:7", "7:7"],
  [["spec", "routes", 0, "match"], "7:7", "7:14"],
  [["spec", "routes", 0, "services", 0, "port"], "8:28", "8:34"],
  [["spec", "routes", 0, "services", 1, "name"], "8:40", "8:48"],
  [["spec", "routes", 1, "match"], "10:7", "10:14"],
  [["spec", "routes", 1, "weight"], "12:7", "12:15"],
  [["spec", "again", "weight"], "12:7", "12:15"],
  [["spec", "again"], "13:3", "13:10"],
  [["spec", "merged", "weight"], "12:7", "12:15"],
  [["spec", "merged", "own"], "16:5", "16:10"],
  [["spec", "quoted key", "a"], "17:18", "17:21"],
  [["spec", "empty"], "18:3", "18:3"],
  [["SPEC", "ROUTES", 0, "Match"], "7:7", "7:14"],
  [["spec", "routes", 7], undefined, undefined],
  [["spec", "missing"], undefined, undefined],
];

for (const [path, key, value] of places) {
  test(`parseDocuments() finds ${path.join(".")}`, () => {
    const document = parseDocuments(STREAM)[1];
    const print = (at: "key" | "value"): string | undefined => {
      const position = document?.positionOf(path, at);
      return position && `${position.line}:${position.column}`;
    };
    assert.equal(print("key"), key);
    assert.equal(print("value"), value);
  });
}

test("parseDocuments() has no places in a broken document", () => {
  assert.equal(parseDocuments("a: [")[0]?.positionOf(["a"]), undefined);
});
