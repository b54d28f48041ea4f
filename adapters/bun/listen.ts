// Listeners on Bun.listen: cheaper than node:net on Bun for small requests, bulk and idle clients alike; see ../README.md.

import type { SocketHandler, TCPSocketListener } from "bun";
import type { Connection } from "../../src/net/connection.ts";
import type { Listener, ListenOptions } from "../../src/net/runtime.ts";
import { giveBack, reserveForBatch, takeForAccept } from "../shared/descriptor.ts";
import { createListen, listenOn, openOnAll } from "../shared/listen.ts";
import { toListenError } from "../shared/socket-error.ts";
import { BunConnection, throwLater } from "./connection.ts";
import type { NativeSocket } from "./connection.ts";
import { duplicate } from "./duplicate.ts";

/**
 * Opens a listener; host "" means `::` with IPv4 included, or `0.0.0.0` on a machine without IPv6.
 * @throws {ProxyError} code `listen-failed`, naming address and cause
 */
export function listen(options: ListenOptions, accept: (connection: Connection) => void): Promise<Listener> {
  if (options.mayUpgrade === true) return listenForUpgrade(options, accept);
  return openOnAll(options, (one) => new Promise((resolve) => resolve(new BunListener(one, accept))));
}

const quirks = { acceptsInBatches: false, stopsAtPush: true };

/** A native socket can't be given to a TLS server on Bun; node:net's can. */
const listenForUpgrade = createListen(quirks);

/** Tries to get the port again that was just given up: it may take the system a moment. */
const REOPEN_TRIES = 50;
const REOPEN_PAUSE_MS = 20;

class BunListener implements Listener {
  readonly host: string;
  readonly port: number;
  readonly #options: ListenOptions;
  readonly #listener: TCPSocketListener<BunConnection | undefined>;
  readonly #accept: (connection: Connection) => void;
  readonly #cap: number;
  #connections = 0;

  /** @throws {ProxyError} code `listen-failed` */
  constructor(options: ListenOptions, accept: (connection: Connection) => void) {
    reserveForBatch(0);
    this.#options = options;
    this.#accept = accept;
    this.#cap = options.maxConnections ?? Infinity;
    this.#listener = this.#open(options);
    this.host = options.host;
    this.port = this.#listener.port;
  }

  get connections(): number {
    return this.#connections;
  }

  close(): Promise<void> {
    this.#listener.stop(false);
    return new Promise((resolve) => void setImmediate(resolve));
  }

  /** node:net gets a second descriptor of the socket, so that whoever waits to be accepted goes on waiting. */
  async reopenForUpgrade(): Promise<Listener> {
    const descriptor: unknown = Reflect.get(this.#listener, "fd"); // bun-types do not have it
    const second = typeof descriptor === "number" ? duplicate(descriptor) : undefined;
    if (second !== undefined) {
      const opening = listenOn(second, { ...this.#options, port: this.port }, this.#accept, quirks);
      const opened = await Promise.all([opening, this.close()]).catch(() => undefined);
      if (opened !== undefined) return opened[0];
    }
    await this.close();
    return await this.#reopen();
  }

  /** Listens anew at the same port. For a moment, nobody can connect. */
  async #reopen(): Promise<Listener> {
    for (let tries = 1;; tries++) {
      try {
        return await listenForUpgrade({ ...this.#options, port: this.port }, this.#accept);
      } catch (error) {
        if (tries >= REOPEN_TRIES) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS));
    }
  }

  #open({ host, port, reusePort }: ListenOptions): TCPSocketListener<BunConnection | undefined> {
    const shared = reusePort === true;
    const socket = this.#createHandler();
    const all = { hostname: host, port, allowHalfOpen: true, exclusive: !shared, reusePort: shared, socket };
    try {
      return Bun.listen<BunConnection | undefined>(all);
    } catch (error) {
      throw toListenError(host, port, error);
    }
  }

  /** One set of functions for all connections of the listener. */
  #createHandler(): SocketHandler<BunConnection | undefined> {
    return {
      open: (socket) => this.#onOpen(socket),
      data: (socket, chunk) => socket.data?.onData(chunk),
      drain: (socket) => socket.data?.onDrain(),
      end: (socket) => socket.data?.onEnd(),
      close: (socket, error) => this.#onClose(socket, error),
      error: (_, error) => throwLater(error),
    };
  }

  #onOpen(socket: NativeSocket): void {
    socket.data = undefined;
    if (this.#connections >= this.#cap || !takeForAccept()) {
      socket.terminate();
      return;
    }
    this.#connections++;
    const connection = new BunConnection(socket, "downstream");
    socket.data = connection;
    this.#accept(connection);
    connection.onOpen();
  }

  #onClose(socket: NativeSocket, error: unknown): void {
    if (socket.data === undefined) return;
    this.#connections--;
    giveBack();
    socket.data.onClose(error);
  }
}
