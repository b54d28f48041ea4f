// Against node:http2 as the peer, over real sockets, in both roles.

import assert from "node:assert/strict";
import http2 from "node:http2";
import net from "node:net";
import { test } from "node:test";
import { ClientSession } from "../../../src/http2/client-session.ts";
import { clientOptions, serverOptions } from "../../../src/http2/options.ts";
import { errorCode } from "../../../src/http2/protocol.ts";
import type { SessionHandler } from "../../../src/http2/session.ts";
import { ServerSession } from "../../../src/http2/server-session.ts";
import type { Http2Stream } from "../../../src/http2/stream.ts";
import type { ProxyError } from "../../../src/net/error.ts";
import { ProxyError as Gone } from "../../../src/net/error.ts";
import { HeardAnswer, policy } from "../../support/h2-sessions.ts";

const clock = {
  get now() {
    return performance.now();
  },
};
const BIG = 10_000_000;
/** Its default is 10 MB, which counts bodies that it hasn't sent yet. */
const memory = { maxSessionMemory: 100 };

interface Pumped {
  receive(chunk: Uint8Array): void;
  flush(): void;
  drained(): void;
  close(error: ProxyError): void;
}

/** What a session asks of its socket. */
function socketHandler(socket: net.Socket, session: () => Pumped): SessionHandler {
  return {
    write: (bytes) => socket.write(bytes) || socket.writableLength === 0,
    wake: () => queueMicrotask(() => session().flush()),
    over: () => socket.end(),
  };
}

function pump(socket: net.Socket, session: Pumped): void {
  socket.on("data", (chunk: Uint8Array) => session.receive(chunk));
  socket.on("drain", () => session.drained());
  socket.on("error", () => undefined);
  socket.on("close", () => {
    session.close(new Gone("closed", { code: "closed", source: "upstream", status: 502 }));
  });
  session.flush();
}

/** Echoes bodies, then says how long they were, in trailers. */
class Echo {
  readonly #stream: Http2Stream;
  #size = 0;
  #held = 0;
  #ended = false;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
  }

  data(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#stream.write(bytes)) this.#stream.consumed(bytes.length);
    else this.#held += bytes.length;
  }

  end(): void {
    this.#ended = true;
    if (this.#held === 0) this.#stream.end(`X-Size: ${this.#size}\r\n`);
  }

  drain(): void {
    this.#stream.consumed(this.#held);
    this.#held = 0;
    if (this.#ended) this.#stream.end(`X-Size: ${this.#size}\r\n`);
  }

  stalled(): void {}
  closed(): void {}
}

interface Served {
  readonly port: number;
  readonly sessions: ServerSession[];
  readonly aborted: string[];
  close(): Promise<void>;
}

function serve(): Promise<Served> {
  const sessions: ServerSession[] = [];
  const sockets = new Set<net.Socket>();
  const aborted: string[] = [];
  const server = net.createServer((socket) => {
    sockets.add(socket);
    const session: ServerSession = new ServerSession(
      {
        ...socketHandler(socket, () => session),
        request(stream, head, hasBody) {
          if (head.path === "/echo") stream.handler = new Echo(stream);
          else {
            const answer = new HeardAnswer();
            answer.closed = (error) => {
              if (error !== undefined) aborted.push(error.code);
            };
            stream.handler = answer;
          }
          if (head.path === "/wait") return { begin: () => undefined };
          stream.respond(200, `Content-Type: text/plain\r\nX-Method: ${head.method}\r\n`, false);
          if (!hasBody) stream.write(new TextEncoder().encode(head.path), true);
          return { begin: () => undefined };
        },
        refused: (stream, error) => stream.respond(error.status, "", true),
        malformed: () => undefined,
      },
      ...[policy, serverOptions, clock] as const,
    );
    sessions.push(session);
    pump(socket, session);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const close = () =>
        new Promise<void>((closed) => {
          for (const socket of sockets) socket.destroy();
          server.close(() => closed());
        });
      resolve({ port, sessions, aborted, close });
    });
  });
}

