// HTTP/2 frames that no good client sends: what weir makes of them, and what of it a backend gets to see.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { H2Client } from "../support/h2-client.ts";
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
  longHeaders,
  type Pair,
  post,
  PREFACE,
  reset,
  settings,
  type,
  windowUpdate,
} from "../support/h2-frames.ts";
import { type H2Proxy, withH2Proxy } from "../support/h2-proxy.ts";
import { fieldRows, floods, frameRows, type Outcome } from "../support/h2-rows.ts";
import { residentKiB } from "../support/resident.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { plainAnswer, type ScriptedBackend, type Seen, startScripted } from "../support/scripted-backend.ts";
import { WireClient } from "../support/wire-client.ts";

const STREAMS = 100_000;
/** Of those, backends may see fewer than this. */
const MOST_SEEN = 500;
const BATCH = 100;
const GOOD_MS = 3_000;
const STALL_MS = 45_000;
const MOST_BOMB_KIB = 48 * 1024;
const BIG = "x".repeat(1024 * 1024);

interface Bench extends H2Proxy {
  readonly backend: ScriptedBackend;
  /** Requests that the backend saw, but for those of good clients. */
  readonly seen: readonly Seen[];
  open(): Promise<H2Client>;
}

const good: readonly Pair[] = [...get.slice(0, 3), [":path", "/good"]];
const held: readonly Pair[] = [...get.slice(0, 3), [":path", "/held"]];
const big: readonly Pair[] = [...get.slice(0, 3), [":path", "/big"]];

async function withBench(
  runtime: RuntimeCommand,
  use: (bench: Bench) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  const seen: Seen[] = [];
  const backend = await startScripted({
    request: (request) => {
      const { path, socket } = request;
      if (path !== "/good") seen.push(request);
      if (path === "/big") socket.write(plainAnswer(BIG));
      else if (path !== "/held") socket.write(plainAnswer("ok"));
    },
  });
  const clients: H2Client[] = [];
  try {
    await withH2Proxy(runtime, { servers: [backend.url], flags }, (proxy) =>
      use({
        ...proxy,
        backend,
        seen,
        open: async () => {
          const client = await H2Client.open(proxy.port);
          clients.push(client);
          return client;
        },
      }));
  } finally {
    for (const client of clients) client.destroy();
    await backend.close();
  }
}

/** What came of one connection's frames. */
async function outcomeOf(client: H2Client): Promise<unknown> {
  const ends = () => client.frames.find(({ type: kind, flags }) => kind <= type.headers && (flags & END_STREAM) !== 0);
  const goAway = () => client.frames.find((found) => found.type === type.goAway);
  // NO_ERROR: an answer is there, and the rest of the request is not wanted
  const resets = () => client.frames.find((found) => found.type === type.reset && codeOf(found) !== 0);
  await client.until(() => client.closed || [ends, goAway, resets].some((look) => look() !== undefined), "an outcome");
  const left = goAway();
  if (left !== undefined) {
    await client.until(() => client.closed, "the end of the connection");
    return { goAway: codeOf(left) };
  }
  const found = resets();
  if (found !== undefined) return { reset: codeOf(found) };
  const { status } = await client.answer(ends()?.stream ?? 0);
  return status < 300 ? "served" : { status };
}

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

/** Its own reason, unless the bytes that still came made the system drop what weir said. */
function assertCalmDown(client: H2Client, name: string): void {
  const goAway = client.frames.findLast((found) => found.type === type.goAway);
  if (goAway !== undefined) assert.equal(codeOf(goAway), 11, name);
}

const ours: Outcome = { status: 501 };

/** CONNECT in HTTP/2, where WebSocket is allowed and where it isn't. */
const connects: readonly (readonly [string, readonly Pair[], Outcome])[] = [
  ["a tunnel", [[":method", "CONNECT"], [":authority", "a.test:22"]], ours],
  [
    "a tunnel with a content-length",
    [[":method", "CONNECT"], [":authority", "a.test:22"], ["content-length", "2"]],
    ours,
  ],
  ["a path", [[":method", "CONNECT"], [":authority", "a.test:22"], [":path", "/"]], { reset: 1 }],
  ["a scheme", [[":method", "CONNECT"], [":authority", "a.test:22"], [":scheme", "http"]], { reset: 1 }],
  ["no authority", [[":method", "CONNECT"]], { reset: 1 }],
  ["connect-udp", [...connectTo("connect-udp")], ours],
  ["connect-ip", [...connectTo("connect-ip")], ours],
  ["an unknown protocol", [...connectTo("h2c")], ours],
  ["a malformed protocol", [...connectTo("web socket")], { reset: 1 }],
  ["a protocol beside GET", [...get, [":protocol", "websocket"]], { reset: 1 }],
];

