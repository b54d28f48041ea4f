// A handler on an address, with weir's own HTTP/1.1 server: for everything that is no entry point.

import type { HttpServe } from "../http/http-serve.ts";
import { requestLimits } from "../http1/limits.ts";
import { toLatin1 } from "../net/bytes.ts";
import type { Connection } from "../net/connection.ts";
import { Deadlines } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import { Peek, type PeekOwner } from "../net/peek.ts";
import type { Runtime } from "../net/runtime.ts";
import { type TcpHandler, TcpSession } from "../net/tcp-session.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http1Server } from "./http1-server.ts";

const CLOSE_GRACE_MS = 500;

/** @param failed told of handlers that failed */
export function createServeHttp(runtime: Runtime, failed: (error: ProxyError) => void): HttpServe {
  const deadlines = new Deadlines();
  return async ({ host, port, otherwise }, handler) => {
    const server = new Http1Server(serverOptions(runtime, failed), deadlines, handler);
    const sessions = new Set<TcpSession>();
    const accept = otherwise === undefined
      ? (connection: Connection) => server.serve(connection)
      : (connection: Connection) => new HttpOrNot(connection, deadlines, server, keeping(sessions, otherwise)).begin();
    const listener = await runtime.listen({ host, port }, accept);
    return {
      port: listener.port,
      async close() {
        const freed = listener.close();
        for (const session of sessions) session.cut();
        const drained = server.drain();
        const cut = setTimeout(() => server.destroy(), CLOSE_GRACE_MS);
        await drained;
        clearTimeout(cut);
        await freed;
      },
    };
  };
}

function keeping(sessions: Set<TcpSession>, handler: TcpHandler): TcpHandler {
  return (session) => {
    sessions.add(session);
    session.onOver(() => sessions.delete(session));
    handler(session);
  };
}

/** Looks at the first bytes of a connection: is it HTTP? */
class HttpOrNot implements PeekOwner {
  readonly #connection: Connection;
  readonly #deadlines: Deadlines;
  readonly #server: Http1Server;
  readonly #otherwise: TcpHandler;

  constructor(connection: Connection, deadlines: Deadlines, server: Http1Server, otherwise: TcpHandler) {
    this.#connection = connection;
    this.#deadlines = deadlines;
    this.#server = server;
    this.#otherwise = otherwise;
  }

  begin(): void {
    new Peek(this.#connection, { deadlines: this.#deadlines, timeoutMs: 0, limit: FIRST_BYTES }, this);
  }

  look(peek: Peek): void {
    const start = toLatin1(peek.bytes, 0, Math.min(peek.bytes.length, FIRST_BYTES));
    if (methods.some((method) => start.startsWith(method))) {
      const { ended } = peek;
      this.#server.serve(this.#connection, { bytes: peek.take(), ended });
    } else if (!methods.some((method) => method.startsWith(start))) this.#isNot(peek);
  }

  end(peek: Peek): void {
    this.#isNot(peek);
  }

  expire(): void {
    // there is no deadline
  }

  full(peek: Peek): void {
    this.#isNot(peek);
  }

  close(): void {
    // nothing was begun
  }

  #isNot(peek: Peek): void {
    const { ended } = peek;
    const first = peek.take();
    this.#otherwise(new TcpSession(this.#connection, { entryPoint: "", idleMs: 0, first, ended }));
  }
}

const methods = ["GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT "];
const FIRST_BYTES = 16;

function serverOptions(runtime: Runtime, failed: (error: ProxyError) => void): Http1Options {
  return {
    entryPoint: "",
    policy: { scheme: "http", limits: requestLimits, sanitizePath: true, encodedFilter: undefined },
    forwarded: { underscore: "keep", serverName: runtime.hostname, addSchemeHeaders: false },
    appendsForwardedFor: true,
    encodeQuerySemicolons: false,
    keepAliveMaxRequests: 0,
    upgrades: new Set(["websocket"]),
    timeouts: {
      headMs: 10_000,
      bodyIdleMs: 60_000,
      writeIdleMs: 60_000,
      keepAliveMs: 180_000,
      readMs: 0,
      writeMs: 0,
      keepAliveMaxMs: 0,
      tunnelIdleMs: 3_600_000,
    },
    trusts: () => true, // loopback only, and whoever asks wants to see what was sent
    finished: () => undefined,
    failed,
    refused: () => undefined,
  };
}
