// Measures weir on a cluster of many routes, on each runtime. Exits with 1 when a promise is broken: times are judged as
// they were measured, on a machine with nothing else to do; what they would be without waits for a processor is printed
// beside them, and judged by nobody.
//
//   node scripts/kube-scale.mjs                                     bun, deno and node24: 10,000 routes, 300 changes
//   node scripts/kube-scale.mjs --runtime bun --rounds 3 --changes 600

import { loadavg } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { threeRuntimes } from "../../tests/support/runtimes.ts";
import { allOf, quantile, type ScaleResult, ScaleStage } from "../../tests/support/scale.ts";

const FIRST_ANSWER_MS = 5_000;
const CHANGE_P99_MS = 150; // of all changes
const KIB_PER_MIB = 1024;

const { values } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true },
    routes: { type: "string", default: "10000" },
    changes: { type: "string", default: "300" },
    storm: { type: "string", default: "5000" },
    rounds: { type: "string", default: "1" },
  },
});
const wanted = (values.runtime ?? []).flatMap((value) => value.split(","));
const runtimes = threeRuntimes.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (runtimes.length === 0) {
  const known = threeRuntimes.map(({ name }) => name).join(", ");
  console.error(`kube-scale: --runtime ${wanted.join(",")}: one of ${known} is wanted`);
  process.exit(2);
}
const [routes, changes, storm, rounds] = [values.routes, values.changes, values.storm, values.rounds].map((text) => {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`kube-scale: ${text}: a whole number above 0 is wanted`);
  process.exit(2);
});

const stage = await ScaleStage.open({ routes: routes ?? 0, changes: changes ?? 0, storm: storm ?? 0 });
let failed = false;
try {
  for (let round = 0; round < (rounds ?? 0); round++) {
    for (const runtime of runtimes) {
      const load = (loadavg()[0] ?? 0).toFixed(1);
      const result = await stage.measure(runtime);
      const misses = missesOf(result);
      failed ||= misses.length > 0;
      console.log(`${runtime.name} (load of the machine before: ${load})`);
      for (const line of describe(result)) console.log(`  ${line}`);
      console.log(misses.length === 0 ? "  passed" : `  FAILED: ${misses.join("; ")}`);
    }
  }
} finally {
  await stage.close();
}
process.exitCode = failed ? 1 : 0;

function missesOf({ firstAnswerMs, changes, storm }: ScaleResult): string[] {
  const p99 = quantile(allOf(changes), 0.99);
  return [
    ...(firstAnswerMs > FIRST_ANSWER_MS
      ? [`the first answer took ${firstAnswerMs.toFixed(0)} ms, more than ${FIRST_ANSWER_MS}`]
      : []),
    ...(p99 > CHANGE_P99_MS ? [`changes took ${p99.toFixed(0)} ms at p99, more than ${CHANGE_P99_MS}`] : []),
    ...(storm.failed.length > 0 ? [`${storm.failed.length} requests failed in the storm: ${storm.failed[0]}`] : []),
  ];
}

function describe({ firstAnswerMs, residentKiB, changes, undisturbed, storm }: ScaleResult): string[] {
  const row = (name: string, times: readonly number[]): string =>
    `${name.padEnd(18)} ${String(times.length).padStart(5)}   ` +
    [0.5, 0.9, 0.99, 1].map((share) => quantile(times, share).toFixed(0).padStart(5)).join(" ");
  return [
    `first answer after ${firstAnswerMs.toFixed(0)} ms, ${toMiB(residentKiB)} MiB resident`,
    `milliseconds       count     p50   p90   p99   max`,
    ...[...changes].map(([kind, times]) => row(`a ${kind} changes`, times)),
    row("all changes", allOf(changes)),
    row("… undisturbed", undisturbed),
    row("requests in storm", storm.latencies),
    `storm of ${storm.changes} changes: ${storm.builds} tables built, the last change showed after ` +
    `${storm.settledMs.toFixed(0)} ms, ${storm.failed.length} of ${storm.requests} requests failed, ` +
    `${toMiB(storm.residentKiB)} MiB resident`,
  ];
}

function toMiB(kib: number): string {
  return (kib / KIB_PER_MIB).toFixed(0);
}
