// The parts of the client, one by one: lines, waiting, stalled requests, tokens, settings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs, RetryGate } from "../../../../../src/provider/kubernetes/client/backoff.ts";
import { defaultClock } from "../../../../../src/provider/kubernetes/client/clock.ts";
import {
  certificateProblem,
  connectionSettings,
} from "../../../../../src/provider/kubernetes/client/connection-settings.ts";
import { delay } from "../../../../../src/provider/kubernetes/client/delay.ts";
import { KubeError, toKubeError } from "../../../../../src/provider/kubernetes/client/kube-error.ts";
import { LineSplitter } from "../../../../../src/provider/kubernetes/client/lines.ts";
import { isOlder } from "../../../../../src/provider/kubernetes/client/resource-version.ts";
import { StallGuard } from "../../../../../src/provider/kubernetes/client/stall-guard.ts";
import { createTokenSource } from "../../../../../src/provider/kubernetes/client/token.ts";
import type { Logger } from "../../../../../src/telemetry/logger.ts";

const quiet: Logger = {
  enabled: () => false,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => quiet,
};

test("LineSplitter gives the same lines wherever the chunks are cut", () => {
  const text = '{"a":"ü€😀"}\n\n{"b":1}\r\n{"c":2}';
  const bytes = new TextEncoder().encode(text);
  for (let first = 0; first <= bytes.length; first++) {
    for (const second of [first, Math.min(first + 1, bytes.length), bytes.length]) {
      const lines: string[] = [];
      const splitter = new LineSplitter((line) => lines.push(line.trim()));
      for (const [from, to] of [[0, first], [first, second], [second, bytes.length]]) {
        splitter.push(bytes.subarray(from, to));
      }
      assert.deepEqual(lines, ['{"a":"ü€😀"}', '{"b":1}']);
      assert.equal(splitter.rest, '{"c":2}');
    }
  }
});

test("LineSplitter refuses a line that never ends", () => {
  const splitter = new LineSplitter(() => {});
  const chunk = new Uint8Array(4 * 1024 * 1024).fill(97);
  assert.throws(() => {
    for (let index = 0; index < 5; index++) splitter.push(chunk);
  }, KubeError);
});

test("backoffMs() doubles, varies and never exceeds 4 s", () => {
  for (
    const [failures, random, expected] of [[0, 0, 400], [0, 1, 800], [1, 1, 1600], [2, 1, 3200], [3, 1, 4000], [
      99,
      1,
      4000,
    ], [99, 0, 2000]] as const
  ) {
    assert.equal(backoffMs(failures, () => random), expected);
  }
});

test("RetryGate lets one go at a time, and all at the first success", async () => {
  const gate = new RetryGate({ ...defaultClock, random: () => 0 }, quiet);
  const { signal } = new AbortController();
  const order: number[] = [];
  const waits = [0, 1, 2, 3].map((index) => gate.wait(signal).then(() => order.push(index)));
  await waits[0];
  assert.deepEqual(order, [0]);
  gate.succeeded();
  await Promise.all(waits);
  assert.deepEqual(order, [0, 1, 2, 3]);
});

test("RetryGate and delay() end with the signal", async () => {
  const controller = new AbortController();
  const gate = new RetryGate(defaultClock, quiet);
  const waits = Promise.all([gate.wait(controller.signal), delay(60_000, controller.signal)]);
  controller.abort();
  await waits;
  await Promise.all([gate.wait(controller.signal), delay(60_000, controller.signal)]);
});

const fast = { ...defaultClock, patienceMs: 20, probeMs: 20, tickMs: 5 };

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
}

test("StallGuard gives a request up when the server answers others, and not while it hangs", async () => {
  let probes = 0;
  let silences = 0;
  const guard = new StallGuard(fast, () => Promise.resolve(++probes > 3), () => silences++);
  const guarded = guard.guard(new AbortController().signal, fast.patienceMs);
  const reason = await aborted(guarded.signal);
  assert.ok(reason instanceof KubeError && reason.failure === "stalled");
  assert.deepEqual([probes, silences], [4, 3]);
  guarded.release();
});

test("StallGuard gives a request up at its limit even when nothing answers", async () => {
  const guard = new StallGuard({ ...fast, requestLimitMs: 60 }, () => Promise.resolve(false), () => {});
  const reason = await aborted(guard.guard(new AbortController().signal, fast.patienceMs).signal);
  assert.ok(reason instanceof KubeError);
});

