// Requests on one client connection: one after the other, cut anywhere, HTTP/1.0, and the end of a server.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StreamBody } from "../../../src/http/body.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyResponse, textResponse } from "../../../src/http/response.ts";
import { fromLatin1 } from "../../../src/net/bytes.ts";
import { answerOf, chunkedPost, echo, exchange, fed, post, text } from "./messages.ts";
import { get, message, onBench, settled, undated } from "./wire-bench.ts";

test("Http1Connection serves request after request, bodies of every kind between them", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench);
    for (const [sent, wanted] of [[get("/1"), "GET /1 "], [post, "POST /p hello"], [chunkedPost, "POST /c abcde"]]) {
      for (let round = 0; round < 2; round++) {
        client.send(sent ?? "");
        await settled();
        assert.equal(undated(client.take()), answerOf(wanted ?? ""));
      }
    }
    assert.equal(bench.finished.length, 6);
  }));

test("Http1Connection gives the same answers wherever the bytes are cut", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(get("/1"), post, chunkedPost, `\r\n${get("/2")}`), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(400), { maxLength: 12 }),
      (messages, cuts) =>
        onBench({ handler: echo }, async (bench) => {
          const bytes = messages.join("");
          const borders = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
          const client = await exchange(bench, ...borders.slice(1).map((end, at) => bytes.slice(borders[at], end)));
          const paths: Record<string, string> = { [post]: "POST /p hello", [chunkedPost]: "POST /c abcde" };
          const wanted = messages.map((each) => paths[each] ?? (each === get("/1") ? "GET /1 " : "GET /2 "));
          assert.equal(undated(client.text), wanted.map(answerOf).join(""));
        }),
    ),
    { numRuns: 60 },
  ));

test("Http1Connection reads a message byte by byte", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench, ...chunkedPost, ...post);
    await settled(2_000);
    assert.equal(undated(client.text), answerOf("POST /c abcde") + answerOf("POST /p hello"));
  }));

for (const [kind, handler] of [["at once", () => text("x")], ["later", () => Promise.resolve(text("x"))]] as const) {
  test(`Http1Connection serves 5000 pipelined requests of one chunk, answered ${kind}`, () =>
    onBench({ handler }, async (bench) => {
      const accepted = { highWater: Number.POSITIVE_INFINITY };
      const client = bench.connect(accepted);
      client.send(get().repeat(5_000));
      while (bench.finished.length < 5_000) await settled();
      await settled(6_000);
      assert.equal(client.text.split("HTTP/1.1 200 OK").length - 1, 5_000);
    }));
}

test("Http1Connection serves no further request while the client takes no answers", () =>
  onBench({ handler: () => text("x".repeat(1_000)) }, async (bench) => {
    const client = bench.connect({ highWater: 4_000 });
    client.connection.pause();
    client.send(get().repeat(50));
    await settled();
    assert.ok(bench.requests.length < 6, `${bench.requests.length} requests were served`);
    client.connection.resume();
    await settled(1_000);
    assert.equal(bench.requests.length, 50);
    assert.equal(client.text.split("HTTP/1.1 200 OK").length - 1, 50);
  }));

test("Http1Connection ignores what follows a request with Connection: close", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench, get("/1", "Connection: close") + get("/2"));
    assert.equal(bench.requests.length, 1);
    assert.match(client.text, /Connection: close\r\n\r\nGET \/1 $/);
    assert.equal(client.ended, true);
  }));

test("Http1Connection answers everything that was sent before the client's FIN", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = bench.connect();
    client.send(get("/1") + get("/2") + post);
    client.connection.end();
    await settled();
    const wanted = answerOf("GET /1 ") + answerOf("GET /2 ");
    const last = answerOf("POST /p hello").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    assert.equal(undated(client.text), wanted + last);
    assert.equal(client.closed, true);
  }));

test("Http1Connection closes when the client's FIN cuts a pipelined request short", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = bench.connect();
    client.send(get("/1") + post.slice(0, -1));
    client.connection.end();
    await settled();
    assert.equal(undated(client.text), answerOf("GET /1 "));
    assert.equal(client.closed, true);
  }));

test("Http1Connection announces the end after keepAliveMaxRequests", () =>
  onBench({ handler: echo, server: { keepAliveMaxRequests: 2 } }, async (bench) => {
    const client = await exchange(bench, get().repeat(3));
    assert.equal(bench.requests.length, 2);
    assert.equal(client.text.split("Connection: close").length - 1, 1);
    assert.equal(client.ended, true);
  }));

test("Http1Connection announces the end after keepAliveMaxMs", () =>
  onBench({ handler: echo, timeouts: { keepAliveMaxMs: 1_000 } }, async (bench) => {
    const client = await exchange(bench, get());
    assert.equal(client.ended, false);
    await bench.advance(1_001);
    client.send(get());
    await settled();
    assert.equal(client.ended, true);
  }));

test("Http1Connection keeps an HTTP/1.0 connection only when asked", () =>
  onBench({ handler: echo }, async (bench) => {
    const kept = await exchange(bench, message("GET / HTTP/1.0", "Connection: keep-alive"));
    assert.match(kept.text, /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Connection: keep-alive\r\n\r\n/);
    assert.equal(kept.ended, false);
    const closed = await exchange(bench, message("GET / HTTP/1.0"));
    assert.match(closed.text, /Connection: close\r\n/);
    assert.equal(closed.ended, true);
  }));

test("Http1Connection ends a body of unknown length with the connection for HTTP/1.0, with a chunk for HTTP/1.1", () =>
  onBench({
    handler: () => {
      const { body } = fed();
      body.push(fromLatin1("abc"));
      body.finish();
      const stream = body.stream; // a whole body would get a length
      return new ProxyResponse(200, new HeaderList(), new StreamBody(stream));
    },
  }, async (bench) => {
    const old = await exchange(bench, message("GET / HTTP/1.0", "Connection: keep-alive"));
    await settled();
    assert.equal(undated(old.text), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
    assert.equal(old.ended, true);
    const modern = await exchange(bench, get());
    await settled();
    assert.equal(undated(modern.text), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    assert.equal(modern.ended, false);
  }));

test("Http1Server.drain() closes idle connections, lets busy ones finish, and resolves", () => {
  let answer: (response: ProxyResponse) => void = () => undefined;
  const handler: Handler = () => new Promise((resolve) => answer = resolve);
  return onBench({ handler }, async (bench) => {
    const idle = bench.connect();
    const busy = await exchange(bench, get());
    let isDrained = false;
    const drained = bench.server.drain().then(() => isDrained = true);
    await settled();
    assert.equal(idle.ended, true);
    idle.connection.end();
    await settled();
    assert.equal(isDrained, false);
    answer(textResponse(200, "done"));
    await settled();
    assert.match(busy.text, /Connection: close\r\n\r\ndone$/);
    busy.connection.end();
    await drained;
    const late = bench.connect();
    await settled();
    assert.equal(late.ended, true);
  });
});
