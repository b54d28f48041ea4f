// Which entry points a router's names stand for, and what is said of the others.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EntryPointFacts } from "../../../src/build/context.ts";
import { chooseEntryPoints } from "../../../src/build/entry-points.ts";
import { web } from "./fakes.ts";

const dns: EntryPointFacts = { name: "dns", isDefault: false, middlewares: [], protocol: "udp" };

const cases: readonly [
  why: string,
  known: readonly EntryPointFacts[],
  others: readonly EntryPointFacts[],
  text: string,
][] = [
  ["names those there are", [web], [dns], "there is no entry point x: there are: web"],
  [
    "says how to declare one of TCP",
    [],
    [dns],
    "there is no entry point x: there is none; declare it with --entrypoints.x.address=:PORT",
  ],
  [
    "says how to declare one of UDP",
    [],
    [web],
    "there is no entry point x: there is none; declare it with --entrypoints.x.address=:PORT/udp",
  ],
];

for (const [why, known, others, text] of cases) {
  test(`chooseEntryPoints() ${why}`, () => {
    const { found, missing } = chooseEntryPoints(["x"], known, others);
    assert.deepEqual([found, missing.map(({ message, hint }) => `${message}: ${hint}`)], [[], [text]]);
  });
}

test("chooseEntryPoints() tells a name of the other protocol", () => {
  const { missing } = chooseEntryPoints(["dns"], [web], [dns]);
  assert.deepEqual(missing, [{ message: "the entry point dns speaks UDP" }]);
});
