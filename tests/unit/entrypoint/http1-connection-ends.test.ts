// Client connections that end early: refused, or left by the client.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Handler } from "../../../src/http/handler.ts";
import type { ProxyResponse } from "../../../src/http/response.ts";
import { fromLatin1 } from "../../../src/net/bytes.ts";
import type { Peer } from "../../support/memory-connection.ts";
import { chunkedPost, echo, exchange, fed, post, streamed, text } from "./messages.ts";
import { get, message, onBench, settled, undated } from "./wire-bench.ts";

const refusals: readonly (readonly [name: string, sent: string, status: number])[] = [
  ["garbage", "\x16\x03\x01", 400],
  ["a head without Host", message("GET / HTTP/1.1"), 400],
  ["a bad chunk in the head's own piece", chunkedPost.replace("3\r\n", "+3\r\n"), 400],
  ["CONNECT", message("CONNECT a:1 HTTP/1.1", "Host: a:1"), 501],
  ["a long target", `GET /${"a".repeat(70_000)}`, 414],
  ["a long head", `GET / HTTP/1.1\r\nX: ${"a".repeat(70_000)}`, 431],
];

for (const [name, sent, status] of refusals) {
  test(`Http1Connection refuses ${name} with ${status}, asks no handler and closes`, () =>
    onBench({ handler: echo }, async (bench) => {
      const client = await exchange(bench, sent + get("/smuggled"));
      assert.match(client.text, new RegExp(`^HTTP/1\\.1 ${status} [^]*Connection: close\\r\\n\\r\\n`));
      assert.equal(client.text.split("HTTP/1.1").length, 2);
      assert.equal(bench.requests.length, 0);
      assert.equal(bench.refused.length, 1);
      assert.equal(client.ended, true);
    }));
}

test("Http1Connection refuses a second request after having answered the first", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench, `${get("/1")}nonsense\r\n\r\n`);
    assert.match(undated(client.text), /^HTTP\/1\.1 200 OK\r\nContent-Length: 7\r\n\r\nGET \/1 HTTP\/1\.1 400 /);
  }));

test("Http1Connection refuses a body that turns bad while it is read, once", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench, chunkedPost.slice(0, -30));
    client.send("zz\r\n");
    await settled();
    assert.match(client.text, /^HTTP\/1\.1 400 /);
    assert.equal(client.ended, true);
    assert.equal(bench.finished.length, 1);
    assert.equal(bench.finished[0]?.status, 400);
  }));

test("Http1Connection resets instead when the answer has begun", () => {
  const { body } = fed();
  const handler: Handler = (request) => {
    request.body?.start({ chunk: () => true, end: () => undefined, fail: () => undefined });
    return streamed(body);
  };
  return onBench({ handler }, async (bench) => {
    const client = await exchange(bench, chunkedPost.slice(0, -30));
    body.push(fromLatin1("x"));
    client.send("zz\r\n");
    await settled();
    assert.equal(client.error?.code, "connection-reset");
    assert.equal(client.text.includes(" 400 "), false);
    assert.equal(bench.finished.length, 1);
  });
});

test("Http1Connection tells everybody once when the client goes away while its answer is made", () =>
  onBench({ handler: () => new Promise(() => undefined) }, async (bench) => {
    const client = await exchange(bench, get());
    const heard: string[] = [];
    bench.requests[0]?.onAbort((reason) => heard.push(reason.code));
    client.connection.reset();
    await settled();
    assert.deepEqual(heard, ["client-gone"]);
    assert.equal(bench.finished.length, 1);
    assert.equal(bench.finished[0]?.status, 499);
    assert.equal(bench.finished[0]?.responseBytes, 0);
  }));

test("Http1Connection cancels an answer that comes after the client has gone", () => {
  const { body, calls } = fed();
  let answer: (response: ProxyResponse) => void = () => undefined;
  const handler: Handler = () => new Promise((resolve) => answer = resolve);
  return onBench({ handler }, async (bench) => {
    const client = await exchange(bench, get());
    client.connection.reset();
    await settled();
    answer(streamed(body));
    await settled();
    assert.deepEqual(calls, ["cancel"]);
    assert.equal(bench.finished.length, 1);
  });
});

test("Http1Connection fails a request's body when the client goes away, or sends FIN, within it", () =>
  onBench({ handler: echo }, async (bench) => {
    for (const leave of [(peer: Peer) => peer.connection.reset(), (peer: Peer) => peer.connection.end()]) {
      const client = await exchange(bench, post.slice(0, -1));
      const failed = bench.requests.at(-1)?.aborted;
      assert.equal(failed, undefined);
      leave(client);
      await settled();
      assert.notEqual(bench.requests.at(-1)?.aborted, undefined);
      assert.equal(bench.server.connections, 0);
    }
    assert.equal(bench.finished.length, 2);
  }));

test("Http1Connection reports no bytes of an earlier answer for a request that was given up", () =>
  onBench(
    { handler: (request) => request.path === "/1" ? text("12345") : new Promise(() => undefined) },
    async (bench) => {
      const client = await exchange(bench, get("/1"), get("/2"));
      client.connection.reset();
      await settled();
      assert.deepEqual(bench.finished.map(({ responseBytes }) => responseBytes), [5, 0]);
    },
  ));
