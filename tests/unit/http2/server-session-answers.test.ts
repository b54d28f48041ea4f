// The server's side: what a request becomes, what is written, and how connections end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode } from "../../../src/http2/protocol.ts";
import type { Pair } from "../../support/h2-frames.ts";
import {
  ACK,
  block,
  BlockReader,
  bytes,
  codeOf,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  headers,
  hello,
  post,
  reset,
  type,
  uint32,
} from "../../support/h2-frames.ts";
import { HeardServer } from "../../support/h2-sessions.ts";

const end = END_STREAM | END_HEADERS;

test("ServerSession tells a request's facts", () => {
  const server = new HeardServer();
  const fields: readonly Pair[] = [
    ...get.slice(0, 3),
    [":path", "/a/%2e%2e/b?c=1"],
    ...[["x-a", "1"], ["cookie", "a=1"], ["te", "trailers"], ["cookie", "b=2"]] as const,
    ...[["content-length", "3"], ["expect", "100-continue"], ["proxy-authorization", "x"]] as const,
  ];
  server.session.receive(bytes(hello, headers(1, fields, 0), data(1, "abc"), headers(1, [["grpc-status", "0"]])));
  const [heard] = server.requests;
  assert.equal(heard?.head?.path, "/b");
  assert.equal(heard?.head?.search, "?c=1");
  assert.equal(heard?.head?.rawTarget, "/a/%2e%2e/b?c=1");
  assert.equal(heard?.head?.length, 3);
  assert.equal(heard?.head?.expectContinue, true);
  assert.equal(heard?.head?.teTrailers, true);
  assert.equal(heard?.head?.text, "host: a.test\r\nx-a: 1\r\ncookie: a=1; b=2\r\n");
  assert.equal(heard?.body, "abc");
  assert.equal(heard?.trailers, "grpc-status: 0\r\n");
});

test("ServerSession says the same of equal blocks, and nothing stale", () => {
  const server = new HeardServer();
  server.answers = ({ stream }) => stream.respond(204, "", true);
  const indexed = bytes(0x40, 1, "x", 1, "1");
  server.session.receive(hello);
  for (const stream of [1, 3, 5, 7]) server.session.receive(headers(stream, [...get, ["y", "2"]]));
  const entry = (value: string) => bytes(block(...get), indexed.slice(0, 4), value, 0xbe);
  for (const [index, value] of ["1", "1", "1", "2"].entries()) {
    server.session.receive(frame(type.headers, end, 9 + 2 * index, entry(value)));
  }
  const viaTable = bytes(block(...get), 0xbe);
  for (const stream of [17, 19, 21]) server.session.receive(frame(type.headers, end, stream, viaTable));
  server.session.receive(frame(type.headers, end, 23, entry("3")));
  server.session.receive(frame(type.headers, end, 25, viaTable));
  const texts = server.requests.map((heard) => heard.head?.text.slice("host: a.test\r\n".length));
  const once = ["y: 2\r\n", "x: 1\r\nx: 1\r\n", "x: 2\r\nx: 2\r\n", "x: 2\r\n", "x: 3\r\nx: 3\r\n", "x: 3\r\n"];
  const [a, b, c, d, e, f] = once;
  assert.deepEqual(texts, [a, a, a, a, b, b, b, c, d, d, d, e, f]);
});

test("ServerSession takes an extended CONNECT where that is enabled", () => {
  const server = new HeardServer({ connectProtocol: true });
  const fields: readonly Pair[] = [[":method", "CONNECT"], ...get.slice(1), [":protocol", "websocket"]];
  server.session.receive(bytes(hello, headers(1, fields, 0)));
  assert.equal(server.requests[0]?.head?.protocol, "websocket");
  const announced = server.frames[0]?.payload ?? new Uint8Array(0);
  assert.ok(Buffer.from(announced).includes(Buffer.from([0, 8, 0, 0, 0, 1])));
});

