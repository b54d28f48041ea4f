// `node scripts/kube-scale.mjs`: ten thousand routes in a cluster: the first table, single changes, and a storm of them.

import { join } from "node:path";
import process from "node:process";
import { ensurePackages } from "./lib/packages.mjs";
import { passThrough } from "./lib/process.mjs";
import { root, runMain, runtimeBinary } from "./lib/tree.mjs";

await runMain(async () => {
  await ensurePackages();
  const main = join(root, "scripts", "kube-scale", "main.ts");
  return await passThrough(runtimeBinary("node24"), [main, ...process.argv.slice(2)]);
});
