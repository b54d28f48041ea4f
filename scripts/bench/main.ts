// The benchmark: weir and its peers as proxies to the same backends, loaded in turn in one run.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { BenchCase } from "./cases.ts";
import type { Lab } from "./lab.ts";
import { measureCase } from "./measure.ts";
import { type BenchOptions, readOptions, usage } from "./options.ts";
import { startOrigin } from "./origin.ts";
import { type Row, toRows, toTable } from "./report.ts";
import { measureTransfer, toTransferRows, toTransferTable, type TransferRow } from "./transfer.ts";

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
  const rows: (Row | TransferRow)[] = [];
  let failed = 0;
  try {
    for (const each of options.cases) {
      const found = await measure(lab, each, options);
      rows.push(...found.rows);
      failed += found.failed.reduce((sum, count) => sum + count, 0);
      console.log(`\n${found.table}\n`);
    }
  } finally {
    await origin.stop();
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  if (failed > 0) console.log(`${failed} requests or connections FAILED`);
  return failed > 0 ? 1 : 0;
}

/** What a case found, in the form of its kind. */
interface Found {
  readonly rows: readonly (Row | TransferRow)[];
  readonly table: string;
  /** Of each measurement. */
  readonly failed: readonly number[];
}

async function measure(lab: Lab, each: BenchCase, { contenders }: BenchOptions): Promise<Found> {
  if (each.kind === "download" || each.kind === "upload") {
    const samples = await measureTransfer(lab, each, contenders);
    const rows = toTransferRows(each.name, samples);
    return { rows, table: toTransferTable(rows), failed: samples.map((sample) => sample.failed) };
  }
  const samples = await measureCase(lab, each, contenders);
  const rows = toRows(each.name, samples);
  return { rows, table: toTable(rows), failed: samples.map((sample) => sample.failed) };
}

function describe(options: BenchOptions): string {
  const load = "wrk with 64 connections, for HTTP/2 h2load with 16 of 4 streams, for TCP 8 connections";
  return `median of ${options.rounds} rounds of ${options.seconds} s, ${load}, 1 thread; one worker each`;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  return 1;
});
