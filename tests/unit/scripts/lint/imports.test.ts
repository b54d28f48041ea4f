// The import table and the functions that read it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importProblem, resolveImport, rowOf } from "../../../../scripts/lint/imports.ts";
import { importTable } from "../../../../scripts/lint/import-table.ts";

const allowed: readonly (readonly [from: string, specifier: string])[] = [
  ["src/http/body.ts", "../net/error.ts"],
  ["src/http/body.ts", "./path.ts"],
  ["src/config/load.ts", "#yaml"],
  ["src/config/load.ts", "zod"],
  ["src/service/http/balancer.ts", "../../balancer/edf.ts"],
  ["src/proxy.ts", "./build/build.ts"],
  ["src/cli.ts", "./command/run.ts"],
  ["src/mod.ts", "./proxy.ts"],
  ["adapters/bun/main.ts", "../../src/cli.ts"],
  ["adapters/shared/tcp.ts", "node:net"],
  ["tests/unit/rule/parse.test.ts", "../../../src/rule/parse.ts"],
];

for (const [from, specifier] of allowed) {
  test(`importProblem() lets ${from} import ${specifier}`, () => {
    assert.equal(importProblem(from, specifier), undefined);
  });
}

const refused: readonly (readonly [from: string, specifier: string, problem: RegExp])[] = [
  ["src/net/cidr.ts", "../http/path.ts", /src\/net may not import src\/http; it may import nothing/],
  ["src/http1/read.ts", "../service/pool.ts", /src\/http1 may not import src\/service/],
  ["src/router/router.ts", "../config/dynamic.ts", /src\/router may not import src\/config/],
  ["src/http/path.ts", "#yaml", /src\/http may not import src\/yaml/],
  ["src/http/path.ts", "#runtime", /src\/http may not import adapters\/node/],
  ["src/http/path.ts", "node:fs", /node:fs in the core/],
  ["src/http/path.ts", "bun", /bun in the core/],
  ["src/net/cidr.ts", "../../adapters/shared/tcp.ts", /src\/net may not import adapters\/shared/],
  ["adapters/shared/tcp.ts", "../../src/proxy.ts", /adapters\/shared may not import src\/proxy.ts/],
  ["adapters/node/runtime.ts", "../bun/runtime.ts", /adapters\/node may not import adapters\/bun/],
  ["src/extra/file.ts", "../net/error.ts", /belongs to no row/],
  ["src/net/cidr.ts", "../extra/file.ts", /belongs to no row/],
  ["src/net/cidr.ts", "../../scripts/lint/imports.ts", /src\/net may not import scripts/],
];

for (const [from, specifier, problem] of refused) {
  test(`importProblem() refuses ${specifier} in ${from}`, () => {
    assert.match(importProblem(from, specifier) ?? "", problem);
  });
}

test("resolveImport() leaves packages alone", () =>
  assert.equal(resolveImport("src/a/b.ts", "hono/cookie"), undefined));

test("rowOf() prefers a file's own row", () => assert.equal(rowOf("src/cli.ts")?.part, "src/cli.ts"));

test("importTable names every part once, and only parts that exist", () => {
  const parts = importTable.map((row) => row.part);
  assert.equal(new Set(parts).size, parts.length);
  for (const row of importTable) {
    if (row.mayImport === "anything") continue;
    for (const part of row.mayImport) assert.ok(parts.includes(part), `${row.part} names ${part}`);
  }
});

test("importTable has rows that import rows above them only", () => {
  const seen = new Set<string>();
  for (const row of importTable) {
    if (row.mayImport !== "anything") {
      for (const part of row.mayImport) assert.ok(seen.has(part), `${row.part}: ${part}`);
    }
    seen.add(row.part);
  }
});
