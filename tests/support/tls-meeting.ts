// Connections over TLS under test: accepted ones through the peek and a SecureServer, dialled ones by Runtime.dial.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import * as tls from "node:tls";
import { type ClientHello, ClientHelloReader } from "../../src/net/client-hello.ts";
import type { Connection } from "../../src/net/connection.ts";
import { Deadlines } from "../../src/net/deadlines.ts";
import { Peek } from "../../src/net/peek.ts";
import type { Listener } from "../../src/net/runtime.ts";
import type { ProxyError } from "../../src/net/error.ts";
import type { DialTls, SecureServer, SecureSettings, TlsFacts, TlsIdentity } from "../../src/net/tls.ts";
import { type Authority, createAuthority } from "./private-authority.ts";
import { passReadStops } from "../../adapters/deno/tls-quirk.ts";
import { wasReset } from "../../adapters/shared/was-reset.ts";
import { runtime } from "#runtime";

/** What the tests of one file share; made once per process, and removed when it ends. */
export interface TlsWorld {
  readonly authority: Authority;
  /** For `a.test`, `*.wild.test` and 127.0.0.1. */
  readonly identity: TlsIdentity;
  readonly other: TlsIdentity;
  readonly client: TlsIdentity;
}

let world: Promise<TlsWorld> | undefined = undefined;

/** @returns the world, with its files already removed */
export function tlsWorld(): Promise<TlsWorld> {
  world ??= createWorld();
  return world;
}

async function createWorld(): Promise<TlsWorld> {
  const authority = await createAuthority();
  const names = "DNS:a.test,DNS:*.wild.test,IP:127.0.0.1,URI:spiffe://cluster.local/ns/a/sa/b";
  const identity = runtime.loadIdentity(await authority.issue({ subject: "a.test", names }));
  const other = runtime.loadIdentity(
    await authority.issue({ subject: "other.test", names: "DNS:other.test", algorithm: "rsa" }),
  );
  const client = runtime.loadIdentity(await authority.issue({ subject: "client", names: "DNS:client" }));
  await authority.remove();
  return { authority, identity, other, client };
}

/** Settings with which everything works. */
export function settingsFor(identity: TlsIdentity, more: Partial<SecureSettings> = {}): SecureSettings {
  return { clientAuth: "NoClientCert", handshakeTimeoutMs: 5000, choose: () => identity, ...more };
}

/** How a handshake ended. */
export type Outcome =
  | { readonly connection: Connection; readonly facts: TlsFacts; readonly hello: ClientHello }
  | { readonly error: ProxyError };

/** A listener that speaks TLS only, and what became of each client. */
export interface SecureListener {
  readonly port: number;
  readonly listener: Listener;
  /** The next client, in the order in which handshakes end. */
  next(): Promise<Outcome>;
}

/** Opens it. The caller closes the listener. */
export async function listenSecure(server: SecureServer | (() => SecureServer)): Promise<SecureListener> {
  const outcomes: Outcome[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  const tell = (outcome: Outcome) => {
    const first = waiting.shift();
    if (first === undefined) outcomes.push(outcome);
    else first(outcome);
  };
  const deadlines = new Deadlines();
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0, mayUpgrade: true }, (connection) => {
    const reader = new ClientHelloReader();
    new Peek(connection, { deadlines, timeoutMs: 5000, limit: 65536 }, {
      look: (peek) => {
        const result = reader.read(peek.bytes);
        if (result.kind === "more") return;
        if (result.kind !== "hello") return connection.reset();
        const { hello } = result;
        const secure = typeof server === "function" ? server() : server;
        secure.accept(connection, { bytes: peek.take(), hello }, {
          open: (secured, facts) => tell({ connection: secured, facts, hello }),
          fail: (error) => tell({ error }),
        });
      },
      end: () => connection.destroy(),
      expire: () => connection.reset(),
      full: () => connection.reset(),
      close: () => {},
    });
  });
  return {
    port: listener.port,
    listener,
    next: () => {
      const first = outcomes.shift();
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
  };
}

/** A TLS peer of node:tls whose reset reaches TCP, whose pause does too, and that tells resets, on every runtime. */
export function asPeer(socket: tls.TLSSocket, carrier: Socket): Socket {
  carrier.on("error", () => {});
  socket.on("error", () => {});
  passReadStops(socket);
  socket.on("end", () => {
    if (wasReset(carrier)) {
      socket.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    }
  });
  if (runtime.name === "bun") return socket; // its own reset works
  socket.resetAndDestroy = () => {
    carrier.resetAndDestroy();
    return socket.destroy();
  };
  return socket;
}

/** An accepted connection over TLS that meets a peer of node:tls. */
export async function meetAcceptedSecure(): Promise<{ subject: Connection; peer: Socket; close(): Promise<void> }> {
  const { identity, authority } = await tlsWorld();
  const secure = await listenSecure(runtime.secureServer(settingsFor(identity)));
  const carrier = connect({ host: "127.0.0.1", port: secure.port, allowHalfOpen: true, noDelay: true });
  await once(carrier, "connect");
  const socket = tls.connect({ socket: carrier, servername: "a.test", ca: authority.ca });
  const [outcome] = await Promise.all([secure.next(), once(socket, "secureConnect")]);
  if ("error" in outcome) throw outcome.error;
  const { connection } = outcome;
  const peer = asPeer(socket, carrier);
  const close = async () => {
    peer.destroy();
    connection.destroy();
    await secure.listener.close();
  };
  return { subject: connection, peer, close };
}

/** Dials TLS as a promise. */
export function dialSecure(
  port: number,
  more: Partial<DialTls> = {},
  timeoutMs = 5000,
): Promise<{ connection: Connection; facts: TlsFacts | undefined }> {
  return new Promise((resolve, fail) => {
    const options = { host: "127.0.0.1", port, timeoutMs, tls: { serverName: "a.test", ...more } };
    runtime.dial(options, { open: (connection, facts) => resolve({ connection, facts }), fail });
  });
}

/** A dialled connection over TLS that meets a peer of node:tls. */
export async function meetDialledSecure(): Promise<{ subject: Connection; peer: Socket; close(): Promise<void> }> {
  const { identity, authority } = await tlsWorld();
  const context = tls.createSecureContext({ cert: identity.cert, key: identity.key });
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = Promise.withResolvers<Socket>();
  server.once("connection", (carrier) => {
    const socket = new tls.TLSSocket(carrier, { isServer: true, secureContext: context });
    socket.once("secure", () => accepted.resolve(asPeer(socket, carrier)));
    socket.on("error", accepted.reject);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const [{ connection }, peer] = await Promise.all([dialSecure(port, { ca: authority.ca }), accepted.promise]);
  const close = () => {
    peer.destroy();
    connection.destroy();
    server.close();
    return Promise.resolve();
  };
  return { subject: connection, peer, close };
}
