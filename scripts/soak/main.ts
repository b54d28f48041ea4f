// The soak: loads weir until it has served a million requests; resident memory must stay as it was after 100,000.
//
//   node scripts/soak.mjs                                     bun, deno and node24, a million requests each
//   node scripts/soak.mjs --runtime bun --requests 5000000    longer, on one runtime

import process from "node:process";
import { parseArgs } from "node:util";
import { threeRuntimes } from "../../tests/support/runtimes.ts";
import { soak } from "../../tests/support/soak.ts";

const FIRST = 100_000;
const READINGS = 9;
const MOST_GROWTH = 1.1;
const MIB = 1024;

const { values } = parseArgs({
  options: { runtime: { type: "string", multiple: true }, requests: { type: "string", default: "1000000" } },
});
const wanted = (values.runtime ?? []).flatMap((value) => value.split(","));
const total = Number(values.requests);
if (!Number.isInteger(total) || total <= FIRST) {
  console.error(`soak: --requests ${values.requests}: a whole number above ${FIRST} is wanted`);
  process.exit(2);
}
const runtimes = threeRuntimes.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (runtimes.length === 0) {
  const known = threeRuntimes.map(({ name }) => name).join(", ");
  console.error(`soak: --runtime ${wanted.join(",")}: one of ${known} is wanted`);
  process.exit(2);
}

let failed = false;
for (const runtime of runtimes) {
  const points = await soak(runtime, {
    first: FIRST,
    total,
    step: Math.ceil((total - FIRST) / READINGS),
    told: ({ requests, residentKiB }) => {
      console.log(`${runtime.name.padEnd(7)} ${String(requests).padStart(9)} requests ${toMiB(residentKiB)} MiB`);
    },
  });
  const growth = (points.at(-1)?.residentKiB ?? Infinity) / (points[0]?.residentKiB ?? 1);
  const isFine = growth <= MOST_GROWTH;
  failed ||= !isFine;
  console.log(
    `${runtime.name.padEnd(7)} ${isFine ? "passed" : "FAILED"}: ${growth.toFixed(3)} times the first reading`,
  );
}
process.exitCode = failed ? 1 : 0;

function toMiB(kib: number): string {
  return (kib / MIB).toFixed(1).padStart(7);
}