interface Got {
  readonly status: number;
  readonly body: Buffer;
  readonly trailers: http2.IncomingHttpHeaders | undefined;
}

function ask(client: http2.ClientHttp2Session, head: http2.OutgoingHttpHeaders, body?: Buffer): Promise<Got> {
  return new Promise((resolve, reject) => {
    const stream = client.request(head, { endStream: body === undefined });
    const parts: Buffer[] = [];
    let [status, trailers]: [number, http2.IncomingHttpHeaders | undefined] = [0, undefined];
    stream.on("response", (headers) => {
      status = Number(headers[":status"]);
    });
    stream.on("trailers", (headers) => {
      trailers = headers;
    });
    stream.on("data", (chunk: Buffer) => parts.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => resolve({ status, body: Buffer.concat(parts), trailers }));
    if (body !== undefined) stream.end(body);
  });
}

test("ServerSession serves a node:http2 client: GET, many at once, 10 MB both ways, trailers", async () => {
  const served = await serve();
  const client = http2.connect(`http://127.0.0.1:${served.port}`, memory);
  try {
    const all = await Promise.all(Array.from({ length: 60 }, (_, index) => ask(client, { ":path": `/p${index}` })));
    assert.deepEqual(all.map(({ status, body }) => `${status} ${body}`), all.map((_, index) => `200 /p${index}`));
    const big = Buffer.alloc(BIG, "0123456789");
    const echoed = await ask(client, { ":path": "/echo", ":method": "POST" }, big);
    assert.ok(echoed.body.equals(big));
    assert.equal(echoed.trailers?.["x-size"], String(BIG));
  } finally {
    client.destroy();
    await served.close();
  }
});

test("ServerSession carries a stream of messages both ways, as gRPC's", async () => {
  const served = await serve();
  const client = http2.connect(`http://127.0.0.1:${served.port}`, memory);
  try {
    const stream = client.request({ ":path": "/echo", ":method": "POST", "content-type": "application/grpc" });
    const ended = new Promise<string>((resolve, reject) => {
      stream.on("trailers", (headers) => resolve(String(headers["x-size"])));
      stream.on("error", reject);
    });
    for (let turn = 0; turn < 5; turn++) {
      const heard = new Promise<string>((resolve) => stream.once("data", (chunk: Buffer) => resolve(chunk.toString())));
      stream.write(`message ${turn}`);
      assert.equal(await heard, `message ${turn}`);
    }
    stream.end();
    assert.equal(await ended, String(5 * "message 0".length));
  } finally {
    client.destroy();
    await served.close();
  }
});

test("ServerSession hears that a node:http2 client cancels, and the client that it goes away", async () => {
  const served = await serve();
  const client = http2.connect(`http://127.0.0.1:${served.port}`, memory);
  try {
    const stream = client.request({ ":path": "/wait" });
    await ask(client, { ":path": "/" });
    const closed = new Promise<void>((resolve) => stream.on("close", () => resolve()));
    stream.close(errorCode.cancel);
    await closed;
    await ask(client, { ":path": "/" });
    assert.deepEqual(served.aborted, ["client-gone"]);
    const gone = new Promise<void>((resolve) => client.on("close", () => resolve()));
    served.sessions[0]?.shutdown();
    await gone;
  } finally {
    client.destroy();
    await served.close();
  }
});

interface Origin {
  readonly port: number;
  readonly server: http2.Http2Server;
  close(): Promise<void>;
}

function listen(
  handle: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void,
): Promise<Origin> {
  const server = http2.createServer(memory);
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    handle(stream, headers);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const close = () =>
        new Promise<void>((closed) => {
          for (const session of sessions) session.destroy();
          server.close(() => closed());
        });
      resolve({ port, server, close });
    });
  });
}

