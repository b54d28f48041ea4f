// Where things are: the repository, its pinned runtimes and its scratch folder.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";

/** The repository's folder, without a slash at the end. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Scratch files of the scripts; not committed. */
export const cache = join(root, ".cache");

/** Debian packages unpacked without root end here. */
export const debianPrefix = join(cache, "debian");

/** Every runtime the tests know; the npm package that brings it, and its binary below `node_modules`. */
export const runtimes = /** @type {const} */ ({
  node22: { package: "node22", binary: "node22/bin/node" },
  node24: { package: "node24", binary: "node24/bin/node" },
  node26: { package: "node26", binary: "node26/bin/node" },
  bun: { package: "bun", binary: "bun/bin/bun.exe" },
  deno: { package: "deno", binary: "deno/deno" },
});

/** @typedef {keyof typeof runtimes} RuntimeName */

/** @type {readonly RuntimeName[]} */
export const runtimeNames = ["node22", "node24", "node26", "bun", "deno"];

const LEAST_BINARY_BYTES = 1_000_000; // a package whose install script did not run leaves a text file of a few hundred

/**
 * @param {RuntimeName} name
 * @returns {string} path of the runtime's own binary, not of a wrapper script: signals must reach it
 */
export function runtimeBinary(name) {
  return join(root, "node_modules", runtimes[name].binary);
}

/**
 * @param {RuntimeName} name
 * @returns {boolean} whether the pinned runtime is really there
 */
export function hasRuntime(name) {
  const path = runtimeBinary(name);
  return existsSync(path) && statSync(path).size >= LEAST_BINARY_BYTES;
}

/**
 * Turns what a user may write into a runtime's name: `node` means Node 24.
 * @param {string} text
 * @returns {RuntimeName}
 * @throws {SetUpError} when there is no such runtime
 */
export function toRuntimeName(text) {
  const wanted = text.trim().toLowerCase();
  if (wanted === "node") return "node24";
  const found = runtimeNames.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new SetUpError(`there is no runtime "${text}"`, `use one of: ${runtimeNames.join(", ")} (node means node24)`);
}

/** A failure that the user can do something about: printed without a stack trace. */
export class SetUpError extends Error {
  /**
   * @param {string} message what went wrong
   * @param {string} [hint] what to do about it
   */
  constructor(message, hint) {
    super(message);
    this.name = "SetUpError";
    this.hint = hint;
  }
}

/**
 * Runs a script's main function and turns its failure into text and exit code.
 * @param {() => Promise<number>} main returns the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(`error: ${error.message}`);
    if (error.hint !== undefined) console.error(`  help: ${error.hint}`);
    process.exitCode = 1;
  }
}
