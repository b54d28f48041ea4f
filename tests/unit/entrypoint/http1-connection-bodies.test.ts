// Bodies on a client connection: asked for, unwanted, and too fast for whoever reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { BodySink } from "../../../src/http/body.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { answerOf, echo, exchange, fed, streamed, text } from "./messages.ts";
import { get, message, onBench, settled, undated } from "./wire-bench.ts";

const expecting = message("POST / HTTP/1.1", "Host: a.test", "Expect: 100-continue", "Content-Length: 5");

test("Http1Connection sends 100 Continue when the body is wanted, for each request anew", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = bench.connect();
    for (let round = 0; round < 2; round++) {
      client.send(expecting);
      await settled();
      assert.equal(client.take(), "HTTP/1.1 100 Continue\r\n\r\n");
      client.send("hello");
      await settled();
      assert.equal(undated(client.take()), answerOf("POST / hello"));
    }
  }));

test("Http1Connection sends no 100 Continue, and closes, when it answers without the body", () =>
  onBench({ handler: () => text("no", 403) }, async (bench) => {
    const client = await exchange(bench, expecting);
    assert.equal(undated(client.text), "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    assert.equal(client.ended, true);
  }));

test("Http1Connection sends no 100 Continue when the body is there already, or to HTTP/1.0", () =>
  onBench({ handler: echo }, async (bench) => {
    const impatient = await exchange(bench, `${expecting}hello`);
    assert.equal(undated(impatient.text), answerOf("POST / hello"));
    const old = await exchange(bench, message("POST / HTTP/1.0", "Expect: 100-continue", "Content-Length: 1"));
    assert.equal(old.text, "");
  }));

test("Http1Connection waits for a promised body as long as nobody asked for it", () =>
  onBench({ handler: () => new Promise(() => undefined) }, async (bench) => {
    const client = await exchange(bench, expecting);
    await bench.advance(120_000);
    assert.equal(client.text, "");
    assert.equal(client.closed, false);
  }));

const early: readonly (readonly [name: string, head: string, bodies: readonly string[], kept: boolean])[] = [
  ["swallows the rest of a short body", "Content-Length: 50000", ["x".repeat(20_000), "x".repeat(30_000)], true],
  ["closes before a long body", "Content-Length: 500000", [], false],
  ["closes before a chunked body", "Transfer-Encoding: chunked", ["1\r\nx\r\n0\r\n\r\n"], false],
];

for (const [name, framing, bodies, kept] of early) {
  test(`Http1Connection ${name} that nobody read`, () =>
    onBench({ handler: () => text("early") }, async (bench) => {
      const client = await exchange(bench, message("POST / HTTP/1.1", "Host: a.test", framing));
      assert.match(client.take(), /early$/);
      client.send(...bodies);
      await settled();
      if (kept) client.send(get());
      await settled();
      assert.equal(client.text.includes("200 OK"), kept);
      assert.equal(client.ended, !kept);
    }));
}

test("Http1Connection stops swallowing after 64 KiB", () => {
  const handler: Handler = (request) => {
    request.body?.start({ chunk: () => true, end: () => undefined, fail: () => undefined });
    return text("early");
  };
  return onBench({ handler }, async (bench) => {
    const client = await exchange(bench, message("POST / HTTP/1.1", "Host: a.test", "Transfer-Encoding: chunked"));
    assert.match(client.text, /early$/);
    for (let round = 0; round < 3 && !client.ended; round++) {
      client.send(`8000\r\n${"x".repeat(0x8000)}\r\n`);
      await settled();
    }
    assert.equal(client.ended, true);
  });
});

test("Http1Connection pauses an answer's body while the client doesn't read, and goes on when it does", () => {
  const { body, calls } = fed();
  return onBench({ handler: () => streamed(body) }, async (bench) => {
    const client = bench.connect({ highWater: 1_000 });
    client.send(get());
    await settled();
    client.connection.pause();
    assert.deepEqual(calls, ["resume"]);
    body.push(new Uint8Array(2_000));
    assert.deepEqual(calls, ["resume", "pause"]);
    client.connection.resume();
    await settled();
    assert.deepEqual(calls, ["resume", "pause", "resume"]);
    body.finish();
    await settled();
    assert.match(client.text, /\r\n0\r\n\r\n$/);
  });
});

test("Http1Connection stops reading an upload that nobody takes, and goes on when somebody does", () => {
  let sink: BodySink | undefined;
  let taken = 0;
  let room = true;
  const handler: Handler = (request) => {
    sink = {
      chunk: (bytes) => {
        taken += bytes.length;
        return room;
      },
      end: () => undefined,
      fail: () => undefined,
    };
    request.body?.start(sink);
    return new Promise(() => undefined);
  };
  return onBench({ handler }, async (bench) => {
    const client = await exchange(bench, message("POST / HTTP/1.1", "Host: a.test", "Content-Length: 4000"));
    room = false;
    for (let sent = 0; sent < 4_000; sent += 1_000) client.send("x".repeat(1_000));
    await settled();
    assert.equal(taken, 1_000);
    assert.equal(bench.downstream.paused, true);
    await bench.advance(120_000);
    assert.equal(client.closed, false, "the client is not to blame for the time");
    room = true;
    bench.requests[0]?.body?.resume();
    await settled();
    assert.equal(taken, 4_000);
  });
});
