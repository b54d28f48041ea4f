// HTTP/2 over real sockets, from client to backend: streams of messages both ways, and floods beside a good client.

import assert from "node:assert/strict";
import http2 from "node:http2";
import net from "node:net";
import { test } from "node:test";
import { SocketConnection } from "../../../adapters/shared/connection.ts";
import { HttpServer } from "../../../src/entrypoint/http-server.ts";
import type { Http1Options } from "../../../src/entrypoint/http1-server.ts";
import { Http1Server } from "../../../src/entrypoint/http1-server.ts";
import { Http2Server } from "../../../src/entrypoint/http2-server.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { textResponse } from "../../../src/http/response.ts";
import { requestLimits } from "../../../src/http1/limits.ts";
import { errorCode } from "../../../src/http2/protocol.ts";
import { serverOptions } from "../../../src/http2/options.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import type { DialHandler } from "../../../src/net/runtime.ts";
import { Http2Transport } from "../../../src/service/http2-transport.ts";
import { H2Client } from "../../support/h2-client.ts";
import { codeOf, get, headers, hello, reset, type } from "../../support/h2-frames.ts";

function optionsOf(): Http1Options {
  return {
    entryPoint: "web",
    policy: { scheme: "http", limits: requestLimits, sanitizePath: true, encodedFilter: undefined },
    forwarded: { underscore: "keep", serverName: "weir", addSchemeHeaders: false },
    appendsForwardedFor: true,
    encodeQuerySemicolons: false,
    timeouts: {
      ...{ headMs: 10_000, bodyIdleMs: 60_000, writeIdleMs: 60_000, keepAliveMs: 180_000, tunnelIdleMs: 0 },
      ...{ readMs: 0, writeMs: 0, keepAliveMaxMs: 0 },
    },
    keepAliveMaxRequests: 0,
    upgrades: new Set(["websocket"]),
    trusts: () => false,
    finished: () => undefined,
    failed: () => undefined,
    refused: () => undefined,
  };
}

function listen(server: net.Server | http2.Http2Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** Runs a script against a server on a port. */
async function onServer(
  handler: Handler,
  deadlines: Deadlines,
  script: (port: number) => Promise<void>,
): Promise<void> {
  const options = optionsOf();
  const http = new HttpServer(
    new Http1Server(options, deadlines, handler),
    new Http2Server(options, serverOptions, deadlines, handler),
  );
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    http.serve(new SocketConnection(socket, "downstream"));
  });
  const port = await listen(server);
  try {
    await script(port);
  } finally {
    http.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

const STREAMS = 20_000;

test("HttpServer serves a second client throughout a rapid reset, little of which reaches the handler", async () => {
  const rapid = new Set<string>();
  let served = 0;
  const handler: Handler = (request) => {
    if (request.authority === "good.test") served++;
    else rapid.add(request.path);
    return new Promise((resolve) => setImmediate(() => resolve(textResponse(200, "ok"))));
  };
  await onServer(handler, new Deadlines(), async (port) => {
    const [good, bad] = [await H2Client.open(port), await H2Client.open(port)];
    try {
      good.send(hello);
      bad.send(hello);
      for (let turn = 0; turn < STREAMS && !bad.closed; turn++) {
        const fields = [...get.slice(0, 3), [":path", `/${turn}`] as const];
        bad.send(headers(2 * turn + 1, fields), reset(2 * turn + 1));
        if (turn % 1000 !== 0) continue;
        const stream = turn / 500 + 1;
        good.send(
          headers(stream, [get[0] ?? ["", ""], [":scheme", "http"], [":authority", "good.test"], [":path", "/"]]),
        );
        const answer = await good.answer(stream);
        assert.deepEqual([answer.status, answer.body], [200, "ok"]);
      }
      await bad.until(() => bad.closed, "the end of the flood");
      const goAway = bad.frames.find((found) => found.type === type.goAway);
      assert.equal(goAway === undefined ? errorCode.enhanceYourCalm : codeOf(goAway), errorCode.enhanceYourCalm);
      assert.ok(rapid.size <= 101, `${rapid.size} requests`);
      assert.ok(served > 0);
    } finally {
      good.destroy();
      bad.destroy();
    }
  });
});

/** The four shapes of a gRPC call, by path: what the backend answers to the messages it gets. */
function call(stream: http2.ServerHttp2Stream, path: string): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-shape": path.slice(1) }));
  const messages: string[] = [];
  const answersEach = path === "/duplex";
  stream.on("data", (chunk: Buffer) => {
    messages.push(chunk.toString());
    if (answersEach) stream.write(`got ${chunk};`);
  });
  stream.on("end", () => {
    if (path === "/server-stream") {
      for (let turn = 0; turn < 3; turn++) stream.write(`${messages.join("")}${turn};`);
    } else if (!answersEach) stream.write(`${messages.join("")};`);
    stream.end();
  });
}

const shapes: readonly (readonly [string, readonly string[], string])[] = [
  ["/unary", ["a"], "a;"],
  ["/client-stream", ["a", "b", "c"], "abc;"],
  ["/server-stream", ["a"], "a0;a1;a2;"],
  ["/duplex", ["a", "b"], "got a;got b;"],
];

test("Http2Connection and Http2Transport carry all four shapes of gRPC calls, with trailers", async () => {
  const sessions = new Set<http2.ServerHttp2Session>();
  const origin = http2.createServer();
  origin.on("session", (session) => sessions.add(session));
  origin.on("stream", (stream, fields) => {
    stream.on("error", () => undefined);
    call(stream, String(fields[":path"]));
  });
  const port = await listen(origin);
  const deadlines = new Deadlines();
  const dial = (wanted: { readonly host: string; readonly port: number }, handler: DialHandler) => {
    const socket = net.connect({ host: wanted.host, port: wanted.port, allowHalfOpen: true }, () => {
      handler.open(new SocketConnection(socket, "upstream"));
    });
    return { cancel: () => void socket.destroy() };
  };
  const transport = new Http2Transport({ dial }, deadlines, {
    ...{ dialTimeoutMs: 1000, responseHeaderTimeoutMs: 0, idleTimeoutMs: 0, maxLifeMs: 0, maxIdlePerHost: 1 },
    ...{ readIdleTimeoutMs: 0, pingTimeoutMs: 0 },
  });
  const target = {
    ...{ url: `h2c://127.0.0.1:${port}`, host: "127.0.0.1", port, authority: `127.0.0.1:${port}` },
    ...{ pathPrefix: "", passHostHeader: true },
  };
  try {
    await onServer((request) => transport.send(request, target), deadlines, async (proxy) => {
      const client = http2.connect(`http://127.0.0.1:${proxy}`);
      try {
        for (const [path, messages, wanted] of shapes) {
          const stream = client.request({ ":path": path, ":method": "POST", te: "trailers" });
          let answer = "";
          const trailers = new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
            stream.on("trailers", resolve);
            stream.on("error", reject);
          });
          const ended = new Promise<void>((resolve) => stream.on("end", () => resolve()));
          stream.on("data", (chunk: Buffer) => {
            answer += chunk.toString();
          });
          for (const message of messages) {
            stream.write(message);
            if (path === "/duplex") await new Promise((resolve) => stream.once("data", resolve));
          }
          stream.end();
          assert.deepEqual([(await trailers)["grpc-status"], (await trailers)["x-shape"]], ["0", path.slice(1)]);
          await ended;
          assert.equal(answer, wanted, path);
        }
      } finally {
        client.destroy();
      }
    });
  } finally {
    transport.dispose();
    for (const session of sessions) session.destroy();
    await new Promise<void>((resolve) => origin.close(() => resolve()));
  }
});
