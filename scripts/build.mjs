// Builds dist/weir: one binary with the Bun runtime inside. Arguments are passed on, `--target=bun-linux-arm64` say.

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ensurePackages } from "./lib/packages.mjs";
import { passThrough } from "./lib/process.mjs";
import { root, runMain, runtimeBinary } from "./lib/tree.mjs";

const MIB = 1024 * 1024;

await runMain(async () => {
  await ensurePackages();
  const output = join(root, "dist", "weir");
  mkdirSync(join(root, "dist"), { recursive: true });
  const entry = join(root, "adapters", "bun", "main.ts");
  const args = [
    "build",
    "--compile",
    "--minify",
    "--sourcemap",
    `--outfile=${output}`,
    entry,
    ...process.argv.slice(2),
  ];
  const code = await passThrough(runtimeBinary("bun"), args, { cwd: root });
  if (code === 0) console.log(`dist/weir: ${Math.round(statSync(output).size / MIB)} MiB`);
  return code;
});
