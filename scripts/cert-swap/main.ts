// Certificates in files and in Secrets are exchanged under load. Exits with 1 when a handshake fails, or an old
// certificate is shown for too long.
//
//   node scripts/cert-swap.mjs                               bun, deno and node24 in turn, 1,000 swaps of each kind
//   node scripts/cert-swap.mjs --runtime bun --swaps 200

import process from "node:process";
import { parseArgs } from "node:util";
import { swapCertificates, type SwapResult } from "../../tests/support/certificate-swaps.ts";
import { threeRuntimes } from "../../tests/support/runtimes.ts";

const SWAPS_PER_SECOND = 10;
const HANDSHAKES_PER_SECOND = 100;
const MOST_OLD_MS = 1_000;

const { values } = parseArgs({
  options: { runtime: { type: "string", multiple: true }, swaps: { type: "string", default: "1000" } },
});
const wanted = (values.runtime ?? []).flatMap((value) => value.split(","));
const runtimes = threeRuntimes.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const swaps = Number(values.swaps);
if (runtimes.length === 0 || !Number.isInteger(swaps) || swaps < 1) {
  const known = threeRuntimes.map(({ name }) => name).join(", ");
  console.error(`cert-swap: a whole number of --swaps above 0 is wanted, and a --runtime of ${known}`);
  process.exit(2);
}

let failed = false;
const plan = { swaps, swapsPerSecond: SWAPS_PER_SECOND, handshakesPerSecond: HANDSHAKES_PER_SECOND };
for (const runtime of runtimes) {
  for (const result of await swapCertificates(runtime, plan)) {
    const isFine = result.failed.length === 0 && result.oldestMs <= MOST_OLD_MS;
    failed ||= !isFine;
    console.log(`${runtime.name.padEnd(7)} ${isFine ? "passed" : "FAILED"}: ${describe(result)}`);
    for (const reason of result.failed.slice(0, 5)) console.log(`        ${reason}`);
  }
}
process.exitCode = failed ? 1 : 0;

function describe({ name, handshakes, resumed, failed: failures, seen, oldestMs, waitedMs }: SwapResult): string {
  return `${swaps} swaps of a ${name}: ${failures.length} of ${handshakes} handshakes failed (${resumed} resumed), ` +
    `${seen} certificates were seen, an old one at most ${oldestMs} ms later ` +
    `(weir waited ${waitedMs} ms for a processor)`;
}
