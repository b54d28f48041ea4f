// How long clients may take, for everything.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Handler } from "../../../src/http/handler.ts";
import { fromLatin1 } from "../../../src/net/bytes.ts";
import { answerOf, echo, exchange, fed, post, streamed, text } from "./messages.ts";
import { get, onBench, settled, undated } from "./wire-bench.ts";

const never: Handler = () => new Promise(() => undefined);
/** Deadlines are never early: they count as over this much later. */
const LATE = 100;

const reading: Handler = (request) => {
  request.body?.start({ chunk: () => true, end: () => undefined, fail: () => undefined });
  return new Promise(() => undefined);
};

const slow: readonly (readonly [name: string, sent: string, ms: number, handler: Handler, wanted: RegExp])[] = [
  ["sends nothing", "", 10_000, never, /^$/],
  ["never finishes a head", "GET / HT", 10_000, never, /^HTTP\/1\.1 408 /],
  ["stalls within a body", post.slice(0, -1), 60_000, reading, /^HTTP\/1\.1 408 /],
  ["idles between requests", get(), 180_000, () => text("x"), /^HTTP\/1\.1 200 /],
];

for (const [name, sent, ms, handler, wanted] of slow) {
  test(`Http1Connection closes on a client that ${name}`, () =>
    onBench({ handler }, async (bench) => {
      const client = bench.connect();
      if (sent !== "") client.send(sent);
      await settled();
      await bench.advance(ms - 1);
      assert.equal(client.ended || client.closed, false);
      await bench.advance(LATE + 2);
      assert.equal(client.ended || client.closed, true);
      assert.match(client.text, wanted);
      await bench.advance(LATE + 2_001);
      assert.equal(bench.server.connections, 0);
    }));
}

test("Http1Connection does not let dripping bytes prolong a head", () =>
  onBench({ handler: never }, async (bench) => {
    const client = bench.connect();
    for (const piece of get().slice(0, 12)) {
      client.send(piece);
      await bench.advance(999);
    }
    assert.match(client.text, /^HTTP\/1\.1 408 /);
  }));

test("Http1Connection gives a client that connects after a long silence its full time", () =>
  onBench({ handler: echo }, async (bench) => {
    bench.time += 3_600_000; // nobody was connected: the clock stood still
    const client = bench.connect();
    await bench.advance(100);
    client.send(get("/late"));
    await settled();
    assert.equal(undated(client.text), answerOf("GET /late "));
  }));

test("Http1Connection ends a whole request after readMs however the bytes drip", () =>
  onBench({ handler: reading, timeouts: { readMs: 5_000 } }, async (bench) => {
    const client = await exchange(bench, post.slice(0, -5));
    for (let second = 0; second < 5; second++) {
      client.send("x");
      await bench.advance(1_001 + LATE);
    }
    assert.equal(client.ended, true);
  }));

test("Http1Connection ends a whole answer after writeMs", () => {
  const { body } = fed();
  return onBench({ handler: () => streamed(body), timeouts: { writeMs: 5_000 } }, async (bench) => {
    const client = await exchange(bench, get());
    for (let second = 0; second < 5; second++) {
      body.push(fromLatin1("x"));
      await bench.advance(1_001 + LATE);
    }
    assert.equal(client.error?.code, "connection-reset");
  });
});

for (const [name, content] of [["streamed", undefined], ["whole", "x".repeat(2_000)]] as const) {
  test(`Http1Connection cuts a client that takes nothing of its ${name} answer`, () => {
    const { body } = fed();
    const handler = () => content === undefined ? streamed(body) : text(content);
    return onBench({ handler }, async (bench) => {
      const client = bench.connect({ highWater: 1_000 });
      client.connection.pause();
      client.send(get());
      await settled();
      body.push(new Uint8Array(2_000));
      await settled();
      await bench.advance(59_000);
      assert.equal(bench.server.connections, 1);
      await bench.advance(2_000);
      assert.equal(bench.server.connections, 0);
    });
  });
}

test("Http1Connection gives a slow client time to take its last answer", () =>
  onBench({ handler: () => text("x".repeat(5_000)) }, async (bench) => {
    const client = bench.connect({ highWater: 1_000 });
    client.connection.pause();
    client.send(get("/", "Connection: close"));
    await settled();
    await bench.advance(10_000);
    client.connection.resume();
    await settled();
    assert.equal(client.text.length - client.text.indexOf("\r\n\r\n") - 4, 5_000);
  }));

test("Http1Connection goes on with a half-closed client while bytes move, and gives up when they don't", () => {
  const { body, calls } = fed();
  return onBench({ handler: () => streamed(body) }, async (bench) => {
    const client = bench.connect();
    client.send(get());
    client.connection.end();
    await settled();
    for (let round = 0; round < 4; round++) {
      body.push(fromLatin1("x"));
      await bench.advance(4_000);
      assert.equal(client.closed, false);
    }
    await bench.advance(5_001);
    await bench.advance(5_001);
    assert.equal(client.closed, true);
    assert.equal(calls.at(-1), "cancel");
    assert.equal(bench.finished[0]?.status, 499);
  });
});
