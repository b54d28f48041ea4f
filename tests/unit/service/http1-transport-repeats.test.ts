// What the transport does when something goes wrong: repeats, timeouts, clients that leave.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Peer } from "../../support/memory-connection.ts";
import type { WireBench } from "../entrypoint/wire-bench.ts";
import { get, message, OK, onBench, refusedDial, settled, undated } from "../entrypoint/wire-bench.ts";
import { again, chunked, proxied } from "./http1-exchange.ts";

/** A client whose first exchange left an idle connection that breaks as soon as the next request is written to it. */
async function stale(bench: WireBench, request: string): Promise<Peer> {
  const { client, backend } = await proxied(bench, get());
  backend.send(OK);
  await settled();
  client.take();
  client.send(request);
  await settled();
  backend.connection.reset();
  await settled();
  return client;
}

for (const request of [get("/x"), message("PUT /x HTTP/1.1", "Host: a.test", "Content-Length: 2") + "hi"]) {
  test(`Http1Transport repeats ${request.slice(0, 3)} once on a fresh connection when a pooled one was stale`, () =>
    onBench({}, async (bench) => {
      const client = await stale(bench, request);
      assert.equal(bench.backends.length, 2);
      assert.equal(bench.backend(0).text.split(`${request.slice(0, 3)} /x`).length, 2);
      assert.match(bench.backend(1).text, new RegExp(`^${request.slice(0, 3)} /x`));
      bench.backend(1).connection.reset();
      await settled();
      assert.match(client.text, /^HTTP\/1\.1 502 /);
      assert.equal(bench.backends.length, 2);
    }));
}

const unrepeatable: readonly (readonly [string, string])[] = [
  ["a POST", message("POST /x HTTP/1.1", "Host: a.test", "Content-Length: 2") + "hi"],
  ["a PUT whose body was streamed", message("PUT /x HTTP/1.1", "Host: a.test", "Content-Length: 2") + "h"],
];

for (const [name, request] of unrepeatable) {
  test(`Http1Transport does not repeat ${name}`, () =>
    onBench({}, async (bench) => {
      const client = await stale(bench, request);
      assert.match(client.text, /^HTTP\/1\.1 502 /);
      assert.equal(bench.backends.length, 1);
    }));
}

test("Http1Transport does not repeat a GET on a connection that was fresh, or had begun to answer, or timed out", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, get());
    backend.connection.reset();
    await settled();
    assert.match(client.take(), /^HTTP\/1\.1 502 /);
    await again(bench, client);
    bench.backend(1).send(OK);
    await settled();
    await again(bench, client);
    bench.backend(1).send("HTTP/1.1");
    await settled();
    bench.backend(1).connection.reset();
    await settled();
    assert.match(client.take(), /^HTTP\/1\.1 502 /);
    await again(bench, client);
    bench.backend(2).send(OK);
    await settled();
    await again(bench, client);
    await bench.advance(60_101);
    assert.match(client.text, /^HTTP\/1\.1 504 /);
    assert.equal(bench.backends.length, 3);
  }));

test("Http1Transport answers what the dial failed with", () =>
  onBench({}, async (bench) => {
    bench.opens = false;
    const client = bench.connect();
    client.send(get());
    await settled();
    assert.deepEqual(bench.dials[0]?.options, { host: "backend", port: 80, timeoutMs: 30_000 });
    bench.dials[0]?.fail(refusedDial);
    await settled();
    assert.match(client.text, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
    assert.equal(bench.finished[0]?.request.record.errorCode, "connect-refused");
  }));

test("Http1Transport answers 504 when the answer's head is late, and drops the connection", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, get());
    await bench.advance(59_999);
    assert.equal(client.text, "");
    await bench.advance(102);
    assert.match(client.text, /^HTTP\/1\.1 504 Gateway Timeout\r\n/);
    assert.equal(backend.ended, true);
  }));

test("Http1Transport counts the wait for an answer from the end of the upload", () =>
  onBench({}, async (bench) => {
    const { client } = await proxied(bench, message("POST / HTTP/1.1", "Host: a.test", "Content-Length: 3"));
    for (const piece of "abc") {
      await bench.advance(40_000);
      client.send(piece);
      await settled();
    }
    await bench.advance(59_000);
    assert.equal(client.text, "");
    await bench.advance(1_101);
    assert.match(client.text, /^HTTP\/1\.1 504 /);
  }));

test("Http1Transport keeps a connection no longer than maxLifeMs, nor more than maxIdlePerHost", () =>
  onBench({ transport: { maxLifeMs: 1_000, maxIdlePerHost: 1 } }, async (bench) => {
    const one = await proxied(bench, get());
    const two = await proxied(bench, get());
    one.backend.send(OK);
    await settled();
    two.backend.send(OK);
    await settled();
    assert.deepEqual([one.backend.ended, two.backend.ended], [false, true]);
    await again(bench, one.client);
    await bench.advance(1_101);
    one.backend.send(OK);
    await settled();
    assert.equal(one.backend.ended, true);
  }));

test("Http1Transport.dispose() closes idle connections at once and busy ones after their answer", () =>
  onBench({}, async (bench) => {
    const idle = await proxied(bench, get());
    const busy = await proxied(bench, get());
    idle.backend.send(OK);
    await settled();
    bench.transport.dispose();
    await settled();
    assert.deepEqual([idle.backend.ended, busy.backend.ended], [true, false]);
    busy.backend.send(OK);
    await settled();
    assert.equal(undated(busy.client.text), OK);
    assert.equal(busy.backend.ended, true);
  }));

const stages: readonly (readonly [name: string, begin: (bench: WireBench, client: Peer) => Promise<void>])[] = [
  ["while dialling", async (bench, client) => {
    bench.opens = false;
    client.send(get());
    await settled();
  }],
  ["while the answer is awaited", async (_, client) => {
    client.send(get());
    await settled();
  }],
  ["within the upload", async (_, client) => {
    client.send(chunked, "2\r\nhi\r\n");
    await settled();
  }],
  ["within the upload's framing", async (_, client) => {
    client.send(`${chunked}2\r\nhi\r\n`, "0\r\n");
    await settled();
  }],
  ["within the download", async (bench, client) => {
    client.send(get());
    await settled();
    bench.backend().send(message("HTTP/1.1 200 OK", "Content-Length: 9"), "abc");
    await settled();
  }],
  ["within a download that is paused", async (bench, client) => {
    client.connection.pause();
    client.send(get());
    await settled();
    bench.backend().send(
      message("HTTP/1.1 200 OK", "Content-Length: 900000"),
      ..."abcd".split("").map((x) => x.repeat(90_000)),
    );
    await settled();
    assert.equal(bench.upstream().paused, true);
  }],
];

for (const [name, begin] of stages) {
  test(`Http1Transport frees everything when the client goes away ${name}`, () =>
    onBench({}, async (bench) => {
      const client = bench.connect();
      await begin(bench, client);
      client.connection.reset();
      await settled();
      assert.equal(bench.deadlines.size, 0);
      assert.equal(bench.finished.length, 1);
      assert.equal(bench.finished[0]?.status, 499);
      if (bench.upstreams.length > 0) assert.equal(bench.upstream().closed, true);
      else assert.equal(bench.dials[0]?.cancelled, true);
    }));
}