test("ServerSession writes heads, bodies, interim answers and trailers", () => {
  const server = new HeardServer();
  server.answers = ({ stream }) => {
    stream.inform(103, "Link: x\r\n");
    stream.respond(200, "Content-Type: a/b\r\nConnection: close\r\n", false);
    stream.write(bytes("abc"));
    stream.end("Grpc-Status: 0\r\n");
  };
  server.session.receive(bytes(hello, headers(1, get)));
  const reader = new BlockReader();
  const mine = server.frames.filter((found) => found.stream === 1);
  const said = mine.map(({ type: kind, flags, payload }) =>
    kind === type.headers ? [flags, ...reader.read(payload)] : [flags, Buffer.from(payload).toString()]
  );
  assert.deepEqual(said, [
    [END_HEADERS, ":status: 103", "link: x"],
    [END_HEADERS, ":status: 200", "content-type: a/b"],
    [0, "abc"],
    [end, "grpc-status: 0"],
  ]);
  assert.equal(server.requests[0]?.isClosed, true);
  assert.equal(server.requests[0]?.error, undefined);
});

test("ServerSession cuts a large head into frames of the allowed size", () => {
  const server = new HeardServer();
  const value = Array.from({ length: 40_000 }, (_, index) => String.fromCharCode(33 + (index * 7) % 90)).join("");
  server.answers = ({ stream }) => stream.respond(200, `X: ${value}\r\n`, true);
  server.session.receive(bytes(hello, headers(1, get)));
  const mine = server.frames.filter((found) => found.stream === 1);
  assert.deepEqual(mine.map((found) => found.type), [type.headers, type.continuation, type.continuation]);
  const whole = bytes(...mine.map((found) => found.payload));
  assert.deepEqual(new BlockReader().read(whole), [":status: 200", `x: ${value}`]);
});

test("ServerSession drops the rest of a request that is answered, and after a second tells the client to stop", () => {
  const server = new HeardServer();
  server.answers = ({ stream }) => stream.respond(413, "", true);
  server.session.receive(bytes(hello, frame(type.settings, ACK, 0)));
  const resets = () =>
    server.frames.filter((found) => found.type === type.reset).map((found) => [found.stream, codeOf(found)]);
  server.session.receive(bytes(headers(1, post, 0), data(1, "late"), headers(3, post, 0), headers(5, post, 0)));
  server.session.receive(bytes(data(1, "later", END_STREAM), reset(3)));
  assert.deepEqual([resets(), server.requests.every((heard) => heard.isClosed)], [[], true]);
  server.clock.now += 900;
  server.session.receive(headers(7, post, 0));
  server.clock.now += 200;
  server.session.tick();
  assert.deepEqual(resets(), [[5, errorCode.none]]);
  server.session.receive(bytes(data(5, "late"), headers(7, [["x", "1"]]), headers(9, get)));
  server.clock.now += 5000;
  server.session.tick();
  assert.deepEqual([resets().length, server.requests.length, server.isOver], [1, 5, false]);
});

test("ServerSession tells a client to stop that goes on without end, or that does so on too many streams", () => {
  const server = new HeardServer({ streamWindow: 100_000, maxConcurrentStreams: 8 });
  server.answers = ({ stream }) => stream.respond(200, "", true);
  server.session.receive(bytes(hello, frame(type.settings, ACK, 0)));
  const resets = () =>
    server.frames.filter((found) => found.type === type.reset).map((found) => [found.stream, codeOf(found)]);
  server.session.receive(headers(1, post, 0));
  for (let turn = 0; turn < 14; turn++) server.session.receive(data(1, new Uint8Array(10_000)));
  assert.deepEqual(resets(), []);
  const given = server.frames.filter((found) => found.type === type.windowUpdate && found.stream === 1);
  assert.equal(given.length, 1, "it has seen the answer when it uses this window");
  server.session.receive(data(1, new Uint8Array(10_000)));
  assert.deepEqual(resets(), [[1, errorCode.none]]);
  server.session.receive(bytes(headers(3, post, 0), headers(5, post, 0)));
  assert.equal(resets().length, 1);
  server.session.receive(headers(7, post, 0));
  assert.deepEqual(resets().slice(1), [[3, errorCode.none]]);
});

