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

/** All that is asked of the system. */
type Listening = Pick<Runtime, "hostname" | "listen">;

/** @param failed told of handlers that failed */
export function createServeHttp(runtime: Listening, failed: (error: ProxyError) => void): HttpServe {
  const deadlines = new Deadlines();
  return async ({ host, port, otherwise }, handler) => {
    const server = new Http1Server(serverOptions(runtime, failed), deadlines, handler);
    const others = new Set<Cuttable>();
    const accept = otherwise === undefined
      ? (connection: Connection) => server.serve(connection)
      : (connection: Connection) => new HttpOrNot(connection, { deadlines, server, others, otherwise }).begin();
    const listener = await runtime.listen({ host, port }, accept);
    return {
      port: listener.port,
      async close() {
        const freed = listener.close();
        for (const each of others) each.cut();
        const drained = server.drain();
        const cut = setTimeout(() => server.destroy(), CLOSE_GRACE_MS);
        await drained;
        clearTimeout(cut);
        await freed;
      },
    };
  };
}

interface Cuttable {
  cut(): void;
}

/** Whom a connection may go to. */
interface Choice {
  readonly deadlines: Deadlines;
  readonly server: Http1Server;
  /** Connections that are not the server's, or not yet. */
  readonly others: Set<Cuttable>;
  readonly otherwise: TcpHandler;
}

/** Looks at the first bytes of a connection: is it HTTP? */
class HttpOrNot implements PeekOwner {
  readonly #connection: Connection;
  readonly #choice: Choice;

  constructor(connection: Connection, choice: Choice) {
    this.#connection = connection;
    this.#choice = choice;
  }

  begin(): void {
    const { deadlines, others } = this.#choice;
    others.add(this);
    new Peek(this.#connection, { deadlines, timeoutMs: 0, limit: FIRST_BYTES }, this);
  }

  cut(): void {
    this.#connection.reset();
  }

  look(peek: Peek): void {
    const start = toLatin1(peek.bytes, 0, Math.min(peek.bytes.length, FIRST_BYTES));
    if (methods.some((method) => start.startsWith(method))) {
      const { ended } = peek;
      this.#choice.others.delete(this);
      this.#choice.server.serve(this.#connection, { bytes: peek.take(), ended });
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
    this.#choice.others.delete(this);
  }

  #isNot(peek: Peek): void {
    const { ended } = peek;
    const first = peek.take();
    const session = new TcpSession(this.#connection, { entryPoint: "", idleMs: 0, first, ended });
    const { others, otherwise } = this.#choice;
    others.delete(this);
    others.add(session);
    session.onOver(() => others.delete(session));
    otherwise(session);
  }
}

const methods = ["GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT "];
const FIRST_BYTES = 16;

function serverOptions(runtime: Listening, failed: (error: ProxyError) => void): Http1Options {
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
