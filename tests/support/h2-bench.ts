// weir between frame-level HTTP/2 clients and a backend that remembers what it saw.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:tls";
import { H2Client } from "./h2-client.ts";
import { get, type Pair } from "./h2-frames.ts";
import { H2_HOST, type H2Proxy, withH2Proxy } from "./h2-proxy.ts";
import type { RuntimeCommand } from "./runtimes.ts";
import { plainAnswer, type ScriptedBackend, type Seen, startScripted } from "./scripted-backend.ts";

const BIG = "x".repeat(1024 * 1024);

/** What a test works with. */
export interface H2Bench extends H2Proxy {
  readonly backend: ScriptedBackend;
  /** Requests that the backend saw, but for those of good clients. */
  readonly seen: readonly Seen[];
  open(): Promise<H2Client>;
  /** The same over TLS. */
  openSecure(): Promise<H2Client>;
}

/** A request that good clients make. */
export const good: readonly Pair[] = [...get.slice(0, 3), [":path", "/good"]];
/** One that is never answered. */
export const held: readonly Pair[] = [...get.slice(0, 3), [":path", "/held"]];
/** One for an answer of 1 MiB. */
export const big: readonly Pair[] = [...get.slice(0, 3), [":path", "/big"]];

/** Starts both, lets a test use them, and stops them. @param flags of weir */
export async function withH2Bench(
  runtime: RuntimeCommand,
  use: (bench: H2Bench) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  const seen: Seen[] = [];
  const backend = await startScripted({
    request: (request) => {
      const { path, socket } = request;
      if (path !== "/good") seen.push(request);
      if (path === "/big") socket.write(plainAnswer(BIG));
      else if (path !== "/held") socket.write(plainAnswer("ok"));
    },
  });
  const clients: H2Client[] = [];
  const keep = (client: H2Client): H2Client => {
    clients.push(client);
    return client;
  };
  try {
    await withH2Proxy(runtime, { servers: [backend.url], flags }, (proxy) =>
      use({
        ...proxy,
        backend,
        seen,
        open: async () => keep(await H2Client.open(proxy.port)),
        openSecure: async () => {
          const options = { host: "127.0.0.1", port: proxy.port, servername: H2_HOST, ca: proxy.ca };
          const socket = connect({ ...options, ALPNProtocols: ["h2"] });
          await once(socket, "secureConnect");
          assert.equal(socket.alpnProtocol, "h2");
          return keep(H2Client.over(socket));
        },
      }));
  } finally {
    for (const client of clients) client.destroy();
    await backend.close();
  }
}
