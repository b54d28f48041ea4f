// Connection: backpressure in both directions, with bounded memory while one side stalls.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { Connection, ConnectionHandler } from "../../src/net/connection.ts";
import { dial, meet, portOf, Recorder, ROLES, settle } from "../support/contract.ts";
import { runtime } from "#runtime";

const MIB = 1024 * 1024;
const PUSHED = 64 * MIB;
/** What the kernel keeps of one stalled loopback connection: its send and receive buffers at their largest. */
const KERNEL = 12 * MIB;

for (const role of ROLES) {
  test(`${role}: write() returns false when the peer stalls, pending tells the rest, drain() comes once it is gone`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    const chunk = Buffer.alloc(MIB, 1);
    let written = 0;
    // The kernel's buffers grow while the peer stalls: full is when writing still waits after everything settled.
    do {
      seen.told.length = 0;
      let isOpen = true;
      while (isOpen) {
        isOpen = subject.write(chunk);
        written += chunk.length;
      }
      assert.ok(written <= KERNEL, `${written} bytes were taken`);
      await settle();
    } while (seen.told.includes("drain"));
    assert.ok(subject.pending > 0 && subject.pending <= chunk.length, `pending is ${subject.pending}`);
    assert.equal(subject.write("tail"), false);
    let received = 0;
    peer.on("data", (bytes: Buffer) => void (received += bytes.length));
    await seen.untilTold("drain");
    assert.equal(subject.pending, 0);
    assert.deepEqual(seen.told, ["drain"]);
    subject.end();
    await once(peer, "end");
    assert.equal(received, written + 4);
    await close();
  });

  const encrypts = role.endsWith("TLS") && "encrypted bytes leave a turn later"; // `drain` follows
  test(
    `${role}: a chunk of 64 KiB that the system takes at once is no reason to stop`,
    { skip: encrypts },
    async () => {
      const { subject, peer, close } = await meet(role);
      const seen = new Recorder();
      subject.handle(seen);
      subject.write("first"); // Deno sends the very first write of an accepted socket a turn later
      await once(peer.resume(), "data");
      await settle();
      assert.equal(subject.write(Buffer.alloc(65536)), true);
      assert.equal(subject.writeTogether("head", Buffer.alloc(65536)), true);
      await settle();
      assert.deepEqual(seen.told, []);
      await close();
    },
  );

  test(`${role}: pause() from inside data() lets at most one more chunk come, resume() the rest, in order`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    seen.onData = () => subject.pause();
    subject.handle(seen);
    const sent = Buffer.alloc(4 * MIB);
    for (let at = 0; at < sent.length; at += 4) sent.writeUInt32LE(at, at);
    peer.end(sent);
    await seen.untilTold("data");
    for (let round = 0; round < 3; round++) {
      await settle();
      const chunks = seen.chunks.length;
      await settle();
      assert.equal(seen.chunks.length, chunks);
      const before = seen.chunks.length;
      subject.resume();
      await seen.until(() => seen.chunks.length > before);
      await settle();
      assert.ok(seen.chunks.length - before <= 2, `${seen.chunks.length - before} chunks came`);
    }
    seen.onData = undefined;
    subject.resume();
    await seen.untilTold("end");
    assert.ok(Buffer.concat(seen.chunks).equals(sent));
    await close();
  });

  test(`${role}: pause() before handle() holds until resume()`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.pause();
    subject.handle(seen);
    peer.end("x");
    await settle();
    assert.deepEqual(seen.told, []);
    subject.resume();
    await seen.untilTold("end");
    assert.equal(seen.text, "x");
    await close();
  });

  test(`${role}: a paused connection stops its peer's sending`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    subject.pause();
    const sent = push(peer, PUSHED);
    await settle();
    const left = peer.bytesWritten - peer.writableLength;
    assert.ok(left < KERNEL, `${left} bytes left the peer`);
    assert.ok(seen.bytes <= MIB, `${seen.bytes} bytes were delivered`);
    subject.resume();
    await sent;
    await seen.untilTold("end");
    assert.equal(seen.bytes, PUSHED);
    await close();
  });
}

/** Copies one connection into another, as a proxy does. */
class Pipe implements ConnectionHandler {
  readonly #to: Connection;
  readonly #from: Connection;

  constructor(from: Connection, to: Connection) {
    this.#from = from;
    this.#to = to;
  }

  data(chunk: Uint8Array): void {
    if (!this.#to.write(chunk)) this.#from.pause();
  }

  drain(): void {
    this.#to.resume();
  }

  end(): void {
    this.#to.end();
  }

  close(): void {}
}

for (const stalled of ["client", "server"]) {
  test(`a relay whose ${stalled} stalls holds 64 MiB back at a cost below 8 MiB, and passes all when it goes on`, async () => {
    const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, (down) => {
      void dial("127.0.0.1", portOf(server.address())).then((up) => {
        up.handle(new Pipe(up, down));
        down.handle(new Pipe(down, up));
      });
    });
    for (const bytes of [8 * MIB, PUSHED]) { // the first run warms up: code, heap and buffers of the peers
      const client = connect({ port: listener.port, host: "127.0.0.1", allowHalfOpen: true });
      const [accepted] = await once(server, "connection");
      const [from, to]: [Socket, Socket] = stalled === "server" ? [client, accepted] : [accepted, client];
      const before = runtime.residentBytes();
      const sent = push(from, bytes);
      await settle();
      const cost = runtime.residentBytes() - before;
      if (bytes === PUSHED) assert.ok(cost < 8 * MIB, `resident memory grew by ${cost} bytes`);
      let received = 0;
      to.on("data", (chunk: Buffer) => void (received += chunk.length));
      await Promise.all([sent, once(to, "end")]);
      assert.equal(received, bytes);
      to.end();
    }
    server.close();
    await listener.close();
  });
}

/** Writes that many bytes, waiting for drain, then FIN; always the same chunk, so that the peer costs no memory. */
async function push(socket: Socket, bytes: number): Promise<void> {
  const chunk = Buffer.alloc(65536, 1);
  for (let at = 0; at < bytes; at += chunk.length) {
    if (!socket.write(chunk)) await once(socket, "drain");
  }
  socket.end();
}
