// The benchmark: weir and its peers as proxies to the same backends, loaded in turn in one run.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Lab, measureCase } from "./measure.ts";
import { type BenchOptions, readOptions, usage } from "./options.ts";
import { startOrigin } from "./origin.ts";
import { type Row, toRows, toTable } from "./report.ts";

/** @returns the exit code */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    process.on(signal, () => process.exit(code));
  }
  return await run(options, folder);
}

async function run(options: BenchOptions, folder: string): Promise<number> {
  console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores; ${describe(options)}`);
  const origin = await startOrigin(folder);
  const { seconds, rounds } = options;
  const lab: Lab = { folder, origin, seconds, rounds, progress: (text) => console.error(`  ${text}`) };
  const rows: Row[] = [];
  let failed = 0;
  try {
    for (const each of options.cases) {
      const samples = await measureCase(lab, each, options.contenders);
      const found = toRows(each.name, samples);
      rows.push(...found);
      failed += samples.reduce((sum, sample) => sum + sample.failed, 0);
      console.log(`\n${toTable(found)}\n`);
    }
  } finally {
    await origin.stop();
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  if (failed > 0) console.log(`${failed} requests FAILED`);
  return failed > 0 ? 1 : 0;
}

function describe(options: BenchOptions): string {
  const load = "wrk with 64 connections, for HTTP/2 h2load with 16 of 4 streams";
  return `median of ${options.rounds} rounds of ${options.seconds} s, ${load}, 1 thread; one worker each`;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  return 1;
});
