// The import table as ARCHITECTURE.md shows it.

import type { ImportRow } from "../lint/import-table.ts";
import type { PageTable } from "./table.ts";

/** @returns the table as a page shows it */
export function describeImports(table: readonly ImportRow[]): PageTable {
  return { mark: "import-table", head: ["part", "responsibility", "may import"], rows: table.map(toCells) };
}

function toCells(row: ImportRow): readonly string[] {
  return [`\`${row.part}\``, row.responsibility, toCell(row.mayImport)];
}

function toCell(mayImport: ImportRow["mayImport"]): string {
  if (mayImport === "anything") return "anything";
  return mayImport.length === 0 ? "nothing" : mayImport.map((part) => part.replace("src/", "")).join(", ");
}
