// Floods: each ends the connection within 10,000 frames, and none reaches a handler in numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode } from "../../../src/http2/protocol.ts";
import {
  ACK,
  block,
  bytes,
  codeOf,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  headers,
  hello,
  post,
  reset,
  type,
  windowUpdate,
} from "../../support/h2-frames.ts";
import { floods } from "../../support/h2-rows.ts";
import { HeardServer } from "../../support/h2-sessions.ts";

for (const [name, make] of floods) {
  for (const perChunk of [1, 100]) {
    test(`FloodGuard ends a flood of ${name}, ${perChunk} in a chunk`, () => {
      const server = new HeardServer();
      server.session.receive(bytes(hello, frame(type.settings, ACK, 0), headers(1, post, 0)));
      let sent = 0;
      for (; sent < 10_000 && !server.isOver; sent += perChunk) {
        server.session.receive(bytes(...Array.from({ length: perChunk }, (_, index) => make(sent + index))));
      }
      assert.equal(server.isOver, true, `${sent} frames`);
      const goAway = server.frames.find((found) => found.type === type.goAway);
      assert.equal(goAway === undefined ? undefined : codeOf(goAway), errorCode.enhanceYourCalm);
      assert.ok(server.requests.length <= 102, `${server.requests.length} requests`);
      assert.ok(server.requests.every((heard) => heard.isClosed || !heard.dispatched));
    });
  }
}

test("ServerSession never hands over what is reset in the same chunk", () => {
  const server = new HeardServer();
  server.session.receive(bytes(hello, headers(1, get), reset(1), headers(3, get)));
  assert.deepEqual(server.requests.map((heard) => heard.stream.id), [3]);
});

test("ServerSession hands over no more than it may while reset streams may still be worked on", () => {
  const server = new HeardServer({ maxConcurrentStreams: 10, maxEarlyResets: 1000 });
  server.session.receive(hello);
  for (let stream = 1; stream < 201; stream += 2) {
    server.session.receive(headers(stream, get));
    server.session.receive(reset(stream));
  }
  assert.equal(server.requests.length, 10);
  server.session.receive(headers(201, get));
  assert.equal(server.requests.length, 10);
  server.clock.now += 1500;
  server.session.tick();
  assert.deepEqual(server.requests.slice(10).map((heard) => heard.stream.id), [201]);
});

test("FloodGuard lets a client be that cancels a few requests now and then", () => {
  const server = new HeardServer();
  server.session.receive(bytes(hello, frame(type.settings, ACK, 0)));
  for (let turn = 0; turn < 1000; turn++) {
    server.session.receive(headers(2 * turn + 1, get));
    server.session.receive(reset(2 * turn + 1));
    server.clock.now += 400;
  }
  assert.equal(server.isOver, false);
  assert.equal(server.requests.length, 1000);
});

test("FloodGuard lets a download be whose client gives every frame's window back", () => {
  const server = new HeardServer();
  server.session.receive(bytes(hello, frame(type.settings, ACK, 0), headers(1, get)));
  const [heard] = server.requests;
  heard?.stream.respond(200, "", false);
  heard?.stream.write(new Uint8Array(40_000_000), true);
  for (let turn = 0; turn < 10_000 && heard?.isClosed !== true; turn++) {
    server.session.receive(bytes(windowUpdate(1, 16_384), windowUpdate(0, 16_384)));
    server.parts.length = 0;
  }
  assert.deepEqual([heard?.isClosed, server.isOver], [true, false]);
});

test("HpackDecoder makes little of a header bomb", () => {
  const server = new HeardServer();
  server.answers = ({ stream }) => stream.respond(204, "", true);
  const large = bytes(0x40, 1, "x", 0x7f, 0x80 | (4000 - 127) & 127, (4000 - 127) >> 7, "y".repeat(4000));
  const fill = frame(type.headers, END_HEADERS | END_STREAM, 1, bytes(block(...get), large));
  const bomb = frame(
    type.headers,
    END_HEADERS | END_STREAM,
    3,
    bytes(block(...get), new Uint8Array(15_000).fill(0xbe)),
  );
  server.session.receive(bytes(hello, fill, bomb, headers(5, get)));
  assert.deepEqual(server.refusals.map((error) => error.status), [431]);
  assert.deepEqual(server.requests.map((heard) => heard.stream.id), [1, 5]);
});
