// Trailers: they pass where both sides speak HTTP/2, also behind `compress`; what HTTP/1.1 puts behind chunks stays there.

import assert from "node:assert/strict";
import http2 from "node:http2";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { H2Client } from "../support/h2-client.ts";
import { data, headers, hello, type Pair, post, type } from "../support/h2-frames.ts";
import { withProxy } from "../support/proxy-fixture.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { type ScriptedBackend, startScripted } from "../support/scripted-backend.ts";
import { WireClient } from "../support/wire-client.ts";

const TEXT = "All work and no play makes Jack a dull boy. ".repeat(100);

/** What backends see of requests. */
interface Received {
  readonly te: string;
  readonly body: string;
  readonly trailers: string | undefined;
}

/** Speaks HTTP/2 in the clear, answers a text with trailers, and says what it received. */
async function startModern(): Promise<{ readonly url: string; readonly seen: Received[]; close(): Promise<void> }> {
  const seen: Received[] = [];
  const server = http2.createServer();
  server.on("stream", (stream, head) => {
    let body = "";
    let trailers: string | undefined;
    stream.setEncoding("utf8");
    stream.on("trailers", (fields) => trailers = String(fields["x-sum"]));
    stream.on("data", (text) => body += String(text));
    stream.on("end", () => {
      seen.push({ te: String(head.te), body, trailers });
      stream.respond({ ":status": 200, "content-type": "text/plain" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-rows": "3", "content-digest": "sha-256=:eA==:" }));
      stream.end(TEXT);
    });
  });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `h2c://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Answers in chunks with a trailer. */
function startOld(): Promise<ScriptedBackend> {
  return startScripted({
    request: ({ socket }) => {
      const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Rows\r\n\r\n";
      socket.write(`${head}3\r\nold\r\n0\r\nX-Rows: 3\r\n\r\n`);
    },
  });
}

/** Keeps each request of the body `abc` as it came, with all that follows the body. */
function startRaw(uploads: string[]): Promise<ScriptedBackend> {
  return startScripted({
    connect: (socket) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += String(chunk);
        if (!text.endsWith("\r\n\r\nabc") && !/\r\n0\r\n(?:.*\r\n)*\r\n$/.test(text)) return;
        uploads.push(text);
        text = "";
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
      return true;
    },
  });
}

interface Bench {
  readonly modern: readonly Received[];
  readonly uploads: readonly string[];
  /** Of weir's entry point. */
  readonly port: number;
}

/** weir before the three backends, each on a path of its name. */
async function withBackends(runtime: RuntimeCommand, use: (bench: Bench) => Promise<void>): Promise<void> {
  const uploads: string[] = [];
  const [modern, old, raw] = await Promise.all([startModern(), startOld(), startRaw(uploads)]);
  const route = (name: string) => ({ rule: `PathPrefix(\`/${name}\`)`, service: name });
  const service = (url: string) => ({ loadBalancer: { servers: [{ url }] } });
  const configuration = {
    http: {
      routers: {
        ...{ modern: route("modern"), old: route("old"), raw: route("raw") },
        small: { rule: "PathPrefix(`/modern/small`)", service: "modern", middlewares: ["small"] },
      },
      services: { modern: service(modern.url), old: service(old.url), raw: service(raw.url) },
      middlewares: { small: { compress: {} } },
    },
  };
  try {
    await withProxy(runtime, configuration, [], ({ port }) => use({ modern: modern.seen, uploads, port }));
  } finally {
    await Promise.all([modern.close(), old.close(), raw.close()]);
  }
}

/** Uploads over HTTP/2. */
async function upload(port: number, path: string, ...more: readonly Pair[]) {
  const client = await H2Client.open(port);
  try {
    const fields: readonly Pair[] = [...post.slice(0, 3), [":path", path], ["te", "trailers"], ...more];
    client.send(hello, headers(1, fields, 0), data(1, "abc"), headers(1, [["x-sum", "6"]]));
    return { ...await client.answer(1), frames: client.frames };
  } finally {
    client.destroy();
  }
}

const NO_TRAILERS = /\r\n\r\n(?:abc|3\r\nabc\r\n0\r\n\r\n)$/;

for (const runtime of threeRuntimes) {
  test(`trailers pass between clients and backends of HTTP/2, also behind compress, on ${runtime.name}`, () =>
    withBackends(runtime, async ({ port, modern, uploads }) => {
      const plain = await upload(port, "/modern");
      assert.deepEqual([plain.body, plain.trailers], [TEXT, ["x-rows: 3", "content-digest: sha-256=:eA==:"]]);
      const small = await upload(port, "/modern/small", ["accept-encoding", "gzip"]);
      const packed = small.frames.filter((found) => found.type === type.data).map(({ payload }) => payload);
      assert.equal(gunzipSync(Buffer.concat(packed)).toString(), TEXT);
      assert.deepEqual(small.trailers, ["x-rows: 3"], "a digest of what nobody gets is of no use");
      const received = { te: "trailers", body: "abc", trailers: "6" };
      assert.deepEqual(modern, [received, received]);

      const late = await upload(port, "/old");
      assert.deepEqual([late.body, late.trailers], ["old", []], "an HTTP/1.1 backend's trailers stay behind");
      assert.equal((await upload(port, "/raw")).body, "ok");
      assert.match(uploads[0] ?? "", NO_TRAILERS);
    }));

  test(`trailers of HTTP/1.1 clients stay behind, and none reach them, on ${runtime.name}`, () =>
    withBackends(runtime, async ({ port, modern, uploads }) => {
      const wire = await WireClient.open(port);
      for (const [path, body] of [["/modern", TEXT], ["/old", "old"], ["/raw", "ok"]] as const) {
        const head = `POST ${path} HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n`;
        const answer = await wire.send(`${head}3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n`);
        assert.deepEqual([answer.status, answer.body.toString(), answer.ending], [200, body, "whole"], path);
        assert.doesNotMatch(answer.head, /^trailer:/im, path);
      }
      assert.equal(wire.surplus, 0);
      wire.close();
      assert.deepEqual(modern, [{ te: "undefined", body: "abc", trailers: undefined }]);
      assert.match(uploads[0] ?? "", NO_TRAILERS);
    }));
}