test("StallGuard leaves a request alone that makes progress, and one that has settled", async () => {
  const guard = new StallGuard(fast, () => Promise.resolve(true), () => {});
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
  const guard = new StallGuard(fast, () => Promise.resolve(true), () => {});
  const controller = new AbortController();
  const open = guard.guard(controller.signal, 1000);
  const released = guard.guard(controller.signal, 1000);
  released.release();
  open.settle();
  controller.abort();
  assert.equal(open.signal.aborted, true);
  assert.equal(released.signal.aborted, false);
});

test("createTokenSource() takes a value, or follows a file", async () => {
  const files = new Map([["/token", " one\n"]]);
  const reader = {
    readText: (path: string) => {
      const text = files.get(path);
      return text === undefined ? Promise.reject(new Error("ENOENT")) : Promise.resolve(text);
    },
    exists: () => Promise.resolve(true),
    list: () => Promise.resolve([]),
    watch: () => () => {},
    append: () => {
      throw new Error("not used here");
    },
  };
  let now = 0;
  const source = createTokenSource("/token", reader, () => now);
  assert.equal(await source.read(), "one");
  files.set("/token", "two");
  assert.equal(await source.read(), "one");
  now = 60_000;
  assert.equal(await source.read(), "two");
  files.set("/token", "three");
  source.invalidate();
  assert.equal(await source.read(), "three");
  files.delete("/token");
  source.invalidate();
  assert.equal(await source.read(), "three", "a file that is being replaced");
  assert.equal(await createTokenSource("abc.def", reader, () => 0).read(), "abc.def");
  assert.equal(await createTokenSource("/missing", reader, () => 0).read(), undefined);
  assert.equal(await createTokenSource("", reader, () => 0).read(), undefined);
});

test("connectionSettings() follows Traefik's order", () => {
  const pod = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
  const account = "/var/run/secrets/kubernetes.io/serviceaccount";
  assert.deepEqual(connectionSettings({}, pod), {
    endpoint: "https://10.96.0.1:443",
    tokenOrPath: `${account}/token`,
    caPath: `${account}/ca.crt`,
  });
  assert.deepEqual(connectionSettings({ endpoint: "http://localhost:8001/" }, pod), {
    endpoint: "http://localhost:8001",
    tokenOrPath: `${account}/token`,
    caPath: `${account}/ca.crt`,
  });
  assert.deepEqual(connectionSettings({ endpoint: "https://h:6443", token: "t", certAuthFilePath: "/ca" }, {}), {
    endpoint: "https://h:6443",
    tokenOrPath: "t",
    caPath: "/ca",
  });
  const six = connectionSettings({}, { ...pod, KUBERNETES_SERVICE_HOST: "fd00::1" });
  assert.equal("endpoint" in six && six.endpoint, "https://[fd00::1]:443");
  for (
    const [options, env, hint] of [
      [{}, {}, /endpoint/],
      [{}, { KUBECONFIG: "/k" }, /KUBECONFIG/],
      [{ endpoint: "host:6443" }, {}, /https:/],
      [{ endpoint: "nonsense" }, {}, /https:/],
    ] as const
  ) {
    const problem = connectionSettings(options, env);
    assert.match("hint" in problem ? problem.hint ?? "" : "", hint);
  }
});

test("certificateProblem() asks for what makes the runtime trust a private authority", () => {
  const settings = { endpoint: "https://h:6443", tokenOrPath: "", caPath: "/ca.crt" };
  assert.match(certificateProblem(settings, {})?.hint ?? "", /NODE_EXTRA_CA_CERTS=\/ca\.crt/);
  assert.equal(certificateProblem(settings, { NODE_EXTRA_CA_CERTS: "/ca.crt" }), undefined);
  assert.equal(certificateProblem({ ...settings, endpoint: "http://h" }, {}), undefined);
});

test("isOlder() compares numbers of any length and leaves other texts alone", () => {
  for (
    const [a, b, expected] of [
      ["9", "10", true],
      ["10", "9", false],
      ["7", "7", false],
      ["99999999999999999998", "99999999999999999999", true],
      ["a", "b", false],
      ["5", "", false],
    ] as const
  ) {
    assert.equal(isOlder(a, b), expected);
  }
});

test("toKubeError() digs out the reason that fetch hides", () => {
  const thrown = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") });
  assert.equal(toKubeError(thrown, "list x").message, "list x: fetch failed: connect ECONNREFUSED 127.0.0.1:1");
});
