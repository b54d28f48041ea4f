// A Kubernetes API that fails in every way in turn, without a break: the short form of `node scripts/outage.mjs`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { outageKinds, OutageStage } from "../support/kube-outage.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const SECONDS = 2; // of each kind
const MOST_IN_10_S = 10; // issue 3: at most one request per second
const CONVERGED_S = 5;

test("an API outage of ten kinds reaches no client, is met with patience, and is over soon after its end", {
  concurrency: 3,
}, async (t) => {
  await Promise.all(threeRuntimes.map((runtime) =>
    t.test(`on ${runtime.name}`, async (each) => {
      const stage = await OutageStage.open(runtime);
      try {
        const { seconds, requests, failed, asked, mostAsked, convergedS } = await stage.outlive(outageKinds, SECONDS);
        each.diagnostic(
          `${requests} requests, ${asked} to the API in ${seconds.toFixed(1)} s, at most ${mostAsked} in ` +
            `10 s, a change was served after ${convergedS.toFixed(2)} s`,
        );
        assert.deepEqual(failed, []);
        assert.ok(requests > 100, `${requests} requests are no traffic`);
        assert.ok(asked > 2, `the API was asked ${asked} times: there was no outage`);
        assert.ok(asked <= seconds, `${asked} requests to the API in ${seconds} s`);
        assert.ok(mostAsked <= MOST_IN_10_S, `${mostAsked} requests to the API within 10 s`);
        assert.ok(convergedS <= CONVERGED_S, `a change was served ${convergedS} s after the end`);
      } finally {
        await stage.close();
      }
    })
  ));
});
