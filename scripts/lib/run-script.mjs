// Scripts in TypeScript: what they need is brought, and they run on the pinned Node.

import { join } from "node:path";
import process from "node:process";
import { describeMissing, ensurePrograms } from "./debian.mjs";
import { ensurePackages } from "./packages.mjs";
import { passThrough } from "./process.mjs";
import { root, runMain, runtimeBinary, SetUpError } from "./tree.mjs";

/**
 * Runs `scripts/FOLDER/main.ts` in place of this process, with its arguments.
 * @param {string} folder
 * @param {readonly string[]} [programs] Debian's that it can't do without
 */
export async function runScript(folder, programs = []) {
  await runMain(async () => {
    await ensurePackages();
    const missing = await ensurePrograms(programs);
    if (missing.length > 0) throw new SetUpError(describeMissing(missing));
    const main = join(root, "scripts", folder, "main.ts");
    return await passThrough(runtimeBinary("node24"), [main, ...process.argv.slice(2)]);
  });
}
