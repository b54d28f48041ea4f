// Listeners on node:net: accepts with half-open and no-delay sockets, and counts the connections itself.

import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { Connection } from "../../src/net/connection.ts";
import type { Listener, ListenOptions } from "../../src/net/runtime.ts";
import { SocketConnection } from "./connection.ts";
import { giveBack, takeForAccept } from "./descriptor.ts";
import { errorCode, toListenError } from "./socket-error.ts";

/** Connections the system may complete before we accept them; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 4096;

/**
 * Opens a listener; host "" means `::` with IPv4 included, or `0.0.0.0` on a machine without IPv6.
 * @throws {ProxyError} code `listen-failed`, naming address and cause
 */
export function listen(options: ListenOptions, accept: (connection: Connection) => void): Promise<Listener> {
  return openOnAll(options, (one) => open(one, accept));
}

/** Causes that mean: this machine has no IPv6. */
const NO_IPV6: ReadonlySet<string> = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"]);

/** Opens with host `::` when the host is empty, and with `0.0.0.0` where that fails for want of IPv6. */
export async function openOnAll(
  options: ListenOptions,
  open: (options: ListenOptions) => Promise<Listener>,
): Promise<Listener> {
  if (options.host !== "") return await open(options);
  try {
    return await open({ ...options, host: "::" });
  } catch (error) {
    if (!(error instanceof Error) || !NO_IPV6.has(errorCode(error.cause))) throw error;
    return await open({ ...options, host: "0.0.0.0" });
  }
}

function open(options: ListenOptions, accept: (connection: Connection) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const listener = new SocketListener(options, accept);
    listener.start(resolve, (cause) => reject(toListenError(options.host, options.port, cause)));
  });
}

class SocketListener implements Listener {
  readonly #server: Server;
  readonly #options: ListenOptions;
  readonly #accept: (connection: Connection) => void;
  readonly #cap: number;
  #connections = 0;
  #port = 0;

  constructor(options: ListenOptions, accept: (connection: Connection) => void) {
    this.#options = options;
    this.#accept = accept;
    this.#cap = options.maxConnections ?? Infinity;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.#server.on("connection", (socket) => this.#onConnection(socket));
  }

  get host(): string {
    return this.#options.host;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#connections;
  }

  start(opened: (listener: Listener) => void, failed: (cause: unknown) => void): void {
    const server = this.#server;
    const { host, port, reusePort } = this.#options;
    server.once("error", failed);
    try {
      server.listen({ host, port, backlog: BACKLOG, reusePort: reusePort ?? false, ipv6Only: false }, () => {
        server.off("error", failed);
        server.on("error", ignore);
        const address = server.address();
        this.#port = typeof address === "object" && address !== null ? address.port : port;
        opened(this);
      });
    } catch (error) {
      failed(error);
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      // node:net waits for open connections before it calls back; the port is free as soon as it was told to stop.
      this.#server.close();
      setImmediate(resolve);
    });
  }

  #onConnection(socket: Socket): void {
    if (this.#connections >= this.#cap || !takeForAccept()) {
      socket.on("error", ignore);
      socket.resetAndDestroy();
      return;
    }
    this.#connections++;
    socket.on("close", () => {
      this.#connections--;
      giveBack();
    });
    this.#accept(new SocketConnection(socket, "downstream"));
  }
}

function ignore(): void {}
