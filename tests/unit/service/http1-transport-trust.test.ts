// Answers of backends that can't be trusted, and connections that can't be used again.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Peer } from "../../support/memory-connection.ts";
import type { WireBench } from "../entrypoint/wire-bench.ts";
import { get, message, OK, onBench, settled, undated } from "../entrypoint/wire-bench.ts";
import { again, proxied } from "./http1-exchange.ts";

const smuggling: readonly (readonly [name: string, answer: string])[] = [
  ["CL and TE", message("HTTP/1.1 200 OK", "Content-Length: 2", "Transfer-Encoding: chunked")],
  ["two lengths", message("HTTP/1.1 200 OK", "Content-Length: 2", "Content-Length: 2")],
  ["a list of lengths", message("HTTP/1.1 200 OK", "Content-Length: 2, 2")],
  ["an unknown coding", message("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked")],
  ["chunks in HTTP/1.0", message("HTTP/1.0 200 OK", "Transfer-Encoding: chunked")],
  ["NUL in a value", message("HTTP/1.1 200 OK", "X: a\0b")],
  ["CR in a value", message("HTTP/1.1 200 OK", "X: a\rb")],
  ["a bare LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
  ["folding", message("HTTP/1.1 200 OK", "X: a", " b")],
  ["a space before the colon", message("HTTP/1.1 200 OK", "X : a")],
  ["HTTP/2", message("HTTP/2 200 OK")],
  ["a two-digit status", message("HTTP/1.1 20 OK")],
  ["garbage", "\x00\x00"],
  ["an empty line first", `\r\n${OK}`],
  ["protocols changed unasked", message("HTTP/1.1 101 Switching Protocols", "Upgrade: x", "Connection: Upgrade")],
  ["201 headers", message("HTTP/1.1 200 OK", ...Array.from({ length: 201 }, (_, at) => `X-${at}: 1`))],
  [
    "a head of 257 KiB",
    message("HTTP/1.1 200 OK", ...Array.from({ length: 9 }, (_, at) => `X-${at}: ${"x".repeat(30_000)}`)),
  ],
  ["an end before the head", "FIN"],
  ["an end within the head", "HTTP/1.1 200 OKFIN"],
];

for (const [name, answer] of smuggling) {
  test(`Http1Transport answers 502 to ${name}, and drops the backend's connection`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await proxied(bench, get());
      backend.send(answer.replace("FIN", ""));
      if (answer.endsWith("FIN")) backend.connection.end();
      await settled();
      assert.match(client.text, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
      assert.equal(backend.ended, true);
      await again(bench, client);
      assert.equal(bench.backends.length, 2);
    }));
}

const brokenBodies: readonly (readonly [name: string, head: string, body: string])[] = [
  ["a short body", message("HTTP/1.1 200 OK", "Content-Length: 5"), "abc"],
  ["a truncated chunk", message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"), "5\r\nabc"],
  ["no last chunk", message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"), "3\r\nabc\r\n"],
  ["a bad chunk", message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"), "3\r\nabc\r\n0x1\r\na\r\n"],
  ["a bad trailer", message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"), "3\r\nabc\r\n0\r\nx\r\n\r\n"],
];

for (const [name, head, body] of brokenBodies) {
  for (const how of ["FIN", "RST"]) {
    test(`Http1Transport resets the client after ${name} and ${how}`, () =>
      onBench({}, async (bench) => {
        const { client, backend } = await proxied(bench, get());
        backend.send(head);
        await settled();
        backend.send(body);
        await settled();
        if (how === "FIN") backend.connection.end();
        else backend.connection.reset();
        await settled();
        assert.equal(client.error?.code, "connection-reset");
        assert.equal(client.text.includes("0\r\n\r\n"), false);
        assert.equal(bench.finished.length, 1);
      }));
  }
}

for (const [name, head, body] of brokenBodies.slice(3)) {
  test(`Http1Transport answers 502 to ${name} in one piece with its head`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await proxied(bench, get());
      backend.send(head + body);
      await settled();
      assert.match(client.text, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
      assert.equal(backend.ended, true);
    }));
}

const extras: readonly (readonly [name: string, method: string, answer: string])[] = [
  ["a length", "GET", `${OK}HTTP/1.1 200 OK`],
  ["chunks", "GET", `${message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked")}1\r\na\r\n0\r\n\r\nX`],
  ["HEAD", "HEAD", OK],
  ["304", "GET", `${message("HTTP/1.1 304 Not Modified", "Content-Length: 2")}ok`],
];

for (const [name, method, answer] of extras) {
  test(`Http1Transport drops a connection with bytes behind an answer with ${name}`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await proxied(bench, message(`${method} / HTTP/1.1`, "Host: a.test"));
      backend.send(answer);
      await settled();
      assert.match(client.text, /^HTTP\/1\.1 [23]0/);
      assert.equal(backend.ended, true);
      await again(bench, client);
      assert.equal(bench.backends.length, 2);
    }));
}

const unusable: readonly (readonly [name: string, spoil: (backend: Peer, bench: WireBench) => unknown])[] = [
  ["has bytes nobody asked for", (backend) => backend.send("HTTP/1.1 408 Request Timeout\r\n\r\n")],
  ["was ended", (backend) => backend.connection.end()],
  ["was reset", (backend) => backend.connection.reset()],
  ["waited too long", (_, bench) => bench.advance(60_101)],
];

for (const [name, spoil] of unusable) {
  test(`Http1Transport drops an idle connection that ${name}`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await proxied(bench, get());
      backend.send(OK);
      await settled();
      await spoil(backend, bench);
      await settled();
      assert.equal(bench.upstream().closed, true);
      await again(bench, client);
      assert.equal(bench.backends.length, 2);
    }));
}

test("Http1Transport does not pool a 204 that announced a body", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, get());
    backend.send(message("HTTP/1.1 204 No Content", "Transfer-Encoding: chunked"));
    await settled();
    assert.equal(undated(client.text), message("HTTP/1.1 204 No Content"));
    assert.equal(backend.ended, true);
  }));

for (const line of ["Connection: close", "Connection: x, Close"]) {
  test(`Http1Transport does not pool a connection after ${line}`, () =>
    onBench({}, async (bench) => {
      const { client, backend } = await proxied(bench, get());
      backend.send(OK.replace("Content", `${line}\r\nY: 1\r\nContent`));
      await settled();
      assert.equal(undated(client.text), OK.replace("Content", "Y: 1\r\nContent"));
      assert.equal(backend.ended, true);
    }));
}

test("Http1Transport drops the hop-by-hop headers of answers, and those that Connection names", () =>
  onBench({}, async (bench) => {
    const { client, backend } = await proxied(bench, get());
    const lines = [
      "Connection: X-Hop, keep-alive",
      "x-hop: 1",
      "Keep-Alive: 5",
      "Proxy-Connection: x",
      "TE: x",
      "Trailer: x",
    ];
    backend.send(`${message("HTTP/1.1 200 OK", ...lines, "Upgrade: h2c", "X-End: 1", "Content-Length: 0")}`);
    await settled();
    assert.equal(undated(client.text), message("HTTP/1.1 200 OK", "X-End: 1", "Content-Length: 0"));
  }));
