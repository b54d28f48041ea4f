// The client's side, frame by frame: answers, refusals, and what a server may not do.

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
  cutFrames,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  headers,
  PREFACE,
  reset,
  settings,
  type,
  uint32,
  windowUpdate,
} from "../../support/h2-frames.ts";
import { HeardClient } from "../../support/h2-sessions.ts";

const ok: Pair = [":status", "200"];
const { protocol, streamClosed, refusedStream } = errorCode;

function resetCode(client: HeardClient): number | undefined {
  const all = new Uint8Array(Buffer.concat(client.parts)).subarray(PREFACE.length);
  const found = cutFrames(all).frames.find((each) => each.type === type.reset || each.type === type.goAway);
  return found === undefined ? undefined : codeOf(found);
}

test("ClientSession begins with the preface and its settings, then asks", () => {
  const client = new HeardClient();
  client.ask({ path: "/a?b", text: "Host: x\r\nX-A: 1\r\nConnection: close\r\n" });
  client.session.flush();
  const all = client.take();
  assert.deepEqual(all.subarray(0, PREFACE.length), PREFACE);
  const { frames } = cutFrames(all.subarray(PREFACE.length));
  assert.deepEqual(frames.map((found) => found.type), [type.settings, type.windowUpdate, type.headers]);
  assert.ok(Buffer.from(frames[0]?.payload ?? []).includes(Buffer.from([0, 2, 0, 0, 0, 0])), "push is off");
  assert.deepEqual(new BlockReader().read(frames[2]?.payload ?? new Uint8Array(0)), [
    ...[":method: GET", ":scheme: http", ":authority: a.test", ":path: /a?b", "x-a: 1"],
  ]);
});

test("ClientSession tells interim answers, head, body and trailers", () => {
  const client = new HeardClient();
  const answer = client.ask();
  client.session.receive(bytes(settings(), headers(1, [[":status", "103"], ["link", "x"]], 0)));
  client.session.receive(bytes(headers(1, [ok, ["x", "1"], ["content-length", "3"]], 0), data(1, "abc")));
  client.session.receive(headers(1, [["grpc-status", "0"]]));
  assert.deepEqual(answer.interims, [103]);
  assert.deepEqual([answer.status, answer.headers, answer.body], [200, "x: 1\r\n", "abc"]);
  assert.deepEqual([answer.trailers, answer.isClosed, answer.error], ["grpc-status: 0\r\n", true, undefined]);
});

const bodyless: readonly (readonly [string, string, readonly Pair[], string])[] = [
  ["HEAD", "HEAD", [ok, ["content-length", "9"]], "content-length: 9\r\n"],
  ["304", "GET", [[":status", "304"], ["content-length", "9"]], "content-length: 9\r\n"],
  ["204", "GET", [[":status", "204"]], ""],
];

for (const [name, method, fields, text] of bodyless) {
  test(`ClientSession takes an answer without a body: ${name}`, () => {
    const client = new HeardClient();
    const answer = client.ask({ method });
    client.session.receive(bytes(settings(), headers(1, fields)));
    assert.deepEqual([answer.headers, answer.ended, answer.isClosed, answer.error], [text, true, true, undefined]);
  });
  test(`ClientSession refuses a body where there is none: ${name}`, () => {
    const client = new HeardClient();
    const answer = client.ask({ method });
    client.session.receive(bytes(settings(), headers(1, fields, 0), data(1, "x", END_STREAM)));
    assert.equal(answer.error?.code, "http2-stream-error");
  });
}

const refused: readonly (readonly [string, readonly Uint8Array[], number])[] = [
  ["no :status", [headers(1, [["x", "1"]])], protocol],
  ["a status of two digits", [headers(1, [[":status", "20"]])], protocol],
  ["a status with text", [headers(1, [[":status", "200 OK"]])], protocol],
  ["two :status", [headers(1, [ok, ok])], protocol],
  ["status 101", [headers(1, [[":status", "101"]], 0)], protocol],
  ["a request's field", [headers(1, [ok, [":path", "/"]])], protocol],
  ["an upper-case name", [headers(1, [ok, ["X", "1"]])], protocol],
  ["CRLF in a value", [headers(1, [ok, ["x", "1\r\ny: 2"]])], protocol],
  ["connection", [headers(1, [ok, ["connection", "close"]])], protocol],
  ["transfer-encoding", [headers(1, [ok, ["transfer-encoding", "chunked"]])], protocol],
  ["201 fields", [headers(1, [ok, ...Array.from({ length: 201 }, (): Pair => ["x", "1"])])], protocol],
  ["an interim answer that ends", [headers(1, [[":status", "100"]])], protocol],
  ["DATA before the head", [data(1, "x")], protocol],
  ["more DATA than content-length", [headers(1, [ok, ["content-length", "1"]], 0), data(1, "ab")], protocol],
  ["less DATA than content-length", [headers(1, [ok, ["content-length", "3"]], 0), data(1, "ab", 1)], protocol],
  ["content-length without DATA", [headers(1, [ok, ["content-length", "3"]])], protocol],
  ["17 interim answers", Array.from({ length: 17 }, () => headers(1, [[":status", "103"]], 0)), 11],
  ["PUSH_PROMISE", [frame(type.pushPromise, END_HEADERS, 1, bytes(uint32(2), block(ok)))], protocol],
  ["HEADERS on a stream that nobody opened", [headers(3, [ok])], protocol],
  ["HEADERS on an even stream", [headers(2, [ok])], protocol],
  ["HEADERS on a closed stream", [headers(1, [ok]), headers(1, [ok])], streamClosed],
  ["ENABLE_PUSH", [settings([2, 1])], protocol],
];

