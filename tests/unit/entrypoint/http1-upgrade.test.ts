// Changes of protocol: what is asked for, what is agreed to, and the tunnel that follows, both ways to its end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyResponse } from "../../../src/http/response.ts";
import type { Peer } from "../../support/memory-connection.ts";
import { text } from "./messages.ts";
import { type BenchOptions, get, message, OK, onBench, settled, undated, type WireBench } from "./wire-bench.ts";

const wish = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: k"];
const agreed = message("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "X-A: 1");

interface Tunnel {
  readonly bench: WireBench;
  readonly client: Peer;
  readonly backend: Peer;
}

/** A client and a backend that have both seen the heads. */
function inTunnel(script: (tunnel: Tunnel) => Promise<void>, options: BenchOptions = {}): Promise<void> {
  return onBench(options, async (bench) => {
    const { client, backend } = await asked(bench, get("/chat", ...wish));
    backend.send(agreed);
    await settled();
    backend.take();
    client.take();
    await script({ bench, client, backend });
  });
}

async function asked(bench: WireBench, ...pieces: readonly string[]): Promise<{ client: Peer; backend: Peer }> {
  const client = bench.connect();
  client.send(...pieces);
  await settled();
  return { client, backend: bench.backend() };
}

test("Http1Connection passes an upgrade on, and its 101 back with the protocol's headers", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await asked(bench, get("/chat", ...wish));
    assert.match(backend.text, /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n$/);
    assert.match(backend.text, /\r\nX-Forwarded-Proto: ws\r\n/);
    assert.match(backend.text, /\r\nSec-WebSocket-Key: k\r\n/);
    backend.send(`${agreed}first`);
    await settled();
    assert.equal(
      undated(client.text),
      "HTTP/1.1 101 Switching Protocols\r\nX-A: 1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst",
    );
    assert.equal(bench.finished.length, 0);
  }));

const ignored: readonly (readonly [name: string, ...head: readonly string[]])[] = [
  ["h2c", "GET / HTTP/1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"],
  ["h2c beside websocket", "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket, h2c"],
  ["two Upgrade headers", "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket"],
  ["a protocol that is not allowed", "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: SPDY/3.1"],
  ["Upgrade without Connection", "GET / HTTP/1.1", "Upgrade: websocket"],
  ["Connection without Upgrade", "GET / HTTP/1.1", "Connection: Upgrade"],
  ["HTTP/1.0", "GET / HTTP/1.0", "Connection: Upgrade, keep-alive", "Upgrade: websocket"],
  ["POST", "POST / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "Content-Length: 0"],
  ["a body", "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "Content-Length: 2"],
  ["a chunked body", "GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "Transfer-Encoding: chunked"],
];

for (const [name, line = "", ...lines] of ignored) {
  test(`Http1Connection takes the wish away and serves the request as any other: ${name}`, () =>
    onBench({}, async (bench) => {
      const chunked = lines.some((each) => each.startsWith("Transfer"));
      const body = lines.includes("Content-Length: 2") ? "hi" : chunked ? "0\r\n\r\n" : "";
      const { client, backend } = await asked(bench, message(line, "Host: a.test", ...lines) + body);
      assert.doesNotMatch(backend.text, /\r\n(?:upgrade|connection|http2-settings):/i);
      assert.match(backend.take(), /\r\nX-Forwarded-Proto: http\r\n/);
      backend.send(OK);
      await settled();
      assert.match(client.take(), /^HTTP\/1\.1 200 OK\r\n/);
      client.send(get("/next"));
      await settled();
      assert.match(backend.text, /^GET \/next /, "the connection goes on");
    }));
}

test("Http1Connection passes other protocols on where they are allowed", () =>
  onBench({ server: { upgrades: new Set(["spdy/3.1"]) } }, async (bench) => {
    const { client, backend } = await asked(
      bench,
      message("POST /exec HTTP/1.1", "Host: a.test", "Connection: Upgrade", "Upgrade: SPDY/3.1"),
    );
    assert.match(backend.text, /\r\nUpgrade: spdy\/3\.1\r\n\r\n$/);
    backend.send(message("HTTP/1.1 101 Switching Protocols", "Upgrade: SPDY/3.1", "Connection: Upgrade"));
    await settled();
    assert.match(client.text, /^HTTP\/1\.1 101 /);
  }));

test("Http1Connection sends nothing after the head before the 101, and all of it then", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await asked(
      bench,
      `${get("/chat", ...wish)}GET /smuggled HTTP/1.1\r\n`,
      "Host: b\r\n\r\n",
    );
    assert.doesNotMatch(backend.take(), /smuggled/);
    assert.equal(bench.requests.length, 1);
    backend.send(agreed);
    await settled();
    assert.equal(backend.text, "GET /smuggled HTTP/1.1\r\nHost: b\r\n\r\n");
    assert.equal(client.ended, false);
    assert.equal(bench.requests.length, 1);
  }));

test("Http1Connection keeps 16 KiB of early bytes and answers 400 to one more", async () => {
  for (const [size, status] of [[16_384, 101], [16_385, 400]] as const) {
    await onBench({}, async (bench) => {
      const early = "x".repeat(size);
      const { client, backend } = await asked(bench, get("/chat", ...wish) + early.slice(0, 100), early.slice(100));
      assert.equal(client.text.startsWith("HTTP/1.1 400 "), status === 400);
      assert.equal(backend.ended, status === 400, "the backend is not left waiting");
      if (status === 400) return assert.equal(bench.refused[0]?.code, "early-bytes");
      backend.take();
      backend.send(agreed);
      await settled();
      assert.equal(backend.text, early);
    });
  }
});

const refusals: readonly (readonly [status: number, ...lines: readonly string[]])[] = [
  [200, "Content-Length: 2"],
  [426, "Sec-WebSocket-Version: 13", "Content-Length: 2"],
  [403, "Content-Length: 2"],
];

for (const [status, ...lines] of refusals) {
  test(`Http1Connection passes ${status} to an upgrade as an answer, and reads no further request after it`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await asked(bench, get("/chat", ...wish) + get("/smuggled"));
      backend.send(`${message(`HTTP/1.1 ${status} X`, ...lines)}ok`);
      await settled();
      assert.match(client.text, new RegExp(`^HTTP/1\\.1 ${status} X\r\n[^]*\r\nConnection: close\r\n\r\nok$`));
      assert.equal(client.text.includes("Sec-WebSocket-Version: 13"), status === 426);
      assert.equal(client.ended, true);
      assert.equal(bench.requests.length, 1);
      assert.equal(bench.finished[0]?.status, status);
    }));
}

