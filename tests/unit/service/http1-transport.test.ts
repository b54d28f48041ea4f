// Requests to backends and their answers: framing both ways, uploads, hosts.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { get, message, OK, onBench, settled, undated } from "../entrypoint/wire-bench.ts";
import { again, chunked, proxied } from "./http1-exchange.ts";

const forwarded = "X-Forwarded-Host: a.test\r\nX-Forwarded-Port: 80\r\nX-Forwarded-Proto: http\r\n" +
  "X-Forwarded-Server: weir\r\nX-Real-Ip: 192.0.2.7\r\nX-Forwarded-For: 192.0.2.7\r\n";

test("Http1Transport sends a GET and reuses its connection for the next", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, get("/a?b=1;c", "X-One: 1", "x-one: 2"));
    assert.equal(
      backend.take(),
      `GET /a?b=1&c HTTP/1.1\r\nHost: a.test\r\nX-One: 1\r\nx-one: 2\r\n${forwarded}\r\n`,
    );
    backend.send(OK);
    await settled();
    assert.equal(undated(client.text), OK);
    await again(bench, client);
    assert.equal(bench.backends.length, 1);
    assert.match(backend.text, /^GET \/again /);
    backend.send(OK);
    await settled();
    assert.equal(bench.upstream().calls.includes("pause"), false, "an answer in one piece needs no pause");
  }));

test("Http1Transport gives the same answer wherever the backend's bytes are cut", () => {
  const answers: readonly (readonly [string, string])[] = [
    [OK, OK],
    [
      message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Trailer: X-T") +
      "2\r\nok\r\n1;a=b\r\n!\r\n0\r\nX-T: 1\r\n\r\n",
      "ok!",
    ],
    [message("HTTP/1.1 100 Continue") + message("HTTP/1.1 204 No Content"), message("HTTP/1.1 204 No Content")],
    [message("HTTP/1.1 103 Early Hints", "Link: x") + OK, message("HTTP/1.1 103 Early Hints", "Link: x") + OK],
  ];
  return fc.assert(
    fc.asyncProperty(fc.nat(3), fc.array(fc.nat(120), { maxLength: 9 }), (index, cuts) =>
      onBench({}, async (bench) => {
        const [sent = "", wanted = ""] = answers[index] ?? [];
        const { client, backend } = await proxied(bench, get());
        const borders = [0, ...cuts.map((cut) => cut % sent.length).sort((a, b) => a - b), sent.length];
        backend.send(...borders.slice(1).map((end, at) => sent.slice(borders[at], end)));
        await settled(400);
        // how a chunked body is cut into chunks may differ; its data may not
        const text = index === 1
          ? client.text.replace(/^[^]*?\r\n\r\n/, "").replace(/[0-9a-f]+\r\n|\r\n/g, "")
          : client.text;
        assert.equal(undated(text), wanted);
        await again(bench, client);
        assert.equal(bench.backends.length, 1);
      })),
    { numRuns: 80 },
  );
});

const bodies: readonly (readonly [name: string, pieces: readonly string[], wanted: string])[] = [
  [
    "a length, at once",
    [message("POST /p HTTP/1.1", "Host: a.test", "Content-Length: 2") + "hi"],
    "Content-Length: 2\r\n\r\nhi",
  ],
  [
    "a length, in pieces",
    [message("POST /p HTTP/1.1", "Host: a.test", "Content-Length: 2"), "h", "i"],
    "Content-Length: 2\r\n\r\nhi",
  ],
  ["chunks, at once", [`${chunked}2;x\r\nhi\r\n0\r\nX-T: 1\r\n\r\n`], "Content-Length: 2\r\n\r\nhi"],
  [
    "chunks, in pieces",
    [chunked, "2\r\nh", "i\r\n0\r\n", "\r\n"],
    "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
  ],
  [
    "a GET's body",
    [message("GET /p HTTP/1.1", "Host: a.test", "Content-Length: 2") + "hi"],
    "Content-Length: 2\r\n\r\nhi",
  ],
  ["an empty POST", [message("POST /p HTTP/1.1", "Host: a.test")], "Content-Length: 0\r\n\r\n"],
  [
    "an empty GET",
    [message("GET /p HTTP/1.1", "Host: a.test", "Content-Length: 0")],
    "X-Forwarded-For: 192.0.2.7\r\n\r\n",
  ],
];

for (const [name, pieces, wanted] of bodies) {
  test(`Http1Transport frames ${name}, and keeps the connection`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await proxied(bench, ...pieces);
      assert.equal(backend.text.endsWith(wanted), true, backend.text);
      assert.equal(
        backend.text.match(/Content-Length|Transfer-Encoding/g)?.length ?? 0,
        name === "an empty GET" ? 0 : 1,
      );
      assert.equal(backend.text.includes("X-T"), false);
      backend.send(OK);
      await settled();
      assert.equal(undated(client.text), OK);
      await again(bench, client);
      assert.equal(bench.backends.length, 1);
    }));
}

