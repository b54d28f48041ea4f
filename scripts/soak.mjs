// `node scripts/soak.mjs`: a million requests through weir on each runtime, and its resident memory meanwhile.

import { join } from "node:path";
import process from "node:process";
import { describeMissing, ensurePrograms } from "./lib/debian.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { passThrough } from "./lib/process.mjs";
import { root, runMain, runtimeBinary, SetUpError } from "./lib/tree.mjs";

await runMain(async () => {
  await ensurePackages();
  const missing = await ensurePrograms(["wrk"]);
  if (missing.length > 0) throw new SetUpError(describeMissing(missing));
  const main = join(root, "scripts", "soak", "main.ts");
  return await passThrough(runtimeBinary("node24"), [main, ...process.argv.slice(2)]);
});