const lies: readonly (readonly [name: string, ...head: readonly string[]])[] = [
  ["another protocol", "HTTP/1.1 101 X", "Upgrade: h2c", "Connection: Upgrade"],
  ["no Upgrade", "HTTP/1.1 101 X", "Connection: Upgrade"],
  ["no Connection", "HTTP/1.1 101 X", "Upgrade: websocket"],
  ["Connection that does not list it", "HTTP/1.1 101 X", "Upgrade: websocket", "Connection: keep-alive"],
];

for (const [name, ...head] of lies) {
  test(`Http1Transport answers 502 to a 101 with ${name}, and gives the client's bytes to nobody`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await asked(bench, `${get("/chat", ...wish)}early`);
      backend.send(message(...head));
      await settled();
      assert.match(client.text, /^HTTP\/1\.1 502 /);
      assert.doesNotMatch(backend.text, /early/);
      assert.equal(backend.ended, true);
    }));
}

test("Http1Transport never uses a waiting connection for an upgrade, nor one that was a tunnel for a request", () =>
  inTunnel(async ({ bench, client, backend }) => {
    const other = bench.connect();
    other.send(get("/plain"));
    await settled();
    assert.equal(bench.backends.length, 2);
    bench.backend(1).send(OK);
    await settled();
    other.send(get("/chat", ...wish));
    await settled();
    assert.equal(bench.backends.length, 3);
    client.connection.end();
    backend.connection.end();
    await settled();
    other.connection.destroy();
    await settled();
    assert.equal(bench.backends.length, 3);
  }));

test("a tunnel carries bytes both ways, and a FIN on either side leaves the other direction open", async () => {
  for (const first of ["client", "backend"] as const) {
    await inTunnel(async ({ bench, client, backend }) => {
      const [one, other] = first === "client" ? [client, backend] : [backend, client];
      one.send("a", "b");
      other.send("c");
      await settled();
      assert.deepEqual([other.take(), one.take()], ["ab", "c"]);
      one.connection.end();
      await settled();
      assert.equal(other.ended, true);
      other.send("late");
      await settled();
      assert.equal(one.take(), "late");
      assert.equal(bench.finished.length, 0);
      other.connection.end();
      await settled();
      assert.deepEqual([client.closed, backend.closed], [true, true]);
      assert.deepEqual([client.error, backend.error], [undefined, undefined]);
      assert.equal(bench.finished.length, 1);
      assert.equal(bench.server.connections, 0);
    });
  }
});

test("a tunnel's end is reported once, as 101 with the bytes of both directions", () =>
  inTunnel(async ({ bench, client, backend }) => {
    client.send("12345");
    backend.send("123");
    await settled();
    client.connection.end();
    backend.connection.end();
    await settled();
    assert.equal(bench.finished.length, 1);
    const [end] = bench.finished;
    assert.deepEqual([end?.status, end?.requestBytes, end?.responseBytes], [101, 5, 3]);
    assert.equal(end?.headers?.first("x-a"), "1");
    assert.equal(end?.request.record.originStatus, 101);
  }));

