// Memory that stays bounded: endless bodies whose reader stalls, and many small requests.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { hasProgram } from "../../scripts/lib/debian.mjs";
import { balance, type DynamicFile, type ProxyFixture, withProxy } from "../support/proxy-fixture.ts";
import { settledKiB, untilStill } from "../support/resident.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { plainAnswer, startScripted } from "../support/scripted-backend.ts";
import { soak } from "../support/soak.ts";
import { get, WireClient } from "../support/wire-client.ts";

const KIB = 1024;
const GIB = KIB * KIB * KIB;
/**
 * Stalled transfers at once. What they cost a process that only served small requests is what they hold, and once what
 * the allocator keeps of the megabytes that first flow into the system's buffers: about 20 MiB on Bun, 70 on Node and
 * Deno, however many they are.
 */
const STALLED = 400;
/** Small requests before the first look and before the last. */
const STIRRING = 16_000;
const STIRRERS = 8;
/** Issue 2: what each may cost. */
const COST_KIB = KIB;
/** Bytes that may be on their way of one transfer: the sending and receiving buffers of four sockets. */
const MOST_UNDER_WAY = 64 * KIB * KIB;
const GROWTH = 1.1;
/** Requests until a runtime's young generation has its size: on Deno it grows by 13 MiB once, after 130,000. */
const WARM = 200_000;
/** A connection that is not read is not seen to close either: nothing is to be gained by waiting for it at the end. */
const flags = ["--entrypoints.web.transport.lifecycle.gracetimeout=100ms"];

const noWrk = hasProgram("wrk") ? false : "wrk is not installed";

for (const runtime of threeRuntimes) {
  test(`a stalled download of 1 GiB costs at most 1 MiB on ${runtime.name}`, async (t) => {
    const sources = new Set<Source>();
    const backend = await startScripted({
      request: ({ socket, path }) => {
        if (path === "/small") return void socket.write(plainAnswer("small"));
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${GIB}\r\n\r\n`);
        sources.add(new Source(socket));
      },
    });
    t.after(backend.close);
    await withProxy(runtime, twoServices(backend.url, backend.url), flags, async (proxy) => {
      const cost = await costOf(proxy, sources, async () => {
        const socket = await open(proxy.port);
        socket.write(get("app.test"));
        return socket;
      });
      t.diagnostic(`${cost} KiB each`);
    });
  });

  test(`a stalled upload of 1 GiB costs at most 1 MiB on ${runtime.name}`, async (t) => {
    const sources = new Set<Source>();
    const backend = await startScripted({
      connect: (socket) => {
        socket.pause();
        return true;
      },
    });
    const small = await startScripted({ request: ({ socket }) => socket.write(plainAnswer("small")) });
    t.after(() => Promise.all([backend.close(), small.close()]));
    await withProxy(runtime, twoServices(backend.url, small.url), flags, async (proxy) => {
      const cost = await costOf(proxy, sources, async () => {
        const socket = await open(proxy.port);
        socket.write(`POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${GIB}\r\n\r\n`);
        sources.add(new Source(socket));
        return socket;
      });
      t.diagnostic(`${cost} KiB each`);
    });
  });

  test(`requests leave no memory behind on ${runtime.name}`, { skip: noWrk }, async (t) => {
    const points = await soak(runtime, { first: WARM, total: 2 * WARM, step: WARM });
    t.diagnostic(points.map(({ requests, residentKiB }) => `${residentKiB} KiB after ${requests}`).join(", "));
    const [first, last] = [points[0], points.at(-1)];
    assert.ok(first !== undefined && last !== undefined);
    assert.ok(last.residentKiB <= first.residentKiB * GROWTH, "more than 10 % more");
  });
}

/** Writes for as long as its socket takes it. */
class Source {
  /** Bytes the system took. */
  sent = 0;
  readonly #socket: Socket;
  readonly #piece: Buffer = Buffer.alloc(64 * KIB, "x");

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("drain", () => this.#fill());
    this.#fill();
  }

  get isBlocked(): boolean {
    return this.#socket.writableLength > 0 && this.sent < GIB;
  }

  #fill(): void {
    let goOn = true;
    while (goOn && !this.#socket.destroyed && this.sent < GIB) {
      goOn = this.#socket.write(this.#piece);
      this.sent += this.#piece.length;
    }
  }
}

/** @returns KiB that one of many stalled transfers costs a process that has served small requests only */
async function costOf(
  { weir, port }: ProxyFixture,
  sources: Set<Source>,
  begin: () => Promise<Socket>,
): Promise<number> {
  const settled = async (): Promise<number> => {
    await stir(port);
    return await settledKiB(weir.pid);
  };
  const before = await settled();
  const clients = await Promise.all(Array.from({ length: STALLED }, begin));
  await untilStill(() => sources.size * GIB + sumOf(sources), { slack: KIB * KIB, calm: 5 });
  assert.equal(sources.size, STALLED);
  for (const source of sources) {
    assert.ok(source.isBlocked, `a sender is not blocked after ${source.sent} bytes`);
    assert.ok(source.sent < MOST_UNDER_WAY, `${source.sent} bytes were taken of one transfer`);
  }
  const cost = Math.round((await settled() - before) / STALLED);
  await release(clients);
  assert.ok(cost <= COST_KIB, `${cost} KiB each`);
  return cost;
}

/** Many small requests, one after the other on each of a few connections. */
async function stir(port: number): Promise<void> {
  await Promise.all(Array.from({ length: STIRRERS }, async () => {
    const client = await WireClient.open(port);
    for (let count = 0; count < STIRRING / STIRRERS; count++) {
      const answer = await client.send(get("app.test", "/small"));
      assert.equal(answer.status, 200);
    }
    client.close();
  }));
}

function twoServices(app: string, small: string): DynamicFile {
  return {
    http: {
      routers: {
        app: { rule: "Host(`app.test`)", service: "app" },
        small: { rule: "Path(`/small`)", service: "small", priority: 1_000 },
      },
      services: { app: balance([app]), small: balance([small]) },
    },
  };
}

function sumOf(sources: ReadonlySet<Source>): number {
  return [...sources].reduce((sum, { sent }) => sum + sent, 0);
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").pause();
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

async function release(clients: readonly Socket[]): Promise<void> {
  await Promise.all(clients.map((client) => once(client.destroy(), "close")));
}
