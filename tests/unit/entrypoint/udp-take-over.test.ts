// A UDP port that is passed on to another entry point: its sessions go on, and new ones are the new one's.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { UdpEntryPoint } from "../../../src/entrypoint/udp-entry-point.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import type { UdpHandler } from "../../../src/net/udp-handler.ts";

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

/** Answers with its name. */
async function server(name: string): Promise<Socket> {
  const socket = await bound();
  socket.on("message", (_, { port, address }) => socket.send(name, port, address));
  return socket;
}

async function ask(client: Socket, port: number): Promise<string> {
  const answered = once(client, "message");
  client.send("ask", port, "127.0.0.1");
  const [answer] = await answered;
  return String(answer);
}

test("UdpEntryPoint.takeOver() keeps port and sessions, and gives new clients to the new one's server", async () => {
  const sockets = [await server("old"), await server("new"), await bound(), await bound(), await bound()] as const;
  const [old, young, first, second, third] = sockets;
  const deadlines = new Deadlines();
  const make = (to: Socket): UdpEntryPoint => {
    const options = { name: "dns", host: "127.0.0.1", port: 0, timeoutMs: 60_000, maxSessions: 10 };
    const entryPoint = new UdpEntryPoint(runtime, deadlines, { ...options, failed: () => undefined });
    entryPoint.handler = leaseOf(to.address().port);
    return entryPoint;
  };
  const before = make(old);
  await before.open();
  const { port } = before.address;
  assert.equal(await ask(first, port), "old");
  const after = make(young);
  after.takeOver(before);
  await before.retire();
  assert.equal(after.address.port, port);
  assert.deepEqual([before.connections, after.connections], [0, 1]);
  assert.equal(await ask(first, port), "old", "a session keeps its server");
  assert.equal(await ask(second, port), "new");
  const last = make(old);
  last.takeOver(after);
  assert.equal(await ask(second, port), "new");
  assert.equal(await ask(third, port), "old");
  assert.equal(last.connections, 3);
  await last.close(0);
  assert.equal(deadlines.size, 0);
  for (const socket of sockets) socket.close();
});

function leaseOf(port: number): UdpHandler {
  return () => ({
    ...{ host: "127.0.0.1", port, address: `127.0.0.1:${port}`, received: { value: 0 }, sent: { value: 0 } },
    answered: () => undefined,
    end: () => undefined,
  });
}
