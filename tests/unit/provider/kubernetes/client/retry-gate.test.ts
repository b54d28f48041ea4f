// The door all requests go through: as many as fit while all is well, one a second while it is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultClock } from "../../../../../src/provider/kubernetes/client/clock.ts";
import { RetryGate, type Turn } from "../../../../../src/provider/kubernetes/client/retry-gate.ts";
import type { Logger } from "../../../../../src/telemetry/logger.ts";

const STEP_MS = 40;

interface Setup {
  readonly gate: RetryGate;
  readonly log: string[];
  readonly signal: AbortSignal;
}

function setUp(): Setup {
  const log: string[] = [];
  const logger: Logger = {
    enabled: () => true,
    trace: () => {},
    debug: () => {},
    info: (message) => log.push(message),
    warn: () => {},
    error: (message) => log.push(message),
    with: () => logger,
  };
  const gate = new RetryGate({ ...defaultClock, stepMs: STEP_MS, random: () => 0 }, logger);
  return { gate, log, signal: new AbortController().signal };
}

/** Enters, and notes when. */
async function enter({ gate, signal }: Setup, times: number[], waitMs = 0): Promise<Turn> {
  const turn = await gate.enter(signal, waitMs);
  times.push(performance.now());
  return turn;
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

/** Lets timers of this moment fire. */
function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

test("RetryGate lets one go ahead after a quiet time, and the others when that has succeeded", async () => {
  const setup = setUp();
  const times: number[] = [];
  const turns: Turn[] = [];
  for (let index = 0; index < 5; index++) void enter(setup, times).then((turn) => turns.push(turn));
  await turnOfLoop();
  turns[0]?.answered();
  await turnOfLoop();
  assert.equal(times.length, 1, "an answer that has begun is no success");
  turns[0]?.succeeded();
  await turnOfLoop();
  assert.equal(times.length, 5);
});

test("RetryGate lets the next one go ahead when nothing became of the first", async () => {
  const setup = setUp();
  const times: number[] = [];
  const turns: Turn[] = [];
  for (let index = 0; index < 3; index++) void enter(setup, times).then((turn) => turns.push(turn));
  await turnOfLoop();
  turns[0]?.left();
  await turnOfLoop();
  assert.equal(times.length, 2);
  setup.gate.alive();
  await turnOfLoop();
  assert.equal(times.length, 3);
});

test("RetryGate lets one go ahead when a watch has ended, however good the server was just now", async () => {
  const setup = setUp();
  (await setup.gate.enter(setup.signal)).succeeded();
  setup.gate.doubt();
  const times: number[] = [];
  for (let index = 0; index < 3; index++) void enter(setup, times);
  await turnOfLoop();
  assert.equal(times.length, 1);
});

test("RetryGate counts what was sent before the first failure", async () => {
  const setup = setUp();
  const first = await setup.gate.enter(setup.signal);
  first.again();
  first.again();
  const start = performance.now();
  first.failed();
  const times: number[] = [];
  await enter(setup, times);
  assert.ok((times[0] ?? 0) - start >= 2 * STEP_MS - 2);
});

test("RetryGate lets 8 requests wait for an answer, and another one for each answer", async () => {
  const setup = setUp();
  setup.gate.alive();
  const times: number[] = [];
  const turns: Turn[] = [];
  for (let index = 0; index < 20; index++) void enter(setup, times).then((turn) => turns.push(turn));
  await turnOfLoop();
  assert.equal(times.length, 8);
  turns[0]?.answered();
  turns[0]?.answered();
  await turnOfLoop();
  await turnOfLoop();
  assert.equal(times.length, 9, "one answer, said twice");
  for (const turn of turns.slice(1, 4)) turn.succeeded();
  await turnOfLoop();
  await turnOfLoop();
  assert.equal(times.length, 12);
});

test("RetryGate lets one go at a time while the server fails, the first at once", async () => {
  const setup = setUp();
  (await setup.gate.enter(setup.signal)).failed();
  const start = performance.now();
  const times: number[] = [];
  await Promise.all(Array.from({ length: 5 }, async () => (await enter(setup, times)).failed()));
  assert.ok((times[0] ?? 0) - start < STEP_MS, "a broken connection is no outage");
  for (const gap of gaps(times)) assert.ok(gap >= STEP_MS - 2, `${gap} ms`);
});

test("RetryGate counts pages and probes while the server fails", async () => {
  const setup = setUp();
  (await setup.gate.enter(setup.signal)).failed();
  const times: number[] = [];
  const turn = await enter(setup, times);
  turn.again();
  turn.again();
  assert.equal(setup.gate.tryTake(), false);
  turn.failed();
  await enter(setup, times);
  assert.ok((gaps(times)[0] ?? 0) >= 3 * STEP_MS - 2);
});

test("RetryGate lets 1, 2, 4, 8 go after trouble as each succeeds, those too that wanted to wait", async () => {
  const setup = setUp();
  (await setup.gate.enter(setup.signal)).failed();
  const probe = await setup.gate.enter(setup.signal);
  const gone: Turn[] = [];
  const others = Array.from(
    { length: 30 },
    (_, index) => setup.gate.enter(setup.signal, index % 2 === 0 ? 0 : 60_000).then((turn) => void gone.push(turn)),
  );
  const steps: number[] = [];
  probe.succeeded();
  for (let done = 0; gone.length < others.length;) {
    await turnOfLoop();
    steps.push(gone.length - done);
    for (const turn of gone.slice(done, done = gone.length)) turn.succeeded();
  }
  await Promise.all(others);
  assert.deepEqual(steps.slice(0, 2), [1, 2]);
  assert.ok(steps.every((step) => step <= 8), `${steps}`);
  assert.equal(setup.gate.tryTake(), true);
});

test("RetryGate lets one go at a time again when the first after trouble fails", async () => {
  const setup = setUp();
  (await setup.gate.enter(setup.signal)).failed();
  const probe = await setup.gate.enter(setup.signal);
  const times: number[] = [];
  const others = [enter(setup, times), enter(setup, times)];
  probe.succeeded();
  (await Promise.race(others)).failed();
  assert.equal(times.length, 1);
  await Promise.all(others);
});

test("RetryGate lets nobody go before the time the server asked for", async () => {
  const setup = setUp();
  (await setup.gate.enter(setup.signal)).failed(5 * STEP_MS);
  const start = performance.now();
  const times: number[] = [];
  await enter(setup, times);
  assert.ok((times[0] ?? 0) - start >= 5 * STEP_MS - 2);
});

test("RetryGate says an outage and its end once", async () => {
  const setup = setUp();
  const turn = await setup.gate.enter(setup.signal);
  setup.gate.outage("refused");
  setup.gate.outage("refused again");
  turn.failed();
  (await setup.gate.enter(setup.signal)).succeeded();
  (await setup.gate.enter(setup.signal)).succeeded();
  assert.deepEqual(setup.log, [
    "Kubernetes API: refused; what was read before stays in force",
    "Kubernetes API: answers again",
  ]);
});

test("RetryGate ends a wait with the signal, and does not count those who gave up", async () => {
  const setup = setUp();
  const controller = new AbortController();
  setup.gate.trouble(60_000);
  const waits = [0, 1].map(() => setup.gate.enter(controller.signal));
  controller.abort();
  for (const turn of await Promise.all(waits)) turn.left();
  (await setup.gate.enter(controller.signal)).left();
  const fresh = setUp();
  const gone = AbortSignal.abort();
  for (let index = 0; index < 40; index++) (await fresh.gate.enter(gone)).left();
  fresh.gate.alive();
  const times: number[] = [];
  const turns = await Promise.all(Array.from({ length: 8 }, () => enter(fresh, times)));
  assert.equal(times.length, 8);
  for (const turn of turns) turn.answered();
});
