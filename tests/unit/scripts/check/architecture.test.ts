// The import table in Markdown, and the search for import cycles.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findCycle, importsOf } from "../../../../scripts/check/cycles.ts";
import { describeImports } from "../../../../scripts/check/import-rows.ts";
import { describeTable, replaceTable, tableIn } from "../../../../scripts/check/table.ts";

const rows = [
  { part: "src/net", responsibility: "ports", mayImport: [] },
  { part: "src/http", responsibility: "messages", mayImport: ["src/net"] },
  { part: "tests", responsibility: "tests", mayImport: "anything" as const },
];
const table = describeImports(rows);
const page = "before\n<!-- import-table -->\nold\n<!-- /import-table -->\nafter\n";

test("replaceTable() writes what tableIn() reads, padded by a formatter or not", () => {
  const written = replaceTable(page, table);
  assert.equal(tableIn(written, "import-table"), describeTable(table));
  assert.equal(tableIn(written.replaceAll("| ports |", "| ports     |"), "import-table"), describeTable(table));
  assert.match(written, /^before\n[^]*\| `src\/http` \| messages \| net \|[^]*\nafter\n$/);
});

test("tableIn() tells another table apart", () => {
  assert.notEqual(tableIn(replaceTable(page, describeImports(rows.slice(1))), "import-table"), describeTable(table));
});

test("tableIn() is undefined without its marks", () => assert.equal(tableIn("no table", "import-table"), undefined));

test("importsOf() follows relative imports and aliases, and leaves out types and packages", () => {
  const text = [
    'import { a } from "./a.ts";',
    'import type { B } from "./b.ts";',
    "import {\n  c,\n  type C,\n} from '../c/c.ts';",
    'import "./side.ts";',
    'export { d } from "./d.ts";',
    'import * as z from "zod";',
    'import { parse } from "#yaml";',
  ].join("\n");
  assert.deepEqual(importsOf("src/x/x.ts", text), [
    "src/x/a.ts",
    "src/c/c.ts",
    "src/x/side.ts",
    "src/x/d.ts",
    "src/yaml/yaml.ts",
  ]);
});

test("findCycle() names the files of a circle", () => {
  const graph = new Map([["a", ["b", "c"]], ["b", []], ["c", ["d"]], ["d", ["c"]]]);
  assert.deepEqual(findCycle(graph), ["c", "d", "c"]);
});

test("findCycle() accepts a diamond", () => {
  assert.equal(findCycle(new Map([["a", ["b", "c"]], ["b", ["d"]], ["c", ["d"]], ["d", []]])), undefined);
});
