// The runtimes that end-to-end tests start weir on, and how.

import process from "node:process";
import { fileURLToPath } from "node:url";

/** How to start weir on one runtime. */
export interface RuntimeCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The checkout, with a slash at its end. */
export const projectRoot: string = root;

const all: readonly RuntimeCommand[] = [
  { name: "bun", command: `${root}node_modules/.bin/bun`, args: [`${root}adapters/bun/main.ts`] },
  {
    name: "deno",
    command: `${root}node_modules/.bin/deno`,
    args: ["run", "--v8-flags=--max-semi-space-size=1", "-A", `${root}adapters/deno/main.ts`], // as `npm run weir` does
  },
  { name: "node22", command: nodeBinary("node22"), args: [`${root}adapters/node/main.ts`] },
  { name: "node24", command: nodeBinary("node24"), args: [`${root}adapters/node/main.ts`] },
  { name: "node26", command: nodeBinary("node26"), args: [`${root}adapters/node/main.ts`] },
];

/** The three runtimes, Node as its current long-term version. */
export const threeRuntimes: readonly RuntimeCommand[] = chosen(["bun", "deno", "node24"]);

/** Every runtime and version weir supports. */
export const everyRuntime: readonly RuntimeCommand[] = chosen(all.map(({ name }) => name));

/** The runtimes of a test, narrowed by the variable the test command sets for `--runtime`. */
function chosen(names: readonly string[]): readonly RuntimeCommand[] {
  const wanted = process.env["WEIR_TEST_RUNTIMES"] ?? "";
  const only = wanted === "" ? undefined : wanted.split(",");
  return all.filter(({ name }) => names.includes(name) && (only === undefined || only.includes(name)));
}

function nodeBinary(alias: string): string {
  return `${root}node_modules/${alias}/bin/node`;
}
