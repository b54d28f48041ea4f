// Telling a slow request from a lost one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultClock } from "../../../../../src/provider/kubernetes/client/clock.ts";
import { KubeError } from "../../../../../src/provider/kubernetes/client/kube-error.ts";
import { StallGuard } from "../../../../../src/provider/kubernetes/client/stall-guard.ts";

const fast = { ...defaultClock, patienceMs: 20, probeMs: 20, tickMs: 5 };

const asking = { probe: () => Promise.resolve(true), mayProbe: () => true, silent: () => {} };

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
}

test("StallGuard gives a request up when the server answers others, and not while it hangs", async () => {
  let probes = 0;
  let silences = 0;
  const guard = new StallGuard(fast, {
    ...asking,
    probe: () => Promise.resolve(++probes > 3),
    silent: () => silences++,
  });
  const guarded = guard.guard(new AbortController().signal, fast.patienceMs);
  const reason = await aborted(guarded.signal);
  assert.ok(reason instanceof KubeError && reason.failure === "stalled");
  assert.deepEqual([probes, silences], [4, 3]);
  guarded.release();
});

test("StallGuard gives a request up at its limit even when nothing answers", async () => {
  const guard = new StallGuard({ ...fast, requestLimitMs: 60 }, { ...asking, probe: () => Promise.resolve(false) });
  const reason = await aborted(guard.guard(new AbortController().signal, fast.patienceMs).signal);
  assert.ok(reason instanceof KubeError);
});

test("StallGuard leaves a request alone that makes progress, and one that has settled", async () => {
  const guard = new StallGuard(fast, asking);
  const { signal } = new AbortController();
  const lost = guard.guard(signal, 60);
  const busy = guard.guard(signal, 40);
  const settled = guard.guard(signal, 1);
  settled.settle();
  const timer = setInterval(() => busy.progress(), 5);
  await aborted(lost.signal);
  clearInterval(timer);
  assert.equal(busy.signal.aborted, false);
  assert.equal(settled.signal.aborted, false);
  busy.release();
});

test("StallGuard follows the caller's signal, and lets go of it", () => {
  const guard = new StallGuard(fast, asking);
  const controller = new AbortController();
  const open = guard.guard(controller.signal, 1000);
  const released = guard.guard(controller.signal, 1000);
  released.release();
  open.settle();
  controller.abort();
  assert.equal(open.signal.aborted, true);
  assert.equal(released.signal.aborted, false);
});

test("StallGuard probes only when it may", async () => {
  let asked = 0;
  let probes = 0;
  const guard = new StallGuard(fast, {
    ...asking,
    mayProbe: () => ++asked > 3,
    probe: () => Promise.resolve(++probes > 0),
  });
  await aborted(guard.guard(new AbortController().signal, fast.patienceMs).signal);
  assert.deepEqual([asked, probes], [4, 1]);
});
