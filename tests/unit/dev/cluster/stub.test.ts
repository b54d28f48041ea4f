// Stub backends: lines over TCP and datagrams, answered as the images of the seeds do.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { test } from "node:test";
import { createStubTcp, openStubUdp, stubAnswer } from "../../../../src/dev/cluster/stub.ts";
import { fromLatin1, toLatin1 } from "../../../../src/net/bytes.ts";
import { TcpSession } from "../../../../src/net/tcp-session.ts";
import { MemoryConnection, Peer, settled } from "../../../support/memory-connection.ts";

const identity = { pod: "who-1", workload: "who" };

test("stubAnswer() tells who answers, or what was received", () => {
  assert.equal(stubAnswer("WHO\n", identity, "127.0.0.1"), "Hostname: who-1\nIP: 127.0.0.1\n");
  assert.equal(stubAnswer("WHO IS\n", identity, "127.0.0.1"), "Received: WHO IS\n");
});

test("createStubTcp() answers each line, and what is left at the end", async () => {
  const lines: string[] = [];
  const ours = new MemoryConnection();
  const client = new Peer(ours.pair());
  const session = new TcpSession(ours, { entryPoint: "", idleMs: 0, first: fromLatin1("WH") });
  createStubTcp(identity, ({ text }) => lines.push(text))(session);
  client.send("O\nfirst\nsec", "ond\nrest");
  await settled();
  assert.equal(
    client.take(),
    "Hostname: who-1\nIP: 127.0.0.1\nReceived: first\nReceived: second\n",
  );
  client.connection.end();
  await settled();
  assert.deepEqual([client.text, client.ended, session.isOver], ["Received: rest", true, true]);
  assert.equal(lines.length, 4);
});

test("createStubTcp() answers a line without end in pieces", async () => {
  const ours = new MemoryConnection({ highWater: 1 << 20 });
  const client = new Peer(ours.pair());
  createStubTcp(identity, () => undefined)(new TcpSession(ours, { entryPoint: "", idleMs: 0 }));
  client.send("x".repeat(40_000));
  await settled();
  assert.equal(client.text, `Received: ${"x".repeat(16_384)}`.repeat(2));
  client.connection.reset();
  await settled();
});

test("openStubUdp() answers each datagram", async () => {
  const host = "127.0.0.1";
  const socket = await openStubUdp(runtime, { host, identity, log: () => undefined });
  const answers: string[] = [];
  const both = Promise.withResolvers<void>();
  const channel = runtime.dialDatagrams({ host, port: socket.port }, {
    message: (bytes) => {
      if (answers.push(toLatin1(bytes)) === 2) both.resolve();
    },
    fail: (error) => both.reject(error),
  });
  channel.send(fromLatin1("WHO\n"));
  channel.send(fromLatin1("hello\n"));
  await both.promise;
  assert.deepEqual(answers.sort(), ["Hostname: who-1\nIP: 127.0.0.1\n", "Received: hello\n"]);
  channel.close();
  await socket.close();
});