test("ServerSession gives the connection's window back for what it drops, before and after it told the client to stop", () => {
  const server = new HeardServer({ connectionWindow: 100_000 });
  server.answers = ({ stream }) => stream.respond(413, "", true);
  server.session.receive(bytes(hello, frame(type.settings, ACK, 0), headers(1, post, 0)));
  const given = () =>
    server.frames.filter((found) => found.type === type.windowUpdate && found.stream === 0)
      .reduce((sum, { payload }) => sum + new DataView(payload.buffer, payload.byteOffset).getUint32(0), 0);
  const before = given();
  for (let turn = 0; turn < 5000; turn++) server.session.receive(data(1, new Uint8Array(1000)));
  assert.equal(server.isOver, false);
  assert.ok(given() - before > 5000 * 1000 - 100_000, `${given() - before} bytes`);
});

test("ServerSession answers PING and SETTINGS", () => {
  const server = new HeardServer();
  server.session.receive(bytes(hello, frame(type.ping, 0, 0, bytes("12345678"))));
  const pong = server.frames.find((found) => found.type === type.ping);
  assert.deepEqual([pong?.flags, Buffer.from(pong?.payload ?? []).toString()], [ACK, "12345678"]);
  assert.ok(server.frames.some((found) => found.type === type.settings && found.flags === ACK));
});

test("ServerSession ends a connection whose client never acknowledges its settings", () => {
  const server = new HeardServer();
  server.session.receive(hello);
  server.clock.now += 9000;
  server.session.tick();
  assert.equal(server.isOver, false);
  server.clock.now += 2000;
  server.session.tick();
  const goAway = server.frames.filter((found) => found.type === type.goAway);
  assert.deepEqual(goAway.map(codeOf), [errorCode.settingsTimeout]);
});

test("ServerSession.shutdown() lets streams finish that the client began before it heard", () => {
  const server = new HeardServer();
  server.session.receive(bytes(hello, headers(1, get)));
  server.session.shutdown();
  server.session.receive(headers(3, get));
  server.session.receive(frame(type.ping, ACK, 0, new Uint8Array(8)));
  server.session.receive(headers(5, get));
  const last = server.frames.filter((found) => found.type === type.goAway).map(({ payload }) => payload.slice(0, 4));
  assert.deepEqual(last, [uint32(2 ** 31 - 1), uint32(3)]);
  assert.deepEqual(server.frames.filter((found) => found.type === type.reset).map(codeOf), [errorCode.refusedStream]);
  for (const { stream } of server.requests) stream.respond(204, "", true);
  server.session.flush();
  assert.equal(server.requests.length, 2);
  assert.equal(server.isOver, true);
  assert.equal(server.error, undefined);
});

test("ServerSession.shutdown() does not wait for ever for the client's PING", () => {
  const server = new HeardServer();
  server.session.receive(bytes(hello, frame(type.settings, ACK, 0)));
  server.session.shutdown();
  server.clock.now += 1500;
  server.session.tick();
  assert.equal(server.isOver, true);
});

test("ServerSession.close() tells every stream", () => {
  const server = new HeardServer();
  server.session.receive(
    bytes(hello, headers(1, get), headers(3, post, 0), frame(type.goAway, 0, 0, new Uint8Array(8))),
  );
  server.session.receive(reset(1));
  assert.equal(server.requests[0]?.error?.code, "client-gone");
  const { error } = server.requests[0] ?? {};
  assert.ok(error !== undefined);
  server.session.close(error);
  assert.equal(server.requests[1]?.error, error);
});
