// Starts weir itself, on the runtime that the user chose.

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ensurePackages } from "./packages.mjs";
import { passThrough } from "./process.mjs";
import { root, runtimeBinary, SetUpError, toRuntimeName } from "./tree.mjs";

/** @typedef {import("./tree.mjs").RuntimeName} RuntimeName */

/** MiB: V8 lets its young generation grow for hundreds of thousands of requests by default, by 13 MiB, for nothing. */
const DENO_HEAP = "--v8-flags=--max-semi-space-size=1";

/**
 * @param {RuntimeName} runtime
 * @returns {{ command: string, args: string[] }} what starts weir there; weir's own arguments follow
 */
export function weirCommand(runtime) {
  const folder = runtime.startsWith("node") ? "node" : runtime;
  const entry = join(root, "adapters", folder, "main.ts");
  const args = runtime === "deno" ? ["run", "--no-check", DENO_HEAP, "-A", entry] : [entry];
  return { command: runtimeBinary(runtime), args };
}

/**
 * Brings what is missing and runs weir in place of this process.
 * @param {readonly string[]} args weir's arguments
 * @returns {Promise<number>} weir's exit code
 */
export async function runWeir(args) {
  const runtime = toRuntimeName(process.env["WEIR_RUNTIME"] ?? "bun");
  await ensurePackages();
  const { command, args: first } = weirCommand(runtime);
  const entry = first.at(-1) ?? "";
  if (!existsSync(entry)) throw new SetUpError(`${entry} is missing`, "the checkout is not complete: git status");
  return await passThrough(command, [...first, ...args]);
}
