// Node's cache of compiled modules, for many short processes that load the same ones.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cache } from "./tree.mjs";

const MOST_ENTRIES = 5000; // a tree has some hundreds; Node never forgets those of sources that have changed

/**
 * Half of what a unit test costs is stripping types and compiling, without it.
 * @param {string} [folder] where the entries are
 * @returns {{ NODE_COMPILE_CACHE: string }} environment for processes of Node
 */
export function compileCache(folder = join(cache, "compiled")) {
  if (existsSync(folder) && readdirSync(folder, { recursive: true }).length > MOST_ENTRIES) {
    rmSync(folder, { recursive: true, force: true });
  }
  return { NODE_COMPILE_CACHE: folder };
}