/** A client over a socket, and how its answers are waited for. */
function connect(port: number): Promise<{ readonly session: ClientSession; readonly socket: net.Socket }> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      const session: ClientSession = new ClientSession(
        { ...socketHandler(socket, () => session), available: () => undefined, pong: () => undefined },
        ...[clientOptions, clock] as const,
      );
      pump(socket, session);
      resolve({ session, socket });
    });
    socket.once("error", reject);
  });
}

class WaitedAnswer extends HeardAnswer {
  readonly done: Promise<void>;
  #resolve: () => void = () => undefined;
  size = 0;

  constructor() {
    super();
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  override data(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.size < 1000) this.body += Buffer.from(bytes).toString();
    this.stream?.consumed(bytes.length);
  }

  override closed(error: ProxyError | undefined): void {
    super.closed(error);
    this.#resolve();
  }
}

const request = { method: "GET", scheme: "http", authority: "a.test", path: "/", text: "X-A: 1\r\n" };

test("ClientSession asks a node:http2 server: many at once, 10 MB down, trailers", async () => {
  const origin = await listen((stream, headers) => {
    stream.respond({ ":status": 200, "x-path": headers[":path"] ?? "", "x-a": headers["x-a"] ?? "" }, {
      waitForTrailers: true,
    });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(headers[":path"] === "/big" ? Buffer.alloc(BIG, "x") : "small");
  });
  const { session, socket } = await connect(origin.port);
  try {
    const answers = Array.from({ length: 50 }, (_, index) => {
      const answer = new WaitedAnswer();
      answer.stream = session.open({ ...request, path: index === 7 ? "/big" : `/${index}` }, true, answer);
      return answer;
    });
    await Promise.all(answers.map((answer) => answer.done));
    for (const [index, answer] of answers.entries()) {
      assert.deepEqual([answer.status, answer.error], [200, undefined]);
      assert.equal(answer.trailers, "grpc-status: 0\r\n");
      assert.equal(answer.size, index === 7 ? BIG : 5);
      assert.ok(answer.headers.includes("x-a: 1\r\n"), answer.headers);
    }
  } finally {
    socket.destroy();
    await origin.close();
  }
});

test("ClientSession uploads 10 MB to a node:http2 server", async () => {
  const origin = await listen((stream) => {
    let size = 0;
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
    });
    stream.on("end", () => {
      stream.respond({ ":status": 200 });
      stream.end(String(size));
    });
  });
  const { session, socket } = await connect(origin.port);
  try {
    const answer = new WaitedAnswer();
    const stream = session.open({ ...request, method: "POST" }, false, answer);
    answer.stream = stream;
    let left = BIG;
    const send = () => {
      while (left > 0) {
        const part = Math.min(left, 50_000);
        left -= part;
        if (stream?.write(new Uint8Array(part), left === 0) !== true) return;
      }
    };
    answer.drain = send;
    send();
    await answer.done;
    assert.deepEqual([answer.status, answer.body, answer.error], [200, String(BIG), undefined]);
  } finally {
    socket.destroy();
    await origin.close();
  }
});

test("ClientSession hears resets and GOAWAY of a node:http2 server", async () => {
  const origin = await listen((stream, headers) => {
    if (headers[":path"] === "/reset") stream.close(errorCode.internal);
    else {
      stream.respond({ ":status": 200 });
      stream.end("ok");
      stream.session?.close();
    }
  });
  const { session, socket } = await connect(origin.port);
  try {
    const [broken, good] = [new WaitedAnswer(), new WaitedAnswer()];
    session.open({ ...request, path: "/reset" }, true, broken);
    await broken.done;
    assert.equal(broken.error?.source, "upstream"); // Bun's server sends DATA without a head before it resets
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    good.stream = session.open(request, true, good);
    await good.done;
    assert.deepEqual([good.body, good.error], ["ok", undefined]);
    await closed;
    assert.equal(session.canEverOpen, false);
  } finally {
    socket.destroy();
    await origin.close();
  }
});
