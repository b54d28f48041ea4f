// TOML: values, errors with places, and the places of keys and values.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseToml } from "../../../src/config/toml.ts";
import type { FieldPath } from "../../../src/schema/path.ts";

const TEXT = `# comment = "no key"
title = "x" # [not.a.table]
a.b."c d" = 1

[http.routers.web]
rule = 'Host(\`a\`) # no comment'
list = [
  "one", # comment ]
  "two",
]
inline = { x = 1, "y" = { z = [ { q = 2 } ] } }

[[http.services]]
url = """
[fake]
key = "no"
"""
after = true

[[http.services]]
  url = "second"
  [http.services.health]
  path = "/"
`;

const places: readonly [path: FieldPath, key: string | undefined, value: string | undefined][] = [
  [["title"], "2:1", "2:9"],
  [["a", "b", "c d"], "3:1", "3:13"],
  [["a"], "3:1", "3:13"],
  [["http"], "5:1", "5:1"],
  [["http", "routers", "web", "rule"], "6:1", "6:8"],
  [["HTTP", "Routers", "web", "RULE"], "6:1", "6:8"],
  [["http", "routers", "web", "list", 1], "9:3", "9:3"],
  [["http", "routers", "web", "inline", "x"], "11:12", "11:16"],
  [["http", "routers", "web", "inline", "y", "z", 0, "q"], "11:35", "11:39"],
  [["http", "services", 0, "url"], "14:1", "14:7"],
  [["http", "services", 0, "after"], "18:1", "18:9"],
  [["http", "services", 1, "url"], "21:3", "21:9"],
  [["http", "services", 1, "health", "path"], "23:3", "23:10"],
  [["http", "services", 0, "key"], undefined, undefined],
  [["not", "a", "table"], undefined, undefined],
];

for (const [path, key, value] of places) {
  test(`parseToml() finds ${path.join(".")}`, () => {
    const { positionOf } = parseToml(TEXT);
    const print = (at: "key" | "value"): string | undefined => {
      const position = positionOf(path, at);
      return position && `${position.line}:${position.column}`;
    };
    assert.equal(print("key"), key);
    assert.equal(print("value"), value);
  });
}

const errors: readonly [text: string, line: number][] = [["a = 1\nb = = 2\n", 2], ["a = 1\na = 2\n", 2], ["[a\n", 1]];

for (const [text, line] of errors) {
  test(`parseToml() refuses ${JSON.stringify(text)}, with its place`, () => {
    const { value, error } = parseToml(text);
    assert.equal(value, undefined);
    assert.equal(error?.line, line);
    assert.ok((error?.message ?? "").length > 0 && !error?.message.includes("\n"));
  });
}

test("parseToml() ends on any text", () => {
  for (
    const text of ["[", "[[", "a", "a =", "a = [", "a = {", 'a = "', "=", "]", "\u0000", '"""', "a = [[[[", ". = 1"]
  ) {
    assert.equal(parseToml(text).positionOf(["nothing"]), undefined);
  }
});
