// What the contract tests share: a connection under test that meets an independent node:net peer, and a handler that records.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Connection, ConnectionHandler } from "../../src/net/connection.ts";
import type { ProxyError } from "../../src/net/error.ts";
import { meetAcceptedSecure, meetDialledSecure } from "./tls-meeting.ts";
import { runtime } from "#runtime";

/** How the connection under test came to be: all ways are one contract. A runtime may dial a known address otherwise. */
export const ROLES = [
  "accepted",
  "dialled",
  "dialled again",
  "accepted for upgrade",
  "accepted over TLS",
  "dialled over TLS",
] as const;

/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** A connection under test, its peer, and the way to end both. */
export interface Meeting {
  readonly subject: Connection;
  readonly peer: Socket;
  close(): Promise<void>;
}

/** Connects the connection under test with a node:net peer that stays open when it sees a FIN. */
export function meet(role: Role): Promise<Meeting> {
  if (role === "accepted over TLS") return meetAcceptedSecure();
  if (role === "dialled over TLS") return meetDialledSecure();
  if (role.startsWith("accepted")) return meetAccepted(role === "accepted for upgrade");
  return meetDialled(role === "dialled again");
}

async function meetAccepted(mayUpgrade: boolean): Promise<Meeting> {
  const accepted = Promise.withResolvers<Connection>();
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0, mayUpgrade }, accepted.resolve);
  const peer = connect({ host: "127.0.0.1", port: listener.port, allowHalfOpen: true, noDelay: true });
  peer.on("error", () => {});
  const [subject] = await Promise.all([accepted.promise, once(peer, "connect")]);
  const close = async () => {
    peer.destroy();
    subject.destroy();
    await listener.close();
  };
  return { subject, peer, close };
}

async function meetDialled(again: boolean): Promise<Meeting> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server.address());
  if (again) await greet(server, port);
  const accepted = Promise.withResolvers<Socket>();
  server.once("connection", accepted.resolve);
  const subject = await dial("127.0.0.1", port);
  const peer = await accepted.promise;
  peer.on("error", () => {});
  const close = () => {
    peer.destroy();
    subject.destroy();
    server.close();
    return Promise.resolve();
  };
  return { subject, peer, close };
}

/** One connection that comes and goes. */
async function greet(server: Server, port: number): Promise<void> {
  const accepted = once(server, "connection");
  const connection = await dial("127.0.0.1", port);
  const [peer] = await accepted;
  connection.destroy();
  peer.on("error", () => {}).destroy();
}

/** Dials as a promise. */
export function dial(host: string, port: number, timeoutMs = 5000): Promise<Connection> {
  return new Promise((open, fail) => void runtime.dial({ host, port, timeoutMs }, { open, fail }));
}

/** @returns the port of `server.address()` */
export function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** What a handler can be told. */
export type Told = "data" | "drain" | "end" | "close";

/** A handler that remembers what it was told, and lets tests wait for it. */
export class Recorder implements ConnectionHandler {
  readonly told: Told[] = [];
  readonly chunks: Uint8Array[] = [];
  bytes = 0;
  error: ProxyError | undefined = undefined;
  /** Called within `data`, for tests that act from there. */
  onData: ((chunk: Uint8Array) => void) | undefined = undefined;
  #waiting: { readonly is: () => boolean; readonly resolve: () => void }[] = [];

  get text(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  /** Resolves when `is` is true; looked at after each call. */
  until(is: () => boolean): Promise<void> {
    if (is()) return Promise.resolve();
    return new Promise((resolve) => void this.#waiting.push({ is, resolve }));
  }

  /** Resolves when the handler has been told so at least once. */
  untilTold(what: Told): Promise<void> {
    return this.until(() => this.told.includes(what));
  }

  data(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    this.#note("data");
    this.onData?.(chunk);
  }

  drain(): void {
    this.#note("drain");
  }

  end(): void {
    this.#note("end");
  }

  close(error?: ProxyError): void {
    this.error = error;
    this.#note("close");
  }

  #note(what: Told): void {
    this.told.push(what);
    const ready = this.#waiting.filter(({ is }) => is());
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const { resolve } of ready) resolve();
  }
}

/** Collects what a socket receives until its FIN. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks);
}

/**
 * Lets everything that is on its way over loopback arrive: turns of the event loop with a round trip each.
 * For tests of what must not happen.
 */
export async function settle(): Promise<void> {
  const { subject, peer, close } = await meet("dialled");
  const echo = new Recorder();
  subject.handle(echo);
  peer.on("data", (chunk: Buffer) => peer.write(chunk));
  for (let turn = 1; turn <= 20; turn++) {
    subject.write(".");
    await echo.until(() => echo.bytes >= turn);
  }
  await close();
}
