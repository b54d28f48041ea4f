// A handler on an address, with weir's own HTTP/1.1 server: for everything that is no entry point.

import type { HttpServe } from "../http/http-serve.ts";
import { requestLimits } from "../http1/limits.ts";
import { Deadlines } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http1Server } from "./http1-server.ts";

const CLOSE_GRACE_MS = 500;

/** @param failed told of handlers that failed */
export function createServeHttp(runtime: Runtime, failed: (error: ProxyError) => void): HttpServe {
  const deadlines = new Deadlines();
  return async ({ host, port }, handler) => {
    const server = new Http1Server(serverOptions(runtime, failed), deadlines, handler);
    const listener = await runtime.listen({ host, port }, (connection) => server.serve(connection));
    return {
      port: listener.port,
      async close() {
        const freed = listener.close();
        const drained = server.drain();
        const cut = setTimeout(() => server.destroy(), CLOSE_GRACE_MS);
        await drained;
        clearTimeout(cut);
        await freed;
      },
    };
  };
}

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
