// HTTP/2 frames that no good client sends: what weir makes of them, and what of it a backend gets to see.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { good, withH2Bench as withBench } from "../support/h2-bench.ts";
import { H2Client } from "../support/h2-client.ts";
import {
  block,
  bytes,
  codeOf,
  data,
  END_STREAM,
  frame,
  get,
  headers,
  hello,
  longHeaders,
  type Pair,
  post,
  PREFACE,
  type,
} from "../support/h2-frames.ts";
import { withH2Proxy } from "../support/h2-proxy.ts";
import { fieldRows, frameRows, type Outcome } from "../support/h2-rows.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { startScripted } from "../support/scripted-backend.ts";
import { WireClient } from "../support/wire-client.ts";

/** What came of one connection's frames. */
async function outcomeOf(client: H2Client): Promise<unknown> {
  const ends = () => client.frames.find(({ type: kind, flags }) => kind <= type.headers && (flags & END_STREAM) !== 0);
  const goAway = () => client.frames.find((found) => found.type === type.goAway);
  // NO_ERROR: an answer is there, and the rest of the request is not wanted
  const resets = () => client.frames.find((found) => found.type === type.reset && codeOf(found) !== 0);
  await client.until(() => client.closed || [ends, goAway, resets].some((look) => look() !== undefined), "an outcome");
  const left = goAway();
  if (left !== undefined) {
    await client.until(() => client.closed, "the end of the connection");
    return { goAway: codeOf(left) };
  }
  const found = resets();
  if (found !== undefined) return { reset: codeOf(found) };
  const { status } = await client.answer(ends()?.stream ?? 0);
  return status < 300 ? "served" : { status };
}

const ours: Outcome = { status: 501 };

/** CONNECT in HTTP/2, where WebSocket is allowed and where it isn't. */
const connects: readonly (readonly [string, readonly Pair[], Outcome])[] = [
  ["a tunnel", [[":method", "CONNECT"], [":authority", "a.test:22"]], ours],
  [
    "a tunnel with a content-length",
    [[":method", "CONNECT"], [":authority", "a.test:22"], ["content-length", "2"]],
    ours,
  ],
  ["a path", [[":method", "CONNECT"], [":authority", "a.test:22"], [":path", "/"]], { reset: 1 }],
  ["a scheme", [[":method", "CONNECT"], [":authority", "a.test:22"], [":scheme", "http"]], { reset: 1 }],
  ["no authority", [[":method", "CONNECT"]], { reset: 1 }],
  ["connect-udp", [...connectTo("connect-udp")], ours],
  ["connect-ip", [...connectTo("connect-ip")], ours],
  ["an unknown protocol", [...connectTo("h2c")], ours],
  ["a malformed protocol", [...connectTo("web socket")], { reset: 1 }],
  ["a protocol beside GET", [...get, [":protocol", "websocket"]], { reset: 1 }],
];

function connectTo(protocol: string): readonly Pair[] {
  return [[":method", "CONNECT"], ...get.slice(1), [":protocol", protocol]];
}

