// Runtime.listen: addresses, caps, closing, and errors that say what to do.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import type { Connection } from "../../src/net/connection.ts";
import { ProxyError } from "../../src/net/error.ts";
import { readAll, Recorder, settle } from "../support/contract.ts";
import { runtime } from "#runtime";

const HAS_IPV6 = Object.values(networkInterfaces()).flat().some((one) => one?.address === "::1");
const NO_IPV6 = HAS_IPV6 ? false : "this machine has no ::1";

/** Answers with what the server sees, then ends. */
function tell(connection: Connection): void {
  connection.handle(new Recorder());
  connection.write(`${connection.remote.ip} ${connection.local.ip} ${connection.local.port}`);
  connection.end();
}

async function ask(host: string, port: number): Promise<string> {
  const socket = connect({ host, port });
  return (await readAll(socket)).toString();
}

for (const host of ["127.0.0.1", "0.0.0.0", "localhost"]) {
  test(`listen() on ${host} serves IPv4`, async () => {
    const listener = await runtime.listen({ host, port: 0 }, tell);
    assert.equal(listener.host, host);
    assert.ok(listener.port > 0);
    const from = host === "localhost" ? "localhost" : "127.0.0.1";
    const [remote, local, port] = (await ask(from, listener.port)).split(" ");
    assert.ok(remote === "127.0.0.1" || remote === "::1", remote);
    assert.equal(local, remote);
    assert.equal(port, String(listener.port));
    await listener.close();
  });
}

test("listen() on ::1 serves IPv6", { skip: NO_IPV6 }, async () => {
  const listener = await runtime.listen({ host: "::1", port: 0 }, tell);
  assert.equal(await ask("::1", listener.port), `::1 ::1 ${listener.port}`);
  await listener.close();
});

test("listen() on no host serves both families, and unwraps IPv4", { skip: NO_IPV6 }, async () => {
  const listener = await runtime.listen({ host: "", port: 0 }, tell);
  assert.equal(await ask("127.0.0.1", listener.port), `127.0.0.1 127.0.0.1 ${listener.port}`);
  assert.equal(await ask("::1", listener.port), `::1 ::1 ${listener.port}`);
  await listener.close();
});

for (const host of ["127.0.0.1", ""]) {
  test(`listen() on a port in use (host "${host}") rejects with listen-failed, address, cause and hint`, async () => {
    const first = await runtime.listen({ host, port: 0 }, tell);
    await assert.rejects(runtime.listen({ host, port: first.port }, tell), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "listen-failed");
      assert.equal(error.source, "internal");
      assert.match(error.message, new RegExp(`^listen on .*:${first.port}: .*EADDRINUSE.*; another process`));
      return true;
    });
    await first.close();
    const second = await runtime.listen({ host, port: first.port }, tell); // the port is free at once
    await second.close();
  });
}

for (const [host, port] of [["203.0.113.1", 0], ["no-such-host.invalid", 0], ["127.0.0.1", 70000]] as const) {
  test(`listen() on ${host}:${port} rejects with listen-failed`, async () => {
    await assert.rejects(runtime.listen({ host, port }, tell), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "listen-failed");
      assert.ok(error.message.startsWith(`listen on ${host}:${port}: `), error.message);
      return true;
    });
  });
}

test("listen() with reusePort lets a second listener have the same port", async () => {
  const first = await runtime.listen({ host: "127.0.0.1", port: 0, reusePort: true }, tell);
  const second = await runtime.listen({ host: "127.0.0.1", port: first.port, reusePort: true }, tell);
  assert.equal(second.port, first.port);
  await first.close();
  assert.equal(await ask("127.0.0.1", second.port), `127.0.0.1 127.0.0.1 ${second.port}`);
  await second.close();
});

test("reopenForUpgrade() turns nobody away, and leaves open connections alone", async () => {
  const first = Promise.withResolvers<Connection>();
  let isFirst = true;
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, (connection) => {
    if (!isFirst) return tell(connection);
    isFirst = false;
    first.resolve(connection);
  });
  const { port } = listener;
  const early = ask("127.0.0.1", port);
  const connection = await first.promise;
  const waiting = Array.from({ length: 50 }, () => ask("127.0.0.1", port));
  const after = await listener.reopenForUpgrade?.() ?? listener;
  assert.equal(after.port, port);
  assert.equal(after.reopenForUpgrade, undefined);
  const late = Array.from({ length: 10 }, () => ask("127.0.0.1", port));
  tell(connection);
  const told = await Promise.all([early, ...waiting, ...late]);
  assert.deepEqual(new Set(told), new Set([`127.0.0.1 127.0.0.1 ${port}`]));
  await after.close();
  await assert.rejects(ask("127.0.0.1", port));
});

test("close() refuses new connections at once, and leaves open ones alone", async () => {
  const accepted = Promise.withResolvers<Connection>();
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, accepted.resolve);
  const client = connect({ host: "127.0.0.1", port: listener.port, allowHalfOpen: true });
  const connection = await accepted.promise;
  const seen = new Recorder();
  connection.handle(seen);
  await listener.close();
  await assert.rejects(ask("127.0.0.1", listener.port));
  assert.equal(listener.connections, 1);
  client.end("still here");
  await seen.untilTold("end");
  assert.equal(seen.text, "still here");
  connection.end();
  await seen.untilTold("close");
  assert.equal(listener.connections, 0);
  await listener.close();
});

test("maxConnections: more are closed at once, and accepted again when one has left", async () => {
  const held: Connection[] = [];
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0, maxConnections: 2 }, (connection) => {
    connection.handle(new Recorder());
    connection.write("in");
    held.push(connection);
  });
  const clients = [await enter(listener.port), await enter(listener.port)];
  assert.deepEqual(clients.map(({ isIn }) => isIn), [true, true]);
  assert.equal(listener.connections, 2);
  assert.equal((await enter(listener.port)).isIn, false);
  assert.equal(listener.connections, 2);
  held[0]?.destroy();
  await settle();
  assert.equal(listener.connections, 1);
  clients.push(await enter(listener.port));
  assert.equal(clients[2]?.isIn, true);
  for (const connection of held) connection.destroy();
  for (const { socket } of clients) socket.destroy();
  await listener.close();
});

/** Connects, and tells whether the server let it in. */
async function enter(port: number): Promise<{ socket: Socket; isIn: boolean }> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  const isIn = await Promise.race([
    once(socket, "data").then(() => true, () => false),
    new Promise<boolean>((resolve) => socket.on("close", () => resolve(false))),
  ]);
  return { socket, isIn };
}

test("500 connections at once are all accepted, served and counted back to zero", async () => {
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, (connection) => {
    connection.handle({
      data: (chunk) => void connection.write(chunk),
      drain: () => {},
      end: () => connection.end(),
      close: () => {},
    });
  });
  const answers = await Promise.all(Array.from({ length: 500 }, async (_, index) => {
    const socket = connect({ host: "127.0.0.1", port: listener.port, allowHalfOpen: true });
    socket.end(`client ${index}`);
    return (await readAll(socket)).toString();
  }));
  assert.deepEqual(answers, answers.map((_, index) => `client ${index}`));
  await settle();
  assert.equal(listener.connections, 0);
  await listener.close();
});
