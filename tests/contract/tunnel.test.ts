// A tunnel over real connections: megabytes arrive as they were sent, also where one side reads slowly.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Deadlines } from "../../src/net/deadlines.ts";
import { Tunnel } from "../../src/service/tcp/tunnel.ts";
import { dial, portOf } from "../support/contract.ts";
import { runtime } from "#runtime";

const BYTES = 12 * 1024 * 1024;
const PIECE = 256 * 1024;
/** Turns of the event loop that a slow reader rests after each chunk. */
const REST_TURNS = 5;

/** Bytes that tell whether one of them is missing, twice there or somewhere else. */
const sent = new Uint8Array(BYTES);
for (let at = 0, state = 1; at < BYTES; at++) {
  state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
  sent[at] = state >>> 24;
}
const sentHash = createHash("sha256").update(sent).digest("hex");

async function send(socket: Socket): Promise<void> {
  for (let at = 0; at < BYTES; at += PIECE) {
    if (!socket.write(sent.subarray(at, at + PIECE))) await once(socket, "drain");
  }
  socket.end();
}

/** Not `for await`, which ends the other direction with this one. */
async function receive(socket: Socket, isSlow: boolean): Promise<string> {
  const hash = createHash("sha256");
  socket.on("data", (chunk) => {
    hash.update(chunk);
    if (isSlow) void rest(socket);
  });
  await once(socket, "end");
  return hash.digest("hex");
}

async function rest(socket: Socket): Promise<void> {
  socket.pause();
  for (let passed = 0; passed < REST_TURNS; passed++) await turn();
  socket.resume();
}

for (const slow of ["nobody", "the client", "the server"] as const) {
  test(`Tunnel carries bytes both ways unchanged, when ${slow} reads slowly`, async () => {
    const deadlines = new Deadlines();
    const accepted = Promise.withResolvers<Socket>();
    const server = createServer({ allowHalfOpen: true }, accepted.resolve).listen(0, "127.0.0.1");
    await once(server, "listening");
    const over = Promise.withResolvers<unknown>();
    const [received, passed] = [{ value: 0 }, { value: 0 }];
    const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, (client) => {
      client.pause();
      const options = { client, deadlines, idleMs: 0, terminationMs: -1, received, sent: passed };
      dial("127.0.0.1", portOf(server.address())).then(
        (upstream) => new Tunnel({ ...options, server: upstream, over: over.resolve }).start([], false),
        over.reject,
      );
    });
    const client = connect({ port: listener.port, host: "127.0.0.1", allowHalfOpen: true });
    const backend = await accepted.promise;
    const [atClient, atServer] = await Promise.all([
      receive(client, slow === "the client"),
      receive(backend, slow === "the server"),
      send(client),
      send(backend),
    ]);
    assert.deepEqual([atClient, atServer], [sentHash, sentHash]);
    assert.equal(await over.promise, undefined);
    assert.deepEqual([received.value, passed.value], [BYTES, BYTES]);
    server.close();
    await listener.close();
  });
}
