// An API server fails in every way in turn; all runtimes at the same time. Exits with 1 when a promise is broken.
//
//   node scripts/outage.mjs                               one outage of 5 minutes: ten kinds of fault, half a minute each
//   node scripts/outage.mjs --apart                       each kind an outage of its own
//   node scripts/outage.mjs --minutes 1 --runtime bun

import process from "node:process";
import { parseArgs } from "node:util";
import { outageKinds, type OutageResult, OutageStage } from "../../tests/support/kube-outage.ts";
import { type RuntimeCommand, threeRuntimes } from "../../tests/support/runtimes.ts";

const MOST_IN_10_S = 10;
const CONVERGED_S = 5;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    runtime: { type: "string", multiple: true },
    kind: { type: "string", multiple: true },
    apart: { type: "boolean", default: false },
    output: { type: "boolean", default: false },
  },
});
const wanted = (values.runtime ?? []).flatMap((value) => value.split(","));
const runtimes = threeRuntimes.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const kinds = outageKinds.filter(({ name }) => values.kind?.some((part) => name.includes(part)) ?? true);
const seconds = Number(values.minutes) * 60 / kinds.length;
if (runtimes.length === 0 || kinds.length === 0 || !(seconds > 0)) {
  const known = `--runtime: ${threeRuntimes.map(({ name }) => name).join(", ")}`;
  console.error(`outage: a number of minutes above 0 is wanted, and one of
  ${known}
  --kind (a part of it): ${outageKinds.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const outages = values.apart ? kinds.map((kind) => [kind]) : [kinds];
const verdicts = await Promise.all(runtimes.map(outliveAll));
process.exitCode = verdicts.every((isFine) => isFine) ? 0 : 1;

async function outliveAll(runtime: RuntimeCommand): Promise<boolean> {
  const stage = await OutageStage.open(runtime);
  const say = (text: string): void => console.log(`${runtime.name.padEnd(7)} ${text}`);
  let isFine = true;
  try {
    for (const outage of outages) {
      const result = await stage.outlive(outage, seconds, (kind) => say(`… ${kind}`));
      const misses = missesOf(result);
      isFine &&= misses.length === 0;
      say(`${misses.length === 0 ? "passed" : `FAILED (${misses.join(", ")})`}: ${describe(result)}`);
    }
  } finally {
    if (values.output) console.log(stage.output);
    await stage.close();
  }
  return isFine;
}

function missesOf({ failed, asked, seconds: lasted, mostAsked, convergedS }: OutageResult): string[] {
  return [
    ...(failed.length > 0 ? [`failed requests: ${failed[0]}`] : []),
    ...(mostAsked > MOST_IN_10_S || asked > Math.max(lasted, MOST_IN_10_S) ? ["too many requests to the API"] : []),
    ...(convergedS > CONVERGED_S ? ["late"] : []),
  ];
}

function describe({ name, seconds: lasted, requests, failed, asked, mostAsked, convergedS }: OutageResult): string {
  return `${name} for ${lasted.toFixed(0)} s: ${failed.length} of ${requests} requests failed; ` +
    `${(asked / lasted).toFixed(2)} requests per second to the API, at most ${mostAsked} in 10 s; ` +
    `a change was served ${convergedS.toFixed(2)} s after the end`;
}
