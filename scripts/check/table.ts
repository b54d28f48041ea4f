// The import table as Markdown, and the place in a page where it stands.

import type { ImportRow } from "../lint/import-table.ts";

const BEGIN = "<!-- import-table -->";
const END = "<!-- /import-table -->";
const HEAD = ["| part | responsibility | may import |", "| --- | --- | --- |"];

/** @returns the table as ARCHITECTURE.md shows it, before formatting */
export function describeTable(table: readonly ImportRow[]): string {
  return normalise([...HEAD, ...table.map(toLine)].join("\n"));
}

function toLine(row: ImportRow): string {
  return `| \`${row.part}\` | ${row.responsibility} | ${toCell(row.mayImport)} |`;
}

function toCell(mayImport: ImportRow["mayImport"]): string {
  if (mayImport === "anything") return "anything";
  return mayImport.length === 0 ? "nothing" : mayImport.map((part) => part.replace("src/", "")).join(", ");
}

/** Formatters pad cells; what counts is what they say. */
function normalise(text: string): string {
  const lines = text.trim().split("\n").filter((line) => !/^[|\s:-]+$/.test(line));
  return lines.map((line) => line.split("|").map((cell) => cell.trim()).join("|")).join("\n");
}

/** @returns the table of a page in comparable form; undefined when the page marks no place for it */
export function tableIn(page: string): string | undefined {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  return begin === -1 || end < begin ? undefined : normalise(page.slice(begin + BEGIN.length, end));
}

/** @returns the page with its table rewritten; unchanged when it marks no place for it */
export function replaceTable(page: string, table: readonly ImportRow[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) return page;
  const text = [...HEAD, ...table.map(toLine)].join("\n");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`;
}
