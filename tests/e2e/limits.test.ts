// What clients may not do: take for ever, send too much, open too many connections. And what they may: pipeline.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { balance, oneService, type ProxyFixture, withProxy } from "../support/proxy-fixture.ts";
import { settledKiB, untilStill } from "../support/resident.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { plainAnswer, type Seen, startScripted } from "../support/scripted-backend.ts";
import { ask, get, WireClient } from "../support/wire-client.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const TIMEOUT_MS = 800;
/** Deadlines are swept every 100 ms, and the machine may be busy. */
const LATE_MS = 2_000;
const PIPELINED = 1_000;
const DEAF_ANSWER_BYTES = 100 * KIB;
/** What one client that pipelines and never reads may cost. */
const DEAF_KIB = 8 * KIB;

interface Timed {
  readonly name: string;
  readonly option: string;
  /** What the client does. It may go on for as long as the connection is open. */
  act(client: WireClient): Promise<void>;
  /** 0: the connection just ends. */
  readonly status: number;
}

const timed: readonly Timed[] = [
  {
    name: "a head that drips byte by byte",
    option: "headertimeout",
    act: async (client) => {
      for (const byte of get("app.test", "/", `X-Long: ${"x".repeat(1_000)}\r\n`)) {
        if (!client.isOpen) return;
        client.socket.write(byte);
        await delay(20);
      }
    },
    status: 408,
  },
  { name: "a connection that sends nothing", option: "headertimeout", act: async () => {}, status: 0 },
  {
    name: "an idle keep-alive connection",
    option: "idletimeout",
    act: async (client) => {
      assert.equal((await client.send(get("app.test"))).status, 200);
    },
    status: 0,
  },
  {
    name: "a body that stalls",
    option: "bodyidletimeout",
    act: (client) => {
      client.socket.write("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100\r\n\r\nhalf");
      return Promise.resolve();
    },
    status: 408,
  },
  {
    name: "a chunked body that stalls",
    option: "bodyidletimeout",
    act: (client) => {
      client.socket.write("POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
      return Promise.resolve();
    },
    status: 408,
  },
];

const oversized = [
  { name: "a head of 70 KiB", request: get("app.test", "/", lines(10, 7 * KIB)), status: 431 },
  { name: "a header line of 17 KiB", request: get("app.test", "/", lines(1, 17 * KIB)), status: 431 },
  { name: "101 headers", request: get("app.test", "/", lines(100, 1)), status: 431 },
  { name: "a target of 17 KiB", request: get("app.test", `/${"a".repeat(17 * KIB)}`), status: 414 },
  { name: "a head of 60 KiB", request: get("app.test", "/", lines(10, 6 * KIB)), status: 200 },
];

for (const runtime of threeRuntimes) {
  test(`clients that are too slow are let go in time on ${runtime.name}`, async (t) => {
    const flags = ["headertimeout", "idletimeout", "bodyidletimeout"]
      .map((option) => `--entrypoints.web.transport.respondingtimeouts.${option}=${TIMEOUT_MS}ms`);
    await withEcho(t, runtime, flags, async ({ port }) => {
      const found = await Promise.all(timed.map((each) => sitOut(port, each)));
      assert.deepEqual(found.filter((complaint) => complaint !== ""), []);
    });
  });

  test(`heads beyond the limits are refused, and those below served on ${runtime.name}`, async (t) => {
    await withEcho(t, runtime, [], async ({ port }) => {
      for (const { name, request, status } of oversized) {
        const answer = await ask(port, request);
        assert.equal(answer.status, status, name);
      }
    });
  });

  test(`maxConnections turns surplus clients away and lets them in again on ${runtime.name}`, async (t) => {
    await withEcho(t, runtime, ["--entrypoints.web.transport.maxconnections=5"], async ({ port }) => {
      const clients = await Promise.all(Array.from({ length: 5 }, () => WireClient.open(port)));
      for (const client of clients) assert.equal((await client.send(get("app.test"))).status, 200);
      const surplus = await Promise.all(Array.from({ length: 10 }, () => tryOnce(port)));
      assert.deepEqual(surplus.filter((status) => status !== 0), [], "surplus connections get nothing");
      for (const client of clients) assert.equal((await client.send(get("app.test"))).status, 200);
      clients[0]?.close();
      let status = 0;
      for (let tries = 0; tries < 100 && status === 0; tries++) status = await tryOnce(port);
      assert.equal(status, 200);
      for (const client of clients) client.close();
    });
  });

  test(`${PIPELINED} requests in one write are answered in order on ${runtime.name}`, async (t) => {
    await withEcho(t, runtime, [], async ({ port }) => {
      const client = await WireClient.open(port);
      const numbers = Array.from({ length: PIPELINED }, (_, at) => String(at));
      client.socket.write(numbers.map((at) => get("app.test", `/${at}`)).join(""), "latin1");
      const answers = await Promise.all(numbers.map(() => client.next()));
      assert.deepEqual(answers.map(({ status, body }) => `${status} ${body}`), numbers.map((at) => `200 /${at}`));
      client.close();
    });
  });

  test(`a client that pipelines and never reads is held, and costs little memory on ${runtime.name}`, async (t) => {
    const answer = plainAnswer("x".repeat(DEAF_ANSWER_BYTES));
    const backend = await startScripted({ request: ({ socket }) => socket.write(answer) });
    t.after(backend.close);
    await withProxy(runtime, oneService(balance([backend.url])), [], async ({ weir, port }) => {
      for (let count = 0; count < 200; count++) assert.equal((await ask(port, get("app.test"))).status, 200);
      const before = await settledKiB(weir.pid);
      const asked = backend.requests;
      const socket = connect(port, "127.0.0.1").pause();
      await once(socket, "connect");
      const block = get("app.test").repeat(1_000);
      const fill = (): void => {
        while (socket.write(block));
      };
      socket.on("drain", fill);
      fill();
      await untilStill(() => socket.bytesWritten - socket.writableLength + backend.requests, { calm: 5 });
      const grown = await settledKiB(weir.pid) - before;
      const sent = backend.requests - asked;
      t.diagnostic(`${sent} answers of ${DEAF_ANSWER_BYTES / KIB} KiB were asked for; ${grown} KiB more resident`);
      assert.ok(socket.writableLength > 0, "the client is blocked");
      assert.ok(sent < 500, `${sent} requests went on to the backend`);
      assert.ok(grown <= DEAF_KIB, `${grown} KiB more resident`);
      socket.destroy();
      assert.equal((await ask(port, get("app.test"))).status, 200);
    });
  });

  test(`a client that takes nothing of its answer is cut, and its backend let go on ${runtime.name}`, async (t) => {
    const gone = Promise.withResolvers<void>();
    const backend = await startScripted({
      request: ({ socket }) => {
        socket.on("close", () => gone.resolve());
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${100 * MIB}\r\n\r\n`);
        const piece = Buffer.alloc(MIB);
        const fill = (): void => {
          while (!socket.destroyed && socket.write(piece));
        };
        socket.on("drain", fill);
        fill();
      },
    });
    t.after(backend.close);
    const flags = [`--entrypoints.web.transport.respondingtimeouts.writeidletimeout=${TIMEOUT_MS}ms`];
    await withProxy(runtime, oneService(balance([backend.url])), flags, async ({ port }) => {
      const socket = connect(port, "127.0.0.1").pause();
      socket.write(get("app.test"));
      await gone.promise;
      const failed = once(socket, "error");
      socket.resume();
      await failed;
    });
  });
}

/** weir before a backend that answers with the path. */
async function withEcho(
  t: TestContext,
  runtime: RuntimeCommand,
  flags: readonly string[],
  use: (proxy: ProxyFixture) => Promise<void>,
): Promise<void> {
  const backend = await startScripted({ request: ({ socket, path }: Seen) => socket.write(plainAnswer(path)) });
  t.after(backend.close);
  await withProxy(runtime, oneService(balance([backend.url])), flags, use);
}

/** @returns a complaint when a slow client isn't let go as it should be */
async function sitOut(port: number, { name, act, status }: Timed): Promise<string> {
  const client = await WireClient.open(port);
  const startedAt = performance.now();
  const ended = once(client.socket, "close");
  const acting = act(client);
  if (status !== 0) {
    const answer = await client.next();
    if (answer.status !== status) return `${name}: answered ${answer.status}, not ${status}`;
  }
  await acting;
  await ended;
  const tookMs = performance.now() - startedAt;
  if (client.surplus > 0) return `${name}: ${client.surplus} bytes that nobody asked for`;
  const isInTime = tookMs >= TIMEOUT_MS * 0.9 && tookMs < TIMEOUT_MS + LATE_MS;
  return isInTime ? "" : `${name}: over after ${Math.round(tookMs)} ms`;
}

/** @returns the status of one request on a connection of its own; 0: none came */
async function tryOnce(port: number): Promise<number> {
  try {
    return (await ask(port, get("app.test"))).status;
  } catch {
    return 0; // reset before the connection was seen as open
  }
}

function lines(count: number, bytes: number): string {
  return Array.from({ length: count }, (_, at) => `X-${at}: ${"v".repeat(bytes)}\r\n`).join("");
}
