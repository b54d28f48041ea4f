// `node scripts/outage.mjs`: five minutes without a Kubernetes API that works, on each runtime, under traffic.

import { join } from "node:path";
import process from "node:process";
import { ensurePackages } from "./lib/packages.mjs";
import { passThrough } from "./lib/process.mjs";
import { root, runMain, runtimeBinary } from "./lib/tree.mjs";

await runMain(async () => {
  await ensurePackages();
  const main = join(root, "scripts", "outage", "main.ts");
  return await passThrough(runtimeBinary("node24"), [main, ...process.argv.slice(2)]);
});
