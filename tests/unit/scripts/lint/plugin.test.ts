// The lint plugin, run by `deno lint` itself on a small tree of good and bad files.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const tree = realpathSync(mkdtempSync(join(tmpdir(), "weir-lint-")));
after(() => rmSync(tree, { recursive: true }));

const head = "// A file.\n";
const doc = "/** Does it. */\n";
const lines = (count: number, line: string) => `${line}\n`.repeat(count);

/** Path, source and the rules it must break; none: it must pass. */
const cases: readonly (readonly [name: string, path: string, text: string, rules: readonly string[]])[] = [
  ["a clean file", "src/http/clean.ts", `${head}${doc}export const a = 1;\n`, []],
  ["a forbidden import", "src/net/up.ts", `${head}import "../http/clean.ts";\n`, ["import-table"]],
  ["a forbidden import()", "src/net/dynamic.ts", `${head}await import("../http/clean.ts");\n`, ["import-table"]],
  ["a forbidden import of a type", "src/net/type.ts", `${head}${doc}export type A = import("../http/clean.ts").A;\n`, [
    "import-table",
  ]],
  ["a runtime's module in the core", "src/http/fs.ts", `${head}import "node:fs";\n`, ["import-table"]],
  ["a runtime's module in an adapter", "adapters/node/fs.ts", `${head}import "node:fs";\n`, []],
  ["a runtime's global in the core", "src/http/global.ts", `${head}Bun.gc();\n`, ["no-runtime-global"]],
  ["a default export", "src/http/default.ts", `${head}export default 1;\n`, ["no-default-export"]],
  ["a barrel", "src/http/barrel.ts", `${head}export * from "./clean.ts";\n`, ["no-barrel"]],
  ["a re-export", "src/http/reexport.ts", `${head}export { a } from "./clean.ts";\n`, ["no-barrel"]],
  ["the public API", "src/mod.ts", `${head}export { a } from "./http/clean.ts";\n`, []],
  ["camelCase", "src/http/camelCase.ts", `${head}${doc}export const a = 1;\n`, ["file-name"]],
  [
    "no opening sentence",
    "src/http/mute.ts",
    `${lines(1, "")}let a = 1;\na = 2;\nconst b = a + 1;\n${doc}export { b };\n`,
    [
      "opening-comment",
    ],
  ],
  ["no JSDoc on an export", "src/http/no-doc.ts", `${head}\nexport const a = 1;\n`, ["export-doc"]],
  ["no JSDoc needed in tests", "tests/no-doc.ts", `${head}\nexport const a = 1;\n`, []],
  ["any", "src/http/any.ts", `${head}${doc}export const a = (b: any) => b;\n`, ["no-type-escape"]],
  ["as", "src/http/as.ts", `${head}${doc}export const a = (b: unknown) => b as string;\n`, ["no-type-escape"]],
  ["as const", "src/http/as-const.ts", `${head}${doc}export const a = {\n  b: 1,\n} as const;\n`, []],
  ["!", "src/http/bang.ts", `${head}${doc}export const a = (b?: string) => b!.length;\n`, ["no-type-escape"]],
  ["ts-ignore", "src/http/ignore.ts", `${head}// @ts-expect-error no reason\n${doc}export const a = 1;\n`, [
    "no-type-escape",
  ]],
  ["console in the core", "src/http/console.ts", `${head}console.log(1);\n`, ["no-console"]],
  ["console in a script", "scripts/console.ts", `${head}console.log(1);\n`, []],
  ["a bare Error", "src/http/bare.ts", `${head}throw new Error("x");\n`, ["no-bare-error"]],
  ["a bare Error in a test", "tests/bare.ts", `${head}throw new Error("x");\n`, []],
  ["a long file", "src/http/long.ts", `${head}${lines(400, "//")}`, ["file-size"]],
  ["a file at the limit", "src/http/limit.ts", `${head}${lines(399, "//")}`, []],
  ["a long data table", "src/http/table.ts", `// data table: statuses\n${lines(500, "//")}`, []],
  ["a long function", "src/http/tall.ts", `${head}${doc}export function a() {\n${lines(59, "//")}}\n`, [
    "function-size",
  ]],
  ["a function at the limit", "src/http/high.ts", `${head}${doc}export function a() {\n${lines(58, "//")}}\n`, []],
  [
    "five parameters",
    "src/http/wide.ts",
    `${head}${doc}export const a = (...x: [(b: 1, c: 1, d: 1, e: 1, f: 1) => 1]) => x;
const g = (b: 1, c: 1, d: 1, e: 1, f: 1) => [b, c, d, e, f];\ng(1, 1, 1, 1, 1);\n`,
    ["function-size"],
  ],
  ["thirteen branches", "src/http/branchy.ts", `${head}${doc}export const a = (b: 1) => b${" || b".repeat(12)};\n`, [
    "function-size",
  ]],
  ["twelve branches", "src/http/forked.ts", `${head}${doc}export const a = (b: 1) => b${" || b".repeat(11)};\n`, []],
  [
    "five levels",
    "src/http/deep.ts",
    `${head}${doc}export function a(b: 1) {\n${"if (b) { ".repeat(5)}return 1;${" }".repeat(5)}\n}\n`,
    [
      "function-size",
    ],
  ],
  [
    "an else-if chain",
    "src/http/chain.ts",
    `${head}${doc}export function a(b: number) {
${Array.from({ length: 9 }, (_, at) => `if (b === ${at}) return ${at};`).join(" else ")}\n}\n`,
    [],
  ],
];

function lintTree(): ReadonlyMap<string, readonly string[]> {
  cpSync(join(root, "scripts", "lint"), join(tree, "scripts", "lint"), { recursive: true });
  writeFileSync(
    join(tree, "deno.json"),
    JSON.stringify({
      lint: { plugins: ["./scripts/lint/plugin.ts"], rules: { tags: [] }, exclude: ["scripts/lint"] },
    }),
  );
  for (const [, path, text] of cases) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const found = new Map<string, string[]>();
  for (const { filename, code } of runLint()) {
    const path = fileURLToPath(filename).slice(tree.length + 1);
    found.set(path, [...found.get(path) ?? [], code.replace("house/", "")]);
  }
  return found;
}

function runLint(): readonly { filename: string; code: string }[] {
  try {
    execFileSync(join(root, "node_modules", ".bin", "deno"), ["lint", "--json"], { cwd: tree, stdio: "pipe" });
    return [];
  } catch (error) {
    // The linter's exit code is 1 when it found something.
    const { stdout } = error as { stdout: Uint8Array };
    return JSON.parse(new TextDecoder().decode(stdout)).diagnostics;
  }
}

const found = lintTree();

for (const [name, path, , rules] of cases) {
  test(`plugin ${rules.length === 0 ? "accepts" : `reports ${rules.join(" and ")} for`} ${name}`, () => {
    assert.deepEqual([...new Set(found.get(path) ?? [])], [...rules]);
  });
}
