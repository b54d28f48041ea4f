// Ten thousand routes in a cluster: the smoke test of what `node scripts/kube-scale.mjs` measures and judges.
//
// The promises (5 s to the first answer, 150 ms for a change at p99) are judged there. Other tests share the machine
// here, so that the times are wider, and only a different order of cost exceeds them.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { threeRuntimes } from "../support/runtimes.ts";
import { allOf, quantile, ScaleStage } from "../support/scale.ts";

const PLAN = { routes: 10_000, changes: 30, storm: 5_000 };
const SMOKE_FIRST_ANSWER_MS = 15_000;
const SMOKE_CHANGE_MS = 400; // the median
const BUILDS = 50; // of a storm: each hundred changes one, at most
const RESIDENT_KIB = 1_500 * 1024;

let stage: ScaleStage | undefined;
after(() => stage?.close());

for (const runtime of threeRuntimes) {
  test(`smoke: ten thousand routes are served on ${runtime.name}, follow changes, and outlive a storm of them`, async (t) => {
    stage ??= await ScaleStage.open(PLAN);
    const { firstAnswerMs, residentKiB, changes, storm } = await stage.measure(runtime);
    const all = allOf(changes);
    const [median, p99, stormP99] = [quantile(all, 0.5), quantile(all, 0.99), quantile(storm.latencies, 0.99)];
    t.diagnostic(
      `first answer after ${firstAnswerMs.toFixed(0)} ms; a change after ${median.toFixed(0)} ms, p99 ` +
        `${p99.toFixed(0)} ms; storm: ${storm.builds} tables, p99 of ${storm.requests} requests ` +
        `${stormP99.toFixed(0)} ms; ${(residentKiB / 1024).toFixed(0)} MiB, then ` +
        `${(storm.residentKiB / 1024).toFixed(0)} MiB`,
    );
    assert.ok(firstAnswerMs < SMOKE_FIRST_ANSWER_MS, `the first answer came after ${firstAnswerMs} ms`);
    assert.ok(median < SMOKE_CHANGE_MS, `a change took ${median} ms`);
    assert.deepEqual(storm.failed, []);
    assert.ok(storm.builds <= BUILDS, `${storm.builds} tables were built in the storm`);
    assert.ok(storm.residentKiB < RESIDENT_KIB, `${storm.residentKiB} KiB are resident`);
  });
}
