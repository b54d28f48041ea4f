// Transfers of 1 GiB whose reader stalls, by the hundred, and what each of them costs weir.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { connect as connectSecure } from "node:tls";
import type { ProxyFixture } from "./proxy-fixture.ts";
import { settledKiB, untilStill } from "./resident.ts";
import { get, WireClient } from "./wire-client.ts";

const KIB = 1024;
/** Bytes of one transfer. */
export const GIB: number = KIB * KIB * KIB;
/**
 * Stalled transfers at once. What they cost a process that only served small requests is what they hold, and once what
 * the allocator keeps of the megabytes that first flow into the system's buffers: about 20 MiB on Bun, 70 on Node and
 * Deno, however many they are. `WEIR_STALLED` is another number.
 */
const STALLED = Number(process.env["WEIR_STALLED"] ?? 400);
/** Small requests before the first look and before the last. */
const STIRRING = 16_000;
const STIRRERS = 8;
/** Bytes that may be on their way of one transfer: the sending and receiving buffers of four sockets. */
const MOST_UNDER_WAY = 64 * KIB * KIB;

/** Writes for as long as its socket takes it. */
export class Source {
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
export async function costOf(
  { weir, port }: ProxyFixture,
  sources: Set<Source>,
  begin: (index: number) => Promise<Socket>,
): Promise<number> {
  const settled = async (): Promise<number> => {
    await stir(port);
    return await settledKiB(weir.pid);
  };
  const before = await settled();
  const clients = await Promise.all(Array.from({ length: STALLED }, (_, index) => begin(index)));
  await untilStill(() => sources.size * GIB + sumOf(sources), { slack: KIB * KIB, calm: 5 });
  assert.equal(sources.size, STALLED);
  for (const source of sources) {
    assert.ok(source.isBlocked, `a sender is not blocked after ${source.sent} bytes`);
    assert.ok(source.sent < MOST_UNDER_WAY, `${source.sent} bytes were taken of one transfer`);
  }
  const cost = Math.round((await settled() - before) / STALLED);
  await release(clients);
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

function sumOf(sources: ReadonlySet<Source>): number {
  return [...sources].reduce((sum, { sent }) => sum + sent, 0);
}

/** A connection that reads nothing. */
export async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").pause();
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** The same, over TLS. */
export async function openSecure(port: number, servername: string): Promise<Socket> {
  const socket = connectSecure({ port, host: "127.0.0.1", servername, rejectUnauthorized: false });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  return socket.pause();
}

async function release(clients: readonly Socket[]): Promise<void> {
  await Promise.all(clients.map((client) => once(client.destroy(), "close")));
}