for (const [name, frames, code] of refused) {
  test(`ClientSession refuses ${name}`, () => {
    const client = new HeardClient();
    const answer = client.ask();
    client.session.receive(bytes(settings(), ...frames));
    assert.equal(resetCode(client), code);
    assert.equal(answer.isClosed, true);
    if (code !== streamClosed) assert.equal(answer.error?.source, "upstream");
  });
}

test("ClientSession tells what was certainly not looked at", () => {
  const client = new HeardClient();
  const [first, second, third] = [client.ask(), client.ask(), client.ask()];
  client.session.receive(bytes(settings(), reset(1, refusedStream)));
  client.session.receive(frame(type.goAway, 0, 0, bytes(uint32(3), uint32(0), "bye")));
  assert.deepEqual([first, second, third].map((answer) => answer.error?.retry), ["unsent", undefined, "unsent"]);
  assert.deepEqual([client.session.canEverOpen, client.ask().stream], [false, undefined]);
  client.session.receive(headers(3, [ok]));
  assert.deepEqual([second.isClosed, second.error, client.isOver, client.error], [true, undefined, true, undefined]);
});

test("ClientSession opens no more streams than the server takes", () => {
  const client = new HeardClient();
  client.session.receive(settings([3, 2]));
  assert.ok(client.ask().stream && client.ask().stream);
  assert.equal(client.session.canOpen, false);
  assert.equal(client.ask().stream, undefined);
  client.session.receive(headers(1, [ok]));
  assert.equal(client.session.canOpen, true);
});

test("ClientSession sends a body as the windows allow, with its answer on the way", () => {
  const client = new HeardClient();
  const answer = client.ask({ method: "POST" }, false);
  client.session.receive(bytes(settings([4, 10]), headers(1, [ok], 0)));
  assert.equal(answer.stream?.write(bytes("0123456789abc")), false);
  client.session.receive(windowUpdate(1, 3));
  assert.equal(answer.drained, 1);
  answer.stream?.end("X-Sum: 1\r\n");
  client.session.flush();
  const { frames } = cutFrames(client.take().subarray(PREFACE.length));
  const mine = frames.filter((found) => found.type === type.data).map(({ payload }) => Buffer.from(payload).toString());
  assert.deepEqual(mine, ["0123456789", "abc"]);
  assert.deepEqual([frames.at(-1)?.type, frames.at(-1)?.flags], [type.headers, END_HEADERS | END_STREAM]);
  client.session.receive(data(1, "", END_STREAM));
  assert.deepEqual([answer.ended, answer.isClosed, answer.error], [true, true, undefined]);
});

test("ClientSession takes NO_ERROR after a whole answer for a good end", () => {
  const client = new HeardClient();
  const answer = client.ask({ method: "POST" }, false);
  client.session.receive(bytes(settings(), headers(1, [[":status", "413"]]), reset(1, 0)));
  assert.deepEqual([answer.status, answer.isClosed, answer.error], [413, true, undefined]);
});

test("ClientSession.ping() is answered, and a lost connection tells everybody", () => {
  const client = new HeardClient();
  const answer = client.ask();
  client.session.receive(bytes(settings(), frame(type.settings, ACK, 0)));
  client.session.ping();
  client.session.receive(frame(type.ping, ACK, 0, new Uint8Array(8)));
  assert.equal(client.pongs, 1);
  client.session.receive(reset(1));
  assert.equal(answer.error?.code, "stream-reset");
  client.session.shutdown();
  assert.equal(client.isOver, true);
});