test("a cut on one side of a tunnel cuts the other", async () => {
  for (const first of ["client", "backend"] as const) {
    await inTunnel(async ({ bench, client, backend }) => {
      const [one, other] = first === "client" ? [client, backend] : [backend, client];
      one.connection.reset();
      await settled();
      assert.equal(other.error?.code, "connection-reset");
      assert.equal(bench.finished[0]?.status, 101);
      assert.equal(bench.server.connections, 0);
    });
  }
});

test("a tunnel holds back whoever sends faster than the other side reads", async () => {
  for (const first of ["client", "backend"] as const) {
    await inTunnel(async ({ bench, client, backend }) => {
      const [fast, slow] = first === "client" ? [client, backend] : [backend, client];
      const from = first === "client" ? bench.downstream : bench.upstream();
      slow.connection.pause();
      const piece = "x".repeat(1000);
      for (let at = 0; at < 300; at++) fast.send(piece);
      await settled(2000);
      assert.equal(from.paused, true);
      assert.ok(fast.connection.pending > 200_000, `${fast.connection.pending} bytes wait with the sender`);
      slow.connection.resume();
      await settled(5000);
      assert.equal(slow.text.length, 300_000);
      assert.equal(from.paused, false);
    });
  }
});

test("what was said before a FIN arrives, however slowly it is read", () =>
  inTunnel(async ({ client, backend }) => {
    client.connection.pause();
    for (let at = 0; at < 200; at++) backend.send("x".repeat(1000));
    backend.connection.end();
    await settled(2000);
    assert.equal(client.ended, false);
    client.connection.resume();
    await settled(5000);
    assert.equal(client.text.length, 200_000);
    assert.equal(client.ended, true);
  }));

test("a tunnel in which nothing moves is cut after its idle time, one in which something does is not", () =>
  inTunnel(async ({ bench, client, backend }) => {
    for (let round = 0; round < 4; round++) {
      await bench.advance(6_000);
      if (round % 2 === 0) client.send("a");
      else backend.send("a");
      await settled();
    }
    assert.equal(client.closed, false);
    await bench.advance(10_000);
    await bench.advance(200);
    assert.deepEqual([client.error?.code, backend.error?.code], ["connection-reset", "connection-reset"]);
  }, { timeouts: { tunnelIdleMs: 10_000 } }));

test("a tunnel without an idle time waits for ever, but not with one direction closed", () =>
  inTunnel(async ({ bench, client, backend }) => {
    await bench.advance(100_000_000);
    assert.equal(client.closed, false);
    client.connection.end();
    await settled();
    await bench.advance(3_500_000);
    assert.equal(backend.closed, false);
    await bench.advance(200_000);
    await bench.advance(200);
    assert.equal(backend.closed, true);
  }, { timeouts: { tunnelIdleMs: 0 } }));

test("Http1Server.drain() waits for tunnels, and destroy() cuts them", () =>
  inTunnel(async ({ bench, client, backend }) => {
    let drained = false;
    const draining = bench.server.drain().then(() => drained = true);
    client.send("still here");
    await settled();
    assert.equal(backend.text, "still here");
    assert.equal(drained, false);
    bench.server.destroy();
    await draining;
    await settled();
    assert.deepEqual([client.error?.code, backend.error?.code], ["connection-reset", "connection-reset"]);
    assert.equal(bench.finished[0]?.status, 101);
  }));

test("a client that leaves before the 101 has its backend's connection closed", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await asked(bench, get("/chat", ...wish));
    client.connection.reset();
    await settled();
    assert.equal(backend.ended, true);
    assert.equal(bench.finished[0]?.status, 499);
  }));

test("a client that has sent FIN with its wish gets the answer's direction", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await asked(bench, get("/chat", ...wish));
    client.connection.end();
    await settled();
    backend.send(`${agreed}bye`);
    await settled();
    assert.equal(backend.ended, true);
    assert.match(client.text, /\r\n\r\nbye$/);
    backend.connection.end();
    await settled();
    assert.equal(client.closed, true);
  }));

test("Http1Connection answers 500 to a handler's 101 that nobody asked for", () =>
  onBench({ handler: () => new ProxyResponse(101, new HeaderList()) }, async (bench) => {
    for (const lines of [[], wish]) {
      const client = bench.connect();
      client.send(get("/", ...lines));
      await settled();
      assert.match(client.text, /^HTTP\/1\.1 500 /);
    }
    assert.deepEqual(bench.failed.map(({ code }) => code), ["unasked-upgrade", "unasked-upgrade"]);
  }));

test("Http1Connection serves the request before an upgrade on the same connection", () =>
  onBench({ handler: (request) => text(request.upgrade ?? "none") }, async (bench) => {
    const client = bench.connect();
    client.send(get("/1") + get("/2", ...wish) + get("/3"));
    await settled();
    assert.match(client.text, /\r\n\r\nnoneHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nwebsocket$/);
    assert.equal(bench.requests.length, 2);
  }));
