// HTTP/2 by attackers: resets, floods, bombs and stalls, beside clients that are to notice nothing of it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { big, good, held, withH2Bench as withBench } from "../support/h2-bench.ts";
import type { H2Client } from "../support/h2-client.ts";
import {
  ACK,
  block,
  bytes,
  codeOf,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  headers,
  hello,
  post,
  PREFACE,
  reset,
  settings,
  type,
  windowUpdate,
} from "../support/h2-frames.ts";
import { floods } from "../support/h2-rows.ts";
import { residentKiB } from "../support/resident.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const STREAMS = 100_000;
/** Of those, backends may see fewer than this. */
const MOST_SEEN = 500;
const MOST_FRAMES = 10_000;
const BATCH = 100;
const GOOD_MS = 3_000;
const STALL_MS = 45_000;
const MOST_BOMB_KIB = 48 * 1024;

/** Asks again and again on a connection of its own, until it is told to stop. @returns how long the slowest took */
function keepAsking(client: H2Client): { stop(): Promise<{ readonly count: number; readonly slowestMs: number }> } {
  let [going, count, slowestMs] = [true, 0, 0];
  const run = async () => {
    client.send(hello);
    while (going || count === 0) {
      const stream = 2 * count++ + 1;
      const start = performance.now();
      client.send(headers(stream, good));
      const { status, body } = await client.answer(stream);
      assert.deepEqual([status, body], [200, "ok"]);
      client.frames.length = 0; // or every look at them would take longer than the one before
      slowestMs = Math.max(slowestMs, performance.now() - start);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const running = run();
  running.catch(() => undefined); // told to whoever stops it
  return {
    stop: async () => {
      going = false;
      await running;
      return { count, slowestMs };
    },
  };
}

/** Sends the same kind of frames until the connection is closed, or all are sent. @returns how many were sent */
async function flood(client: H2Client, make: (turn: number) => Uint8Array, most: number): Promise<number> {
  let sent = 0;
  for (; sent < most && !client.closed; sent += BATCH) {
    client.send(...Array.from({ length: BATCH }, (_, index) => make(sent + index)));
    await client.sent();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sent;
}

/**
 * Weir's reason, and the last stream it looked at; unless the bytes that still came made the system drop what it said.
 * What was sent tells nothing: for a moment after its GOAWAY, weir reads on and drops what it reads.
 */
function assertCalmDown(client: H2Client, name: string, mostStreams: number): void {
  const goAway = client.frames.findLast((found) => found.type === type.goAway);
  if (goAway === undefined) return;
  assert.equal(codeOf(goAway), 11, name); // ENHANCE_YOUR_CALM
  const last = new DataView(goAway.payload.buffer, goAway.payload.byteOffset).getUint32(0);
  assert.ok(last < 2 * mostStreams, `${name}: ${last} is the last stream`);
}

/** Each stream ends early: because the client resets it, or because the client makes weir reset it. */
const early: readonly (readonly [string, (stream: number) => Uint8Array, isSecure?: boolean])[] = [
  ["a rapid reset", (stream) => bytes(headers(stream, held), reset(stream))],
  ["a rapid reset over TLS", (stream) => bytes(headers(stream, held), reset(stream)), true],
  ["windows of 0", (stream) => bytes(headers(stream, held), windowUpdate(stream, 0))],
  ["windows that overflow", (stream) => bytes(headers(stream, held), windowUpdate(stream, 2 ** 31 - 1))],
  ["DATA after the end", (stream) => bytes(headers(stream, held), data(stream, "x"))],
  ["HEADERS after the end", (stream) => bytes(headers(stream, held), headers(stream, [["x", "1"]]))],
  ["trailers with a pseudo-field", (stream) => bytes(headers(stream, post, 0), headers(stream, [[":path", "/"]]))],
];

for (const runtime of threeRuntimes) {
  for (const [name, make, isSecure = false] of early) {
    test(`${STREAMS} streams by ${name} reach backends hardly, and nobody else notices, on ${runtime.name}`, () =>
      withBench(runtime, async ({ open, openSecure, seen }) => {
        const [victim, attacker] = isSecure ? [await openSecure(), await openSecure()] : [await open(), await open()];
        const asking = keepAsking(victim);
        attacker.send(hello, settings());
        await flood(attacker, (turn) => make(2 * turn + 1), STREAMS);
        await attacker.until(() => attacker.closed, "the end of the flood");
        const { count, slowestMs } = await asking.stop();
        assertCalmDown(attacker, name, MOST_SEEN);
        assert.ok(seen.length < MOST_SEEN, `${seen.length} requests at the backend`);
        assert.ok(count > 0 && slowestMs < GOOD_MS, `${count} good answers, ${slowestMs} ms`);
      }));
  }

  test(`a flood of frames without use ends within ${MOST_FRAMES} of them on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen }) => {
      const asking = keepAsking(await open());
      for (const [name, make] of floods) {
        const client = await open();
        const before = seen.length;
        client.send(hello, frame(type.settings, ACK, 0), headers(1, post, 0));
        await client.find((found) => found.type === type.settings, "SETTINGS");
        const sent = await flood(client, make, MOST_FRAMES);
        await client.until(() => client.closed, `the end of the flood of ${name}, of which ${sent} are sent`);
        assertCalmDown(client, name, MOST_FRAMES);
        assert.ok(seen.length - before < MOST_SEEN, `${name}: ${seen.length - before} requests at the backend`);
      }
      const { slowestMs } = await asking.stop();
      assert.ok(slowestMs < GOOD_MS, `${slowestMs} ms`);
    }));

  test(`a header bomb is refused, and costs little memory, on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen, weir }) => {
      const large = bytes(0x40, 1, "x", 0x7f, 0x80 | (4000 - 127) & 127, (4000 - 127) >> 7, "y".repeat(4000));
      const end = END_HEADERS | END_STREAM;
      const before = residentKiB(weir.pid);
      for (let round = 0; round < 20; round++) {
        const client = await open();
        client.send(hello, frame(type.headers, end, 1, bytes(block(...good), large)));
        assert.equal((await client.answer(1)).status, 200);
        const bomb = bytes(block(...get), new Uint8Array(15_000).fill(0xbe)); // each byte names 4 KiB
        const streams = Array.from({ length: 50 }, (_, index) => 2 * index + 3);
        client.send(...streams.map((stream) => frame(type.headers, end, stream, bomb)));
        for (const stream of streams) assert.equal((await client.answer(stream)).status, 431);
        client.destroy();
      }
      const grown = residentKiB(weir.pid) - before;
      assert.ok(grown < MOST_BOMB_KIB, `${grown} KiB more resident`); // 1000 bombs of 60 MB each
      assert.deepEqual(seen.length, 0);
    }));
}

test("streams that get no window are reset after 30 s, and their backends let go", async () => {
  await Promise.all(threeRuntimes.map((runtime) =>
    withBench(runtime, async ({ open, seen, weir }) => {
      const before = residentKiB(weir.pid);
      const client = await open();
      const streams = Array.from({ length: 50 }, (_, index) => 2 * index + 1);
      client.send(PREFACE, settings([4, 0]), ...streams.map((stream) => headers(stream, big)));
      const resets = () => client.frames.filter((found) => found.type === type.reset);
      await client.until(() => seen.length === streams.length, `${runtime.name}: the requests`);
      assert.equal(resets().length, 0);
      await client.until(
        () => client.closed || resets().length === streams.length,
        `${runtime.name}: resets`,
        STALL_MS,
      );
      const grown = residentKiB(weir.pid) - before;
      assert.ok(grown < 64 * 1024, `${runtime.name}: ${grown} KiB more resident`);
      await Promise.all(seen.map(({ socket }) => socket.destroyed || once(socket, "close")));
      assert.equal(client.frames.some((found) => found.type === type.data), false);
      const other = await open();
      other.send(hello, headers(1, good));
      assert.equal((await other.answer(1)).status, 200);
    })
  ));
});
