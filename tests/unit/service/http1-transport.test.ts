import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readWhole } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyRequest } from "../../../src/http/request.ts";
import type { ProxyResponse } from "../../../src/http/response.ts";
import type { Peer } from "../../support/memory-connection.ts";
import type { WireBench } from "../entrypoint/wire-bench.ts";
import { get, message, OK, onBench, refusedDial, settled, target, undated } from "../entrypoint/wire-bench.ts";

const forwarded = "X-Forwarded-Host: a.test\r\nX-Forwarded-Port: 80\r\nX-Forwarded-Proto: http\r\n" +
  "X-Forwarded-Server: weir\r\nX-Real-Ip: 192.0.2.7\r\nX-Forwarded-For: 192.0.2.7\r\n";

/** Sends a request through weir and waits until the backend has seen what came of it. */
async function proxied(bench: WireBench, ...pieces: readonly string[]): Promise<{ client: Peer; backend: Peer }> {
  const client = bench.connect();
  client.send(...pieces);
  await settled();
  return { client, backend: bench.backend() };
}

/** A second request on the same client connection. */
async function again(bench: WireBench, client: Peer, request = get("/again")): Promise<void> {
  client.take();
  client.send(request);
  await settled();
  assert.ok(bench.requests.length > 1, "weir did not take the second request");
}

const chunked = message("POST /c HTTP/1.1", "Host: a.test", "Transfer-Encoding: chunked");

// --- there and back --------------------------------------------------------------------------------------------------

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

// --- answers that can't be trusted -----------------------------------------------------------------------------------

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
  ["waited too long", (_, bench) => bench.advance(60_001)],
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

// --- uploads ---------------------------------------------------------------------------------------------------------

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

// --- repeating -------------------------------------------------------------------------------------------------------

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
    await bench.advance(60_001);
    assert.match(client.text, /^HTTP\/1\.1 504 /);
    assert.equal(bench.backends.length, 3);
  }));

// --- timeouts and dialling -------------------------------------------------------------------------------------------

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
    await bench.advance(2);
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
    await bench.advance(1_001);
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
    await bench.advance(1_001);
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

// --- the client goes away --------------------------------------------------------------------------------------------

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

// --- readers of answers ----------------------------------------------------------------------------------------------

function plainRequest(): ProxyRequest {
  return new ProxyRequest({
    ...{ method: "GET", scheme: "http", authority: "", rawTarget: "/", path: "/", search: "", protocol: "HTTP/1.0" },
    ...{ headers: new HeaderList(), body: undefined, entryPoint: "web", tls: undefined, startedAt: 0 },
    ...{ remote: { ip: "192.0.2.7", port: 1 }, local: { ip: "127.0.0.1", port: 80 } },
  });
}

test("Http1Transport never pools a connection whose reader gave up in the last chunk", () =>
  onBench({}, async (bench) => {
    const send = async (): Promise<ProxyResponse> => {
      const answer = bench.transport.send(plainRequest(), target);
      await settled();
      bench.backend().send(message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"));
      return await answer;
    };
    const { body } = await send();
    const whole = body === undefined ? undefined : readWhole(body, 2);
    bench.backend().send("3\r\nabc\r\n0\r\n\r\n");
    assert.equal(await whole, undefined);
    await settled();
    await send();
    assert.equal(bench.backends.length, 2);
  }));

test("Http1Transport tells whoever reads an answer that the request was given up", () =>
  onBench({}, async (bench) => {
    const request = plainRequest();
    const sent = bench.transport.send(request, target);
    await settled();
    bench.backend().send(message("HTTP/1.1 200 OK", "Content-Length: 5"), "abc");
    const { body } = await sent;
    const whole = body === undefined ? Promise.resolve() : readWhole(body, 100);
    const outcome = assert.rejects(whole, { code: "client-gone" });
    await settled();
    request.abort(Object.assign(refusedDial, { code: "client-gone" }));
    await outcome;
  }));

const hosts: readonly (readonly [name: string, sent: string, passHostHeader: boolean, wanted: string])[] = [
  ["the client's", get(), true, "a.test"],
  ["the server's, when asked", get(), false, "backend"],
  ["the target's of an HTTP/1.0 client", message("GET http://b.test/ HTTP/1.0"), true, "b.test"],
  ["the server's for an HTTP/1.0 client that names none", message("GET / HTTP/1.0"), true, "backend"],
];

for (const [name, sent, passHostHeader, wanted] of hosts) {
  for (const appendsForwardedFor of [true, false]) {
    test(`upstreamHead() sends the host ${name} (X-Forwarded-For ${appendsForwardedFor ? "appended" : "left"})`, () => {
      const options = { server: { appendsForwardedFor } };
      return onBench(options, async (bench) => {
        const handler = bench.server.handler;
        bench.server.handler = (request) =>
          passHostHeader ? handler(request) : bench.transport.send(request, { ...target, passHostHeader });
        const { backend } = await proxied(bench, sent);
        assert.deepEqual(backend.text.match(/^Host: .*$/gim), [`Host: ${wanted}`]);
        assert.equal(backend.text.includes("X-Forwarded-For: 192.0.2.7\r\n"), appendsForwardedFor);
      });
    });
  }
}
