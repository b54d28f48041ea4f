// Compares ARCHITECTURE.md's import table with the lint plugin's, and looks for cycles between files.
//
//   node_modules/node24/bin/node scripts/check/architecture.ts            compares
//   node_modules/node24/bin/node scripts/check/architecture.ts --write    rewrites the table in ARCHITECTURE.md

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { importTable } from "../lint/import-table.ts";
import { findCycle, importsOf } from "./cycles.ts";
import { describeImports } from "./import-rows.ts";
import { checkPage } from "./table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @returns what is wrong, one line each */
function cycles(): readonly string[] {
  const cycle = findCycle(readGraph());
  return cycle === undefined ? [] : [`files import each other in a circle: ${cycle.join(" -> ")}`];
}

/** @returns for each file of src/ and adapters/, the files it imports at run time */
function readGraph(): ReadonlyMap<string, readonly string[]> {
  const files = ["src", "adapters"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
  );
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), "utf8"))]));
}

const table = describeImports(importTable);
const page = join(root, "ARCHITECTURE.md");
const found = [
  ...checkPage(page, table, "scripts/lint/import-table.ts", "scripts/check/architecture.ts"),
  ...cycles(),
];
for (const line of found) console.error(line);
process.exitCode = found.length === 0 ? 0 : 1;
