// Windows both ways: nobody sends more than is taken, and a reader who stalls stops its sender alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode } from "../../../src/http2/protocol.ts";
import {
  ACK,
  bytes,
  codeOf,
  data,
  END_STREAM,
  frame,
  get,
  headers,
  hello,
  PADDED,
  post,
  settings,
} from "../../support/h2-frames.ts";
import { type, windowUpdate } from "../../support/h2-frames.ts";
import { HeardServer } from "../../support/h2-sessions.ts";

const FULL = 65_535;
const ack = frame(type.settings, ACK, 0);

function sentData(server: HeardServer, stream: number): number {
  const mine = server.frames.filter((found) => found.type === type.data && found.stream === stream);
  return mine.reduce((sum, found) => sum + found.payload.length, 0);
}

function granted(server: HeardServer, stream: number): number {
  const mine = server.frames.filter((found) => found.type === type.windowUpdate && found.stream === stream);
  return mine.reduce((sum, found) => sum + new DataView(found.payload.buffer).getUint32(0), 0);
}

/** DATA frames of a body. */
function body(stream: number, size: number): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < size; at += 16_384) frames.push(data(stream, new Uint8Array(Math.min(16_384, size - at))));
  return frames;
}

function serving(...parts: readonly Uint8Array[]): HeardServer {
  const server = new HeardServer();
  server.session.receive(bytes(hello, ack, ...parts));
  return server;
}

test("Http2Stream.write() keeps what the stream's window does not allow, and drains when it grows", () => {
  const server = serving(headers(1, get));
  const [heard] = server.requests;
  heard?.stream.respond(200, "", false);
  assert.equal(heard?.stream.write(new Uint8Array(100_000)), false);
  server.session.flush();
  assert.equal(sentData(server, 1), FULL);
  server.session.receive(bytes(windowUpdate(0, 100_000), windowUpdate(1, 30_000)));
  assert.deepEqual([sentData(server, 1), heard?.drained], [FULL + 30_000, 0]);
  server.session.receive(windowUpdate(1, 10_000));
  assert.deepEqual([sentData(server, 1), heard?.drained], [100_000, 1]);
  assert.equal(heard?.stream.write(new Uint8Array(10), true), true);
  server.session.flush();
  assert.equal(server.frames.at(-1)?.flags, END_STREAM);
  assert.equal(heard?.isClosed, true);
});

test("Sender shares the connection's window among streams in turn", () => {
  const server = serving(settings([4, 1_000_000]), headers(1, get), headers(3, get), headers(5, get));
  for (const { stream } of server.requests) {
    stream.respond(200, "", false);
    stream.write(new Uint8Array(300_000), true);
  }
  server.session.receive(windowUpdate(0, 12 * 16_384));
  const sent = [1, 3, 5].map((stream) => sentData(server, stream));
  assert.equal(sent.reduce((sum, each) => sum + each), FULL + 12 * 16_384);
  assert.ok(Math.max(...sent.slice(1)) - Math.min(...sent.slice(1)) <= 16_384, String(sent));
  server.session.receive(windowUpdate(0, 1_000_000));
  assert.deepEqual([1, 3, 5].map((stream) => sentData(server, stream)), [300_000, 300_000, 300_000]);
  assert.ok(server.requests.every((heard) => heard.isClosed));
});

test("PeerSettings change the windows of open streams, also below zero", () => {
  const server = serving(headers(1, get));
  const [heard] = server.requests;
  heard?.stream.respond(200, "", false);
  heard?.stream.write(new Uint8Array(60_000));
  heard?.stream.write(new Uint8Array(60_000));
  server.session.flush();
  assert.equal(sentData(server, 1), FULL);
  server.session.receive(bytes(settings([4, 10_000]), windowUpdate(0, 500_000), windowUpdate(1, 50_000)));
  assert.equal(sentData(server, 1), FULL);
  server.session.receive(settings([4, 20_000]));
  assert.equal(sentData(server, 1), 20_000 + 50_000);
});