/** CONNECT in HTTP/1.1; what follows the head would be a second request, if anybody took it for one. */
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";
const lines: readonly (readonly [string, string])[] = [
  ["authority form", "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n"],
  ["another host", "CONNECT b.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["no port", "CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["a path", "CONNECT / HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["absolute form", "CONNECT http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["asterisk", "CONNECT * HTTP/1.1\r\nHost: a.test\r\n\r\n"],
  ["an address", "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"],
  ["a body by length", `CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${smuggled.length}\r\n\r\n`],
  ["a chunked body", "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["an upgrade", "CONNECT / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"],
  ["HTTP/1.0", "CONNECT a.test:80 HTTP/1.0\r\n\r\n"],
];

for (const runtime of threeRuntimes) {
  test(`what is malformed is refused, and never forwarded, on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen }) => {
      for (const [name, fields, wanted] of fieldRows) {
        if (name.startsWith(":protocol")) continue; // `CONNECT in HTTP/2` has it
        const client = await open();
        const before = seen.length;
        client.send(hello, longHeaders(1, fields));
        assert.deepEqual(await outcomeOf(client), wanted, name);
        const isServed = wanted === "served" && !name.startsWith("OPTIONS *"); // which weir answers itself
        assert.equal(seen.length - before, isServed ? 1 : 0, name);
        client.destroy();
      }
    }));

  test(`frames out of order, of wrong sizes and with wrong content end the stream or the connection on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen }) => {
      for (const [name, frames, wanted] of frameRows) {
        const client = await open();
        const before = seen.length;
        client.send(hello, ...frames);
        assert.deepEqual(await outcomeOf(client), wanted, name);
        if (typeof wanted === "object" && "goAway" in wanted) assert.equal(seen.length, before, name);
        client.destroy();
      }
      const client = await open();
      client.send(PREFACE, headers(1, get));
      assert.deepEqual(await outcomeOf(client), { goAway: 1 });
    }));

  test(`a body that does not keep to its content-length never ends well at the backend on ${runtime.name}`, () =>
    withBench(runtime, async ({ open, seen, backend }) => {
      const client = await open();
      const upload = (length: string): readonly Pair[] => [...post, ["content-length", length]];
      client.send(hello, headers(1, upload("10"), 0));
      await client.find((found) => found.type === type.settings, "SETTINGS");
      client.send(data(1, "short", END_STREAM));
      assert.equal((await client.answer(1)).reset, 1);
      client.send(headers(3, upload("3"), 0));
      client.send(data(3, "toolong"));
      assert.equal((await client.answer(3)).reset, 1);
      client.send(headers(5, good));
      assert.equal((await client.answer(5)).status, 200);
      assert.deepEqual([seen.length, backend.requests], [0, 1]);
    }));

  test(`CONNECT is refused in every form of HTTP/2 on ${runtime.name}`, async () => {
    const websocket: readonly (readonly [string, readonly Pair[], Outcome])[] = [
      ["websocket where it is not allowed", connectTo("websocket"), { reset: 1 }],
    ];
    const without = "--entrypoints.web.http.upgrades=none";
    for (const [rows, flags] of [[connects, []], [websocket, [without]]] as const) {
      await withBench(runtime, async ({ open, seen }) => {
        for (const [name, fields, wanted] of rows) {
          const client = await open();
          client.send(hello, headers(1, fields, 0));
          client.send(data(1, "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"));
          assert.deepEqual(await outcomeOf(client), wanted, name);
          client.destroy();
        }
        const client = await open();
        client.send(hello, headers(1, good));
        assert.equal((await client.answer(1)).body, "ok");
        assert.deepEqual(seen.map(({ head }) => head), []);
      }, flags);
    }
  });

  test(`CONNECT is refused in every form of HTTP/1.1 on ${runtime.name}`, () =>
    withBench(runtime, async ({ port, seen }) => {
      for (const [name, head] of lines) {
        const client = await WireClient.open(port);
        const { status } = await client.send(head + smuggled);
        assert.equal(status, 501, name);
        if (client.isOpen) await once(client.socket, "end");
        client.close();
      }
      assert.deepEqual(seen.map(({ head }) => head), []);
    }));

  test(`clients that never acknowledge, never ask, or stop within a frame are let go on ${runtime.name}`, () => {
    const flags = ["--entrypoints.web.transport.respondingTimeouts.headerTimeout=500ms"];
    return withBench(runtime, async ({ open }) => {
      const starts = [
        new Uint8Array(0),
        bytes("PRI"),
        PREFACE,
        hello,
        bytes(hello, frame(type.headers, 0, 1, block(...get))),
      ];
      const clients = await Promise.all(starts.map(async (start) => {
        const client = await open();
        if (start.length > 0) client.send(start);
        return client;
      }));
      for (const client of clients) await client.until(() => client.closed, "the end of the connection");
    }, flags);
  });

  test(`a WebSocket over HTTP/2 is a tunnel to an HTTP/1.1 backend on ${runtime.name}`, async () => {
    const backend = await startScripted({
      request: ({ socket, head }) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        socket.write(`${head.split("\r\n", 1)[0]};`);
      },
    });
    try {
      await withH2Proxy(runtime, { servers: [backend.url] }, async ({ port }) => {
        const client = await H2Client.open(port);
        client.send(hello, headers(1, connectTo("websocket"), 0));
        await client.find((found) => found.type === type.data, "what the backend says");
        client.destroy();
        const said = client.frames.filter((found) => found.type === type.data).map(({ payload }) => payload);
        assert.equal(Buffer.concat(said).toString(), "GET / HTTP/1.1;");
      });
    } finally {
      await backend.close();
    }
  });
}
