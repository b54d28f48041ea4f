// Compares ARCHITECTURE.md's import table with the lint plugin's, and looks for cycles between files.
//
//   node_modules/node24/bin/node scripts/check/architecture.ts            compares
//   node_modules/node24/bin/node scripts/check/architecture.ts --write    rewrites the table in ARCHITECTURE.md

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { importTable } from "../lint/import-table.ts";
import { findCycle, importsOf } from "./cycles.ts";
import { describeTable, replaceTable, tableIn } from "./table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = join(root, "ARCHITECTURE.md");

/** @returns what is wrong, one line each */
function problems(): readonly string[] {
  const text = readFileSync(page, "utf8");
  const found: string[] = [];
  if (tableIn(text) === undefined) {
    found.push("ARCHITECTURE.md has no import table between <!-- import-table --> and <!-- /import-table -->");
  } else if (tableIn(text) !== describeTable(importTable)) {
    found.push("ARCHITECTURE.md: the import table differs from scripts/lint/import-table.ts");
    found.push("  help: node_modules/node24/bin/node scripts/check/architecture.ts --write");
  }
  const cycle = findCycle(readGraph());
  if (cycle !== undefined) found.push(`files import each other in a circle: ${cycle.join(" -> ")}`);
  return found;
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

if (process.argv.includes("--write")) writeFileSync(page, replaceTable(readFileSync(page, "utf8"), importTable));
const found = problems();
for (const line of found) console.error(line);
process.exitCode = found.length === 0 ? 0 : 1;
