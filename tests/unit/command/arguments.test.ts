// Unit tests of the options of sub-commands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "../../../src/command/arguments.ts";

const rules = {
  name: { wanted: { pattern: /^[a-z]+$/, text: "a name" } },
  list: { list: true },
} as const;

const good: readonly (readonly [args: readonly string[], wanted: Readonly<Record<string, readonly string[]>>])[] = [
  [[], {}],
  [["--name", "a"], { name: ["a"] }],
  [["--name=a", "--list=x,y"], { name: ["a"], list: ["x", "y"] }],
  [["--list", "x", "--list=y, z"], { list: ["x", "y", "z"] }],
];

test("readOptions() reads values, lists and repetitions", () => {
  for (const [args, wanted] of good) {
    const options = readOptions(args, rules);
    assert.ok(!("usage" in options), args.join(" "));
    assert.deepEqual(Object.fromEntries(options), wanted);
  }
});

const bad: readonly (readonly [args: readonly string[], wanted: string])[] = [
  [["--nam", "a"], '"--nam" is not an option; it takes --name, --list'],
  [["a"], '"a" is not an option; it takes --name, --list'],
  [["--toString"], '"--toString" is not an option; it takes --name, --list'],
  [["--name"], "--name needs a value"],
  [["--name="], "--name needs a value"],
  [["--name", "A"], '--name must be a name, got "A"'],
  [["--name=a", "--name=b"], "--name is given twice"],
];

test("readOptions() says what is wrong", () => {
  for (const [args, wanted] of bad) assert.deepEqual(readOptions(args, rules), { usage: wanted });
});