const bodyless: readonly (readonly [method: string, answer: string, wanted: string])[] = [
  ["HEAD", message("HTTP/1.1 200 OK", "Content-Length: 5"), message("HTTP/1.1 200 OK", "Content-Length: 5")],
  ["HEAD", message("HTTP/1.1 200 OK", "Content-Length: 0"), message("HTTP/1.1 200 OK", "Content-Length: 0")],
  ["HEAD", message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"), message("HTTP/1.1 200 OK")],
  [
    "GET",
    message("HTTP/1.1 304 Not Modified", "Content-Length: 5"),
    message("HTTP/1.1 304 Not Modified", "Content-Length: 5"),
  ],
  ["GET", message("HTTP/1.1 204 No Content"), message("HTTP/1.1 204 No Content")],
  ["GET", message("HTTP/1.1 204 No Content", "Content-Length: 0"), message("HTTP/1.1 204 No Content")],
];

for (const [method, answer, wanted] of bodyless) {
  test(`Http1Transport expects no body of ${method} ${JSON.stringify(answer)}`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await proxied(bench, message(`${method} / HTTP/1.1`, "Host: a.test"));
      backend.send(answer);
      await settled();
      assert.equal(undated(client.text), wanted);
      await again(bench, client);
      assert.equal(bench.backends.length, 1);
    }));
}

test("Http1Transport reads a body to the connection's end, and does not reuse it", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, get());
    backend.send(message("HTTP/1.0 200 OK"), "ab", "c");
    await settled();
    backend.connection.end();
    await settled();
    assert.match(undated(client.text), /Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/);
    await again(bench, client);
    assert.equal(bench.backends.length, 2);
  }));

test("Http1Transport swallows 100, passes 103 on without a length, and refuses a flood", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, get());
    backend.send(
      message("HTTP/1.1 100 Continue") + message("HTTP/1.1 103 Early Hints", "Link: x", "Content-Length: 3") + OK,
    );
    await settled();
    assert.equal(undated(client.text), message("HTTP/1.1 103 Early Hints", "Link: x") + OK);
    await again(bench, client);
    client.take();
    backend.send(message("HTTP/1.1 103 Early Hints").repeat(17));
    await settled();
    assert.match(client.text, /HTTP\/1\.1 502 Bad Gateway/);
    assert.equal(backend.ended, true);
  }));

test("Http1Transport destroys the backend's connection, without a last chunk, when the upload fails", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, chunked, "2\r\nhi\r\n");
    client.connection.reset();
    await settled();
    assert.match(backend.text, /2\r\nhi\r\n$/);
    assert.equal(backend.ended, true);
    assert.equal(bench.server.connections, 0);
  }));

test("Http1Transport closes, and does not pool, a connection whose answer was through before the upload", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, chunked, "2\r\nhi\r\n");
    backend.send(OK);
    await settled();
    assert.equal(undated(client.take()), OK);
    assert.equal(backend.ended, true);
    client.send("1\r\n!\r\n0\r\n\r\n");
    await settled();
    assert.match(backend.text, /2\r\nhi\r\n$/);
    await again(bench, client);
    assert.equal(bench.backends.length, 2);
  }));

test("Http1Transport pauses an upload while the backend reads nothing, and the download while the client does", () =>
  onBench({}, async (bench) => {
    bench.upstreamOptions = { highWater: 1_000 };
    const { client, backend } = await proxied(
      bench,
      message("POST / HTTP/1.1", "Host: a.test", "Content-Length: 9000"),
    );
    backend.connection.pause();
    for (let sent = 0; sent < 9_000; sent += 1_000) client.send("x".repeat(1_000));
    await settled();
    assert.equal(bench.downstream.paused, true);
    assert.ok(bench.upstream().pending < 3_000);
    backend.connection.resume();
    await settled(500);
    assert.equal(backend.text.split("\r\n\r\n")[1]?.length, 9_000);
    client.connection.pause();
    backend.send(message("HTTP/1.1 200 OK", "Content-Length: 200000"));
    for (let sent = 0; sent < 200_000; sent += 20_000) backend.send("y".repeat(20_000));
    await settled();
    assert.equal(bench.upstream().paused, true);
    assert.ok(bench.downstream.pending < 110_000);
    client.connection.resume();
    await settled(500);
    assert.equal(client.text.split("\r\n\r\n")[1]?.length, 200_000);
    await again(bench, client);
    assert.equal(bench.backends.length, 1);
  }));
