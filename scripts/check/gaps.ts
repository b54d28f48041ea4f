// Compares the README's table of what runtimes can't do with what weir says at start.
//
//   node_modules/node24/bin/node scripts/check/gaps.ts            compares
//   node_modules/node24/bin/node scripts/check/gaps.ts --write    rewrites the table in the README

import process from "node:process";
import { fileURLToPath } from "node:url";
import { gaps as bun } from "../../adapters/bun/gaps.ts";
import { gaps as deno } from "../../adapters/deno/gaps.ts";
import { gaps as node } from "../../adapters/node/gaps.ts";
import type { Gap } from "../../src/net/runtime.ts";
import { checkPage } from "./table.ts";

const page = fileURLToPath(new URL("../../README.md", import.meta.url));

function rowsOf(runtime: string, gaps: readonly Gap[]): readonly (readonly string[])[] {
  if (gaps.length === 0) return [[runtime, "none", ""]];
  return gaps.map(({ feature, reason }) => [runtime, `\`${feature}\``, reason]);
}

const table = {
  mark: "gaps",
  head: ["runtime", "gap", "what happens"],
  rows: [...rowsOf("Bun", bun), ...rowsOf("Node", node), ...rowsOf("Deno", deno)],
};
const found = checkPage(page, table, "adapters/*/gaps.ts", "scripts/check/gaps.ts");
for (const line of found) console.error(line);
process.exitCode = found.length === 0 ? 0 : 1;
