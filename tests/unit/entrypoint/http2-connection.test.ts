// Requests on an HTTP/2 connection with prior knowledge, to a backend that speaks HTTP/1.1: both in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpServer } from "../../../src/entrypoint/http-server.ts";
import { Http2Server } from "../../../src/entrypoint/http2-server.ts";
import { StreamBody } from "../../../src/http/body.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { PushBody } from "../../../src/http/body.ts";
import { ProxyResponse, textResponse } from "../../../src/http/response.ts";
import { UpgradeResponse } from "../../../src/http/upgrade.ts";
import type { Http2Options } from "../../../src/http2/options.ts";
import { serverOptions } from "../../../src/http2/options.ts";
import { fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";
import type { Peer } from "../../support/memory-connection.ts";
import { MemoryConnection, Peer as MemoryPeer, settled } from "../../support/memory-connection.ts";
import {
  ACK,
  BlockReader,
  codeOf,
  cutFrames,
  data,
  END_STREAM,
  frame,
  get,
  type H2Frame,
  headers,
  hello,
  type Pair,
  post,
  reset,
  settings,
  type,
  windowUpdate,
} from "../../support/h2-frames.ts";
import type { BenchOptions, WireBench } from "./wire-bench.ts";
import { onBench } from "./wire-bench.ts";

const ack = frame(type.settings, ACK, 0);

/** A client in memory that reads frames. */
class Client {
  readonly peer: Peer;
  readonly #blocks = new BlockReader();
  readonly #read = new Map<number, readonly string[]>();

  constructor(peer: Peer) {
    this.peer = peer;
  }

  async send(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) this.peer.connection.write(part);
    await settled(600);
  }

  get frames(): readonly H2Frame[] {
    return cutFrames(fromLatin1(this.peer.text)).frames;
  }

  /** What came on a stream: header fields, data, `reset n`. */
  heard(stream: number): readonly string[] {
    const all = this.frames;
    for (const [index, found] of all.entries()) {
      if (found.type === type.headers && !this.#read.has(index)) {
        this.#read.set(index, this.#blocks.read(found.payload));
      }
    }
    return all.flatMap((found, index) => {
      if (found.stream !== stream) return [];
      if (found.type === type.headers) {
        return (this.#read.get(index) ?? []).filter((field) => !field.startsWith("date:"));
      }
      if (found.type === type.data) return found.payload.length === 0 ? [] : [toLatin1(found.payload)];
      return found.type === type.reset ? [`reset ${codeOf(found)}`] : [];
    });
  }

  get goAway(): number | undefined {
    const found = this.frames.findLast((each) => each.type === type.goAway);
    return found === undefined ? undefined : codeOf(found);
  }
}

interface H2Bench {
  readonly bench: WireBench;
  readonly http: HttpServer;
  connect(): Client;
}

function onHttp2(
  options: BenchOptions & { readonly http2?: Partial<Http2Options> },
  script: (bench: H2Bench) => Promise<void>,
): Promise<void> {
  return onBench(options, async (bench) => {
    const { server, deadlines } = bench;
    const http2 = new Http2Server(server.options, { ...serverOptions, ...options.http2 }, deadlines, server.handler);
    const http = new HttpServer(server, http2);
    const connect = () => {
      const accepted = new MemoryConnection({ remote: { ip: "192.0.2.7", port: 50_000 } });
      const peer = new MemoryPeer(accepted.pair());
      bench.accepted.push(accepted);
      http.serve(accepted);
      return new Client(peer);
    };
    try {
      await script({ bench, http, connect });
    } finally {
      http.destroy();
      await settled();
    }
  });
}

test("HttpServer tells HTTP/2 from HTTP/1 wherever the preface is cut", () =>
  onHttp2({ handler: () => textResponse(200, "hi") }, async ({ connect, http }) => {
    for (const cut of [0, 1, 3, 23, 24, 30]) {
      const client = connect();
      await client.send(hello.subarray(0, cut), hello.subarray(cut), headers(1, get));
      assert.deepEqual(client.heard(1), [
        ...[":status: 200", "content-type: text/plain; charset=utf-8", "x-content-type-options: nosniff"],
        ...["content-length: 2", "hi"],
      ]);
    }
    const old = connect();
    await old.send(fromLatin1("P"), fromLatin1("UT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
    assert.match(old.peer.text, /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(http.connections, 7);
  }));

test("Http2Connection forwards a request to an HTTP/1.1 backend, and its answer back", () =>
  onHttp2({}, async ({ bench, connect }) => {
    const client = connect();
    const fields: readonly Pair[] = [...get.slice(0, 3), [":path", "/a?b"], ["x-a", "1"], ["cookie", "a=1"], [
      "cookie",
      "b=2",
    ]];
    await client.send(hello, headers(1, [...fields, ["x-forwarded-for", "6.6.6.6"]]));
    assert.equal(
      bench.backend().text,
      "GET /a?b HTTP/1.1\r\nHost: a.test\r\nx-a: 1\r\ncookie: a=1; b=2\r\nX-Forwarded-Host: a.test\r\n" +
        "X-Forwarded-Port: 80\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Server: weir\r\nX-Real-Ip: 192.0.2.7\r\n" +
        "X-Forwarded-For: 192.0.2.7\r\n\r\n",
    );
    bench.backend().send("HTTP/1.1 200 OK\r\nX-B: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "0\r\n\r\n");
    await settled(600);
    assert.deepEqual(client.heard(1), [":status: 200", "x-b: 2", "abc"]);
    assert.deepEqual(bench.finished.map(({ status, responseBytes }) => [status, responseBytes]), [[200, 3]]);
    assert.equal(bench.requests[0]?.protocol, "HTTP/2.0");
  }));

test("Http2Connection uploads a body, and sends 100 when it is wanted", () =>
  onHttp2({}, async ({ bench, connect }) => {
    const client = connect();
    await client.send(hello, headers(1, [...post, ["expect", "100-continue"], ["content-length", "6"]], 0));
    assert.deepEqual(client.heard(1), [":status: 100"]);
    await client.send(data(1, "abc"), data(1, "def", END_STREAM));
    assert.match(bench.backend().text, /\r\nContent-Length: 6\r\n\r\nabcdef$/);
    bench.backend().send("HTTP/1.1 204 No Content\r\n\r\n");
    await settled(600);
    assert.deepEqual(client.heard(1), [":status: 100", ":status: 204"]);
    assert.deepEqual(bench.finished.map(({ requestBytes }) => requestBytes), [6]);
  }));

test("Http2Connection never begins a request that turns out malformed in the same bytes", () =>
  onHttp2({}, async ({ bench, connect }) => {
    const client = connect();
    const bad = Buffer.concat([headers(1, [...post, ["content-length", "9"]], 0), data(1, "abc", END_STREAM)]);
    await client.send(Buffer.concat([hello, bad]));
    assert.deepEqual([client.heard(1), bench.dials.length], [["reset 1"], 0]);
    assert.equal(bench.finished.length, 0);
  }));

test("Http2Connection aborts a request whose client cancels, and one whose body is cut short", () =>
  onHttp2({}, async ({ bench, connect }) => {
    const client = connect();
    await client.send(hello, headers(1, get), headers(3, [...post, ["content-length", "9"]], 0), data(3, "abc"));
    assert.equal(bench.backends.length, 2);
    await client.send(reset(1), data(3, "d", END_STREAM));
    assert.ok(bench.backends.every((backend) => backend.ended || backend.closed));
    assert.deepEqual(bench.finished.map(({ status }) => status).sort(), [400, 499]);
    assert.deepEqual(client.heard(3), ["reset 1"]);
  }));

test("Http2Connection resets a stream whose answer breaks off, and answers 502 before that", () =>
  onHttp2({}, async ({ bench, connect }) => {
    const client = connect();
    await client.send(hello, headers(1, get));
    bench.backend().send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    await settled(600);
    bench.backend().connection.reset();
    await settled(600);
    assert.deepEqual(client.heard(1), [":status: 200", "content-length: 9", "abc", "reset 2"]);
    await client.send(headers(3, get));
    bench.backend().send("nonsense\r\n\r\n");
    await settled(600);
    assert.deepEqual(client.heard(3)[0], ":status: 502");
    assert.deepEqual(bench.finished.map(({ status }) => status), [200, 502]);
  }));

test("Http2Connection refuses what HTTP/1 refuses, with the same status", () =>
  onHttp2({}, async ({ bench, connect }) => {
    const client = connect();
    await client.send(hello, headers(1, [...get.slice(0, 3), [":path", "/%zz"]]), headers(3, [...get, ["host", "b"]]));
    await client.send(headers(5, [[":method", "CONNECT"], [":authority", "a.test:1"]]));
    const statuses = [1, 3, 5].map((stream) => client.heard(stream)[0]);
    assert.deepEqual(statuses, [":status: 400", ":status: 400", ":status: 501"]);
    assert.deepEqual(bench.refused.map((error) => error.code), [
      "bad-target",
      "host-mismatch",
      "connect-refused-method",
    ]);
  }));

for (const isWhole of [true, false]) {
  const handler: Handler = (request) => {
    const got = request.body?.takeWhole() ?? new Uint8Array(0);
    const body = new PushBody(undefined, { pauseBody() {}, resumeBody() {}, cancelBody() {} });
    body.push(got);
    const finish = () => {
      body.trailers = HeaderList.of(["Grpc-Status", "0"], ["X-Got", request.body?.trailers?.get("x-t") ?? "none"]);
      body.finish();
    };
    if (isWhole) finish();
    else queueMicrotask(finish);
    return new ProxyResponse(200, HeaderList.of(["Content-Type", "application/grpc"]), body);
  };
  test(`Http2Connection carries trailers both ways, behind a body that is ${isWhole ? "here" : "on its way"}`, () =>
    onHttp2({ handler }, async ({ connect }) => {
      const client = connect();
      await client.send(Buffer.concat([hello, headers(1, post, 0), data(1, "abc"), headers(1, [["x-t", "7"]])]));
      assert.deepEqual(client.heard(1), [
        ...[":status: 200", "content-type: application/grpc", "abc", "grpc-status: 0", "x-got: 7"],
      ]);
    }));
}

const websocket: readonly Pair[] = [[":method", "CONNECT"], ...get.slice(1), [":protocol", "WebSocket"]];

/** Echoes what a tunnel's client says. */
function tunnel(protocol: string): UpgradeResponse {
  const owner = { pauseBody() {}, resumeBody() {}, cancelBody() {} };
  const said = new PushBody(undefined, owner);
  return new UpgradeResponse(protocol, HeaderList.of(["Sec-WebSocket-Accept", "x"], ["X-A", "1"]), {
    body: said,
    connect: (uplink) =>
      uplink.start({
        chunk: (bytes) => {
          said.push(bytes);
          return true;
        },
        end: () => said.finish(),
        fail: (error) => said.fail(error),
      }),
  });
}

test("Http2Connection carries a WebSocket's bytes over an extended CONNECT", () =>
  onHttp2({ handler: () => tunnel("websocket"), http2: { connectProtocol: true } }, async ({ bench, connect }) => {
    const client = connect();
    await client.send(hello, ack, headers(1, websocket, 0), data(1, "one"));
    await client.send(data(1, "two"));
    const [request] = bench.requests;
    assert.deepEqual([request?.method, request?.upgrade, request?.body], ["GET", "websocket", undefined]);
    assert.equal(request?.headers.get("sec-websocket-key")?.length, 24);
    assert.equal(request?.headers.get("x-forwarded-proto"), "ws");
    assert.deepEqual(client.heard(1), [":status: 200", "x-a: 1", "one", "two"]);
    await client.send(data(1, "", END_STREAM));
    assert.equal(client.frames.at(-1)?.flags, END_STREAM);
    assert.deepEqual(
      bench.finished.map(({ status, requestBytes, responseBytes }) => [status, requestBytes, responseBytes]),
      [
        [200, 6, 6],
      ],
    );
  }));

test("Http2Connection refuses other tunnels, and handlers that change protocols unasked", () =>
  onHttp2({ handler: () => tunnel("websocket"), http2: { connectProtocol: true } }, async ({ bench, connect }) => {
    const client = connect();
    const ip: readonly Pair[] = [...websocket.slice(0, -1), [":protocol", "connect-ip"]];
    await client.send(hello, ack, headers(1, ip, 0), headers(3, get));
    assert.deepEqual([client.heard(1)[0], client.heard(3)[0]], [":status: 501", ":status: 500"]);
    assert.deepEqual(bench.failed.map((error) => error.code), ["unasked-upgrade"]);
  }));

test("Http2Connection stops the maker of an answer that the client doesn't take", () => {
  let pulled = 0;
  const endless: Handler = () => {
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(10_000));
      },
    });
    return new ProxyResponse(200, new HeaderList(), new StreamBody(source));
  };
  return onHttp2({ handler: endless }, async ({ bench, connect }) => {
    const client = connect();
    await client.send(hello, ack, headers(1, get));
    await settled(2000);
    assert.ok(pulled >= 6 && pulled < 15, `${pulled} pieces`);
    await client.send(settings([4, 100_000]), windowUpdate(0, 1_000_000));
    assert.ok(pulled < 20, `${pulled} pieces`);
    for (let second = 0; second < 33; second++) await bench.advance(1000);
    assert.equal(client.heard(1).at(-1), "reset 8");
    assert.deepEqual(bench.finished.map(({ status }) => status), [499]);
  });
});

test("Http2Connection gives slow clients the time that HTTP/1 gives them", () =>
  onHttp2({ transport: { responseHeaderTimeoutMs: 0 } }, async ({ bench, connect }) => {
    const silent = connect();
    const idle = connect();
    const stalled = connect();
    await idle.send(hello, ack, headers(1, [...get.slice(0, 3), [":path", "/%zz"]]));
    await stalled.send(hello, ack, headers(1, post, 0), data(1, "x"));
    for (let second = 0; second < 12; second++) await bench.advance(1000);
    assert.equal(silent.peer.closed || silent.peer.ended, true);
    for (let second = 0; second < 52; second++) await bench.advance(1000);
    assert.deepEqual(stalled.heard(1)[0], ":status: 408");
    assert.equal(idle.goAway, undefined);
    for (let second = 0; second < 125; second++) await bench.advance(1000);
    assert.equal(idle.goAway, 0);
    assert.equal(idle.peer.ended, true);
  }));

test("HttpServer.drain() lets HTTP/2 requests under way finish", () =>
  onHttp2({}, async ({ bench, http, connect }) => {
    const client = connect();
    await client.send(hello, ack, headers(1, get));
    let drained = false;
    const done = http.drain().then(() => {
      drained = true;
    });
    await settled(600);
    assert.equal(drained, false);
    await client.send(frame(type.ping, ACK, 0, new Uint8Array(8)));
    bench.backend().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await settled(600);
    assert.deepEqual(client.heard(1).slice(-1), ["ok"]);
    assert.equal(client.peer.ended, true);
    client.peer.connection.end();
    await done;
  }));
