// Rules about modules: the import table, exports, file names and opening comments.

import { type HouseRule, isShipped } from "../context.ts";
import { importProblem } from "../imports.ts";

/** Imports follow the table of `import-table.ts`; the core imports no runtime. */
export const importTableRule: HouseRule = (file) => {
  const check = (source: Deno.lint.Node) => {
    if (source.type !== "Literal" || typeof source.value !== "string") return;
    const problem = importProblem(file.path, source.value);
    if (problem !== undefined) file.report(source, problem, "the table is in scripts/lint/import-table.ts");
  };
  return {
    ImportDeclaration: (node) => check(node.source),
    ImportExpression: (node) => check(node.source),
    ExportAllDeclaration: (node) => check(node.source),
    ExportNamedDeclaration: (node) => {
      if (node.source) check(node.source);
    },
    TSImportType: (node) => {
      if (node.argument.type === "TSLiteralType") check(node.argument.literal);
    },
  };
};

/** A default export has no name to search for. */
export const noDefaultExport: HouseRule = (file) => ({
  ExportDefaultDeclaration: (node) => file.report(node, "default export", "export it by name"),
});

/** A file that only passes on what others export hides where things are. */
export const noBarrel: HouseRule = (file) => ({
  ExportAllDeclaration: (node) => file.report(node, "re-export", "import from the file that declares it"),
  ExportNamedDeclaration: (node) => {
    if (node.source) file.report(node, "re-export", "import from the file that declares it");
  },
});

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

/** File names are kebab-case. */
export const fileName: HouseRule = (file) => ({
  Program: (node) => {
    const name = file.path.split("/").at(-1) ?? "";
    if (!KEBAB_CASE.test(name)) file.report(node, `file name "${name}" is not kebab-case`);
  },
});

/** A file opens with one sentence that says what it is for. */
export const openingComment: HouseRule = (file) => ({
  Program: () => {
    const text = file.text.replace(/^#!.*\n/, "").trimStart();
    if (text === "" || text.startsWith("//") || text.startsWith("/*")) return;
    file.reportRange([0, 1], "the file does not open with a sentence that says what it is for");
  },
});

/** Every export of shipped code has a JSDoc sentence. */
export const exportDoc: HouseRule = (file) => ({
  ExportNamedDeclaration: (node) => {
    if (!isShipped(file.path) || node.source || !node.declaration) return;
    const before = file.text.slice(0, node.range[0]).trimEnd();
    if (!before.endsWith("*/")) file.reportRange([node.range[0], node.range[0] + 6], "an export without JSDoc");
  },
});