test("Session holds data back while the socket is full, and goes on when it drains", () => {
  const server = serving(settings([4, 1_000_000]), windowUpdate(0, 1_000_000), headers(1, get));
  const [heard] = server.requests;
  server.open = false;
  heard?.stream.respond(200, "", false);
  assert.equal(heard?.stream.write(new Uint8Array(500_000)), false);
  const first = sentData(server, 1);
  assert.ok(first >= 65_536 && first < 100_000, String(first));
  server.session.receive(headers(3, get));
  assert.equal(server.requests.length, 1, "a request of a client that takes nothing waits");
  server.open = true;
  server.session.drained();
  assert.deepEqual([sentData(server, 1), heard?.drained, server.requests.length], [500_000, 1, 2]);
});

test("Http2Stream.consumed() gives window back; a reader who stalls gets no more than the window", () => {
  const server = new HeardServer({ streamWindow: 65_536, connectionWindow: 200_000 });
  server.consumes = false;
  server.session.receive(bytes(hello, ack, headers(1, post, 0), headers(3, post, 0)));
  assert.equal(granted(server, 0), 200_000 - FULL);
  server.session.receive(bytes(...body(1, 65_536)));
  assert.deepEqual([granted(server, 1), server.isOver], [0, false]);
  server.requests[0]?.stream.consumed(40_000);
  server.session.flush();
  assert.equal(granted(server, 1), 40_000);
  server.session.receive(bytes(...body(1, 40_000), ...body(3, 65_536)));
  assert.equal(server.frames.some((found) => found.type === type.reset), false);
  server.session.receive(data(1, "x"));
  assert.deepEqual(server.frames.filter((found) => found.type === type.reset).map(codeOf), [errorCode.flowControl]);
  assert.ok(granted(server, 0) >= 200_000 - FULL + 100_000, "what a reset stream held is the connection's again");
});

test("ReceiveWindows ends a connection that sends more than it may", () => {
  const server = new HeardServer({ connectionWindow: FULL });
  server.consumes = false;
  server.session.receive(bytes(hello, ack, headers(1, post, 0), headers(3, post, 0)));
  server.session.receive(bytes(...body(1, 40_000), ...body(3, 40_000)));
  assert.equal(server.isOver, true);
  assert.equal(codeOf(server.frames.at(-1) ?? { type: 0, flags: 0, stream: 0, payload: new Uint8Array(8) }), 3);
});

test("ReceiveWindows gives padding and discarded data back at once", () => {
  const server = new HeardServer({ connectionWindow: FULL });
  server.consumes = false;
  server.session.receive(bytes(hello, ack, headers(1, post, 0)));
  for (let turn = 0; turn < 10; turn++) {
    const padded = frame(type.data, PADDED, 1, bytes(255, "x", new Uint8Array(255)));
    server.session.receive(bytes(...Array.from({ length: 30 }, () => padded)));
  }
  assert.ok(granted(server, 1) > 65_000 && !server.isOver);
  server.requests[0]?.stream.reset(errorCode.cancel);
  for (let turn = 0; turn < 10; turn++) server.session.receive(bytes(...body(1, 60_000)));
  assert.equal(server.isOver, false);
});

test("Session.tick() reports streams that get no window", () => {
  const server = serving(settings([4, 0]), headers(1, get), headers(3, get));
  const [first, second] = server.requests;
  for (const heard of server.requests) {
    heard.stream.respond(200, "", false);
    heard.stream.write(new Uint8Array(100));
  }
  server.clock.now += 20_000;
  server.session.receive(windowUpdate(3, 1));
  server.clock.now += 11_000;
  server.session.tick();
  assert.deepEqual([first?.stalls, second?.stalls], [1, 0]);
  server.clock.now += 20_000;
  server.session.tick();
  assert.deepEqual([first?.stalls, second?.stalls], [1, 1]);
});

test("Session.tick() reports streams that the connection's window holds up", () => {
  const server = serving(settings([4, 1_000_000]), headers(1, get), headers(3, get));
  const [first, second] = server.requests;
  for (const heard of server.requests) {
    heard.stream.respond(200, "", false);
    heard.stream.write(new Uint8Array(100_000));
  }
  server.clock.now += 31_000;
  server.session.tick();
  assert.deepEqual([sentData(server, 1) + sentData(server, 3), first?.stalls, second?.stalls], [FULL, 1, 1]);
});
