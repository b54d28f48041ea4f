// Listeners on Bun.listen: cheaper than node:net on Bun for small requests, bulk and idle clients alike; see ../README.md.

import type { SocketHandler, TCPSocketListener } from "bun";
import type { Connection } from "../../src/net/connection.ts";
import type { Listener, ListenOptions } from "../../src/net/runtime.ts";
import { giveBack, reserveForBatch, takeForAccept } from "../shared/descriptor.ts";
import { createListen, openOnAll } from "../shared/listen.ts";
import { toListenError } from "../shared/socket-error.ts";
import { BunConnection, throwLater } from "./connection.ts";
import type { NativeSocket } from "./connection.ts";

/**
 * Opens a listener; host "" means `::` with IPv4 included, or `0.0.0.0` on a machine without IPv6.
 * @throws {ProxyError} code `listen-failed`, naming address and cause
 */
export function listen(options: ListenOptions, accept: (connection: Connection) => void): Promise<Listener> {
  if (options.mayUpgrade === true) return listenForUpgrade(options, accept);
  return openOnAll(options, (one) => new Promise((resolve) => resolve(new BunListener(one, accept))));
}

/** A native socket can't be given to a TLS server on Bun; node:net's can. */
const listenForUpgrade = createListen({ acceptsInBatches: false });

class BunListener implements Listener {
  readonly host: string;
  readonly port: number;
  readonly refusesUpgrade = true;
  readonly #listener: TCPSocketListener<BunConnection | undefined>;
  readonly #accept: (connection: Connection) => void;
  readonly #cap: number;
  #connections = 0;

  /** @throws {ProxyError} code `listen-failed` */
  constructor(options: ListenOptions, accept: (connection: Connection) => void) {
    reserveForBatch(0);
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
