// A table that a page shows and that code knows: as Markdown, and at its place in the page, between two marks.

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

/** What stands between `<!-- mark -->` and `<!-- /mark -->`. */
export interface PageTable {
  readonly mark: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** @returns a table as a page shows it, before formatting */
export function describeTable(table: PageTable): string {
  return normalise(toText(table));
}

function toText({ head, rows }: PageTable): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Formatters pad cells; what counts is what they say. */
function normalise(text: string): string {
  const lines = text.trim().split("\n").filter((line) => !/^[|\s:-]+$/.test(line));
  return lines.map((line) => line.split("|").map((cell) => cell.trim()).join("|")).join("\n");
}

/** Where a table stands in a page; undefined when the page marks no place for it. */
function placeOf(page: string, mark: string): { readonly from: number; readonly to: number } | undefined {
  const begin = `<!-- ${mark} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(`<!-- /${mark} -->`);
  return from === -1 || to < from ? undefined : { from: from + begin.length, to };
}

/** @returns the table of a page in comparable form; undefined when the page marks no place for it */
export function tableIn(page: string, mark: string): string | undefined {
  const place = placeOf(page, mark);
  return place && normalise(page.slice(place.from, place.to));
}

/** @returns the page with its table rewritten; unchanged when it marks no place for it */
export function replaceTable(page: string, table: PageTable): string {
  const place = placeOf(page, table.mark);
  if (place === undefined) return page;
  return `${page.slice(0, place.from)}\n\n${toText(table)}\n\n${page.slice(place.to)}`;
}

/**
 * Compares a page's table; with `--write` on the command line, rewrites it first.
 * @param file the page
 * @param source what knows better
 * @param script what rewrites the page
 * @returns what is wrong, one line each
 */
export function checkPage(file: string, table: PageTable, source: string, script: string): readonly string[] {
  const { mark } = table;
  if (process.argv.includes("--write")) writeFileSync(file, replaceTable(readFileSync(file, "utf8"), table));
  const shown = tableIn(readFileSync(file, "utf8"), mark);
  if (shown === undefined) return [`${file} has no place for the table: <!-- ${mark} --> and <!-- /${mark} -->`];
  if (shown === describeTable(table)) return [];
  return [
    `${file}: the table ${mark} differs from ${source}`,
    `  help: node_modules/node24/bin/node ${script} --write`,
  ];
}
