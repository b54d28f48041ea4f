// `npm run bench`: brings what is missing, and runs the benchmark on Node 24.

import { join } from "node:path";
import process from "node:process";
import { describeMissing, ensurePrograms } from "./lib/debian.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { passThrough } from "./lib/process.mjs";
import { root, runMain, runtimeBinary, SetUpError } from "./lib/tree.mjs";

const NEEDED = ["nginx", "haproxy", "caddy", "wrk", "h2load"];

await runMain(async () => {
  await ensurePackages();
  const missing = await ensurePrograms(NEEDED);
  if (missing.length > 0) throw new SetUpError(describeMissing(missing));
  const main = join(root, "scripts", "bench", "main.ts");
  return await passThrough(runtimeBinary("node24"), [main, ...process.argv.slice(2)]);
});