function connectTo(protocol: string): readonly Pair[] {
  return [[":method", "CONNECT"], ...get.slice(1), [":protocol", protocol]];
}

/** CONNECT in HTTP/1.1; what follows the head would be a second request, if anybody took it for one. */
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";
const lines: readonly (readonly [string, string])[] = [
  ["authority form", "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n"],
  ["another host", "CONNECT b.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["no port", "CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["a path", "CONNECT / HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["absolute form", "CONNECT http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["asterisk", "CONNECT * HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["an address", "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"],
  ["a body by length", `CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${smuggled.length}\r\n\r\n`],
  ["a chunked body", "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["an upgrade", "CONNECT / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"],
  ["HTTP/1.0", "CONNECT a.test:80 HTTP/1.0\r\n\r\n"],
];

/** Each stream ends early: because the client resets it, or because the client makes weir reset it. */
const early: readonly (readonly [string, (stream: number) => Uint8Array])[] = [
  ["a rapid reset", (stream) => bytes(headers(stream, held), reset(stream))],
  ["windows of 0", (stream) => bytes(headers(stream, held), windowUpdate(stream, 0))],
  ["windows that overflow", (stream) => bytes(headers(stream, held), windowUpdate(stream, 2 ** 31 - 1))],
  ["DATA after the end", (stream) => bytes(headers(stream, held), data(stream, "x"))],
  ["HEADERS after the end", (stream) => bytes(headers(stream, held), headers(stream, [["x", "1"]]))],
  ["trailers with a pseudo-field", (stream) => bytes(headers(stream, post, 0), headers(stream, [[":path", "/"]]))],
];

for (const runtime of threeRuntimes) {
  test(`what is malformed is refused, and never forwarded, on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen }) => {
      for (const [name, fields, wanted] of fieldRows) {
        if (name.startsWith(":protocol")) continue; // `CONNECT in HTTP/2` has it
        const client = await open();
        const before = seen.length;
        client.send(hello, longHeaders(1, fields));
        assert.deepEqual(await outcomeOf(client), wanted, name);
        const isServed = wanted === "served" && !name.startsWith("OPTIONS *"); // which weir answers itself
        assert.equal(seen.length - before, isServed ? 1 : 0, name);
        client.destroy();
      }
    }));

  test(`frames out of order, of wrong sizes and with wrong content end the stream or the connection on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen }) => {
      for (const [name, frames, wanted] of frameRows) {
        const client = await open();
        const before = seen.length;
        client.send(hello, ...frames);
        assert.deepEqual(await outcomeOf(client), wanted, name);
        if (typeof wanted === "object" && "goAway" in wanted) assert.equal(seen.length, before, name);
        client.destroy();
      }
      const client = await open();
      client.send(PREFACE, headers(1, get));
      assert.deepEqual(await outcomeOf(client), { goAway: 1 });
    }));

  test(`a body that does not keep to its content-length never ends well at the backend on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen, backend }) => {
      const client = await open();
      const upload = (length: string): readonly Pair[] => [...post, ["content-length", length]];
      client.send(hello, headers(1, upload("10"), 0));
      await client.find((found) => found.type === type.settings, "SETTINGS");
      client.send(data(1, "short", END_STREAM));
      assert.equal((await client.answer(1)).reset, 1);
      client.send(headers(3, upload("3"), 0));
      client.send(data(3, "toolong"));
      assert.equal((await client.answer(3)).reset, 1);
      client.send(headers(5, good));
      assert.equal((await client.answer(5)).status, 200);
      assert.deepEqual([seen.length, backend.requests], [0, 1]);
    }));

  test(`CONNECT is refused in every form of HTTP/2 on ${runtime.name}`, async () => {
    const websocket: readonly (readonly [string, readonly Pair[], Outcome])[] = [
      ["websocket where it is not allowed", connectTo("websocket"), { reset: 1 }],
    ];
    const without = "--entrypoints.web.http.upgrades=none";
    for (const [rows, flags] of [[connects, []], [websocket, [without]]] as const) {
      await withBench(runtime, async ({ open, seen }) => {
        for (const [name, fields, wanted] of rows) {
          const client = await open();
          client.send(hello, headers(1, fields, 0));
          client.send(data(1, "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"));
          assert.deepEqual(await outcomeOf(client), wanted, name);
          client.destroy();
        }
        const client = await open();
        client.send(hello, headers(1, good));
        assert.equal((await client.answer(1)).body, "ok");
        assert.deepEqual(seen.map(({ head }) => head), []);
      }, flags);
    }
  });

  test(`CONNECT is refused in every form of HTTP/1.1 on ${runtime.name}`, () =>
    withBench(runtime, async ({ port, seen }) => {
      for (const [name, head] of lines) {
        const client = await WireClient.open(port);
        const { status } = await client.send(head + smuggled);
        assert.equal(status, 501, name);
        if (client.isOpen) await once(client.socket, "end");
        client.close();
      }
      assert.deepEqual(seen.map(({ head }) => head), []);
    }));

  for (const [name, make] of early) {
    test(`${STREAMS} streams by ${name} reach backends hardly, and nobody else notices, on ${runtime.name}`, () =>
      withBench(runtime, async ({ open, seen }) => {
        const [victim, attacker] = [await open(), await open()];
        const asking = keepAsking(victim);
        attacker.send(hello, settings());
        const sent = await flood(attacker, (turn) => make(2 * turn + 1), STREAMS);
        await attacker.until(() => attacker.closed, "the end of the flood");
        const { count, slowestMs } = await asking.stop();
        assertCalmDown(attacker, name);
        assert.ok(sent < 20_000, `${sent} streams before the connection was closed`);
        assert.ok(seen.length < MOST_SEEN, `${seen.length} requests at the backend`);
        assert.ok(count > 0 && slowestMs < GOOD_MS, `${count} good answers, ${slowestMs} ms`);
      }));
  }

  test(`a flood of frames without use ends within 10000 of them on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen }) => {
      const asking = keepAsking(await open());
      for (const [name, make] of floods) {
        const client = await open();
        const before = seen.length;
        client.send(hello, frame(type.settings, ACK, 0), headers(1, post, 0));
        await client.find((found) => found.type === type.settings, "SETTINGS");
        const sent = await flood(client, make, 10_000);
        await client.until(() => client.closed, `the end of the flood of ${name}, of which ${sent} are sent`);
        assertCalmDown(client, name);
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

  test(`clients that never acknowledge, never ask, or stop within a frame are let go on ${runtime.name}`, () => {
    const flags = ["--entrypoints.web.transport.respondingTimeouts.headerTimeout=500ms"];
    return withBench(runtime, async ({ open }) => {
      const starts = [
        new Uint8Array(0),
        bytes("PRI"),
        PREFACE,
        hello,
        bytes(hello, frame(type.headers, 0, 1, block(...get))),
      ];
      const clients = await Promise.all(starts.map(async (start) => {
        const client = await open();
        if (start.length > 0) client.send(start);
        return client;
      }));
      for (const client of clients) await client.until(() => client.closed, "the end of the connection");
    }, flags);
  });

  test(`a WebSocket over HTTP/2 is a tunnel to an HTTP/1.1 backend on ${runtime.name}`, async () => {
    const backend = await startScripted({
      request: ({ socket, head }) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        socket.write(`${head.split("\r\n", 1)[0]};`);
      },
    });
    try {
      await withH2Proxy(runtime, { servers: [backend.url] }, async ({ port }) => {
        const client = await H2Client.open(port);
        client.send(hello, headers(1, connectTo("websocket"), 0));
        await client.find((found) => found.type === type.data, "what the backend says");
        client.destroy();
        const said = client.frames.filter((found) => found.type === type.data).map(({ payload }) => payload);
        assert.equal(Buffer.concat(said).toString(), "GET / HTTP/1.1;");
      });
    } finally {
      await backend.close();
    }
  });
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
