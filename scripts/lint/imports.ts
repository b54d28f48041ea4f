// Decides whether one file may import another: pure functions over the import table.

import { type ImportRow, importTable } from "./import-table.ts";

/** Names of package.json's `imports` and what they stand for in the table. */
const ALIASES: Readonly<Record<string, string>> = {
  "#yaml": "src/yaml/yaml.ts",
  "#runtime": "adapters/node/runtime.ts",
};

/**
 * @param path relative to the repository, with forward slashes
 * @returns the row that a file belongs to: the longest one that fits
 */
export function rowOf(path: string, table: readonly ImportRow[] = importTable): ImportRow | undefined {
  const fitting = table.filter((row) => path === row.part || path.startsWith(`${row.part}/`));
  return fitting.sort((one, other) => other.part.length - one.part.length)[0];
}

/**
 * @param from the importing file, relative to the repository
 * @param specifier as written in the import
 * @returns the imported file relative to the repository; undefined for packages and built-in modules
 */
export function resolveImport(from: string, specifier: string): string | undefined {
  const alias = ALIASES[specifier];
  if (alias !== undefined) return alias;
  if (!specifier.startsWith(".")) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/**
 * @param from the importing file, relative to the repository
 * @param specifier as written in the import
 * @returns what is wrong with it; undefined when it is allowed
 */
export function importProblem(from: string, specifier: string): string | undefined {
  const row = rowOf(from);
  const target = resolveImport(from, specifier);
  if (target === undefined) return row === undefined ? undefined : outsideProblem(row, specifier);
  if (row === undefined) {
    return from.startsWith("src/") || from.startsWith("adapters/")
      ? `${from} belongs to no row of the import table; add its folder to scripts/lint/import-table.ts`
      : undefined;
  }
  if (row.mayImport === "anything") return undefined;
  const targetRow = rowOf(target);
  if (targetRow === undefined) return `${target} belongs to no row of the import table`;
  if (targetRow === row || row.mayImport.includes(targetRow.part)) return undefined;
  const allowed = row.mayImport.length === 0 ? "nothing" : row.mayImport.join(", ");
  return `${row.part} may not import ${targetRow.part}; it may import ${allowed}`;
}

const BUILT_IN = /^(node:|bun:|bun$|jsr:|npm:|https?:)/;

function outsideProblem(row: ImportRow, specifier: string): string | undefined {
  if (!row.part.startsWith("src/") || !BUILT_IN.test(specifier)) return undefined;
  return `${specifier} in the core: src/ imports no runtime; ask for it through the Runtime interface of src/net`;
}
