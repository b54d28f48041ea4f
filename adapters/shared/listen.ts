// Listeners on node:net: accepts with half-open and no-delay sockets, and counts the connections itself.

import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { Connection } from "../../src/net/connection.ts";
import type { Listener, ListenOptions, Runtime } from "../../src/net/runtime.ts";
import { SocketConnection } from "./connection.ts";
import { giveBack, giveBackBatch, readLimit, reserveForBatch, takeForAccept } from "./descriptor.ts";
import { errorCode, toListenError } from "./socket-error.ts";

/** Connections the system may complete before we accept them; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 4096;

/** What a runtime's node:net needs to be told. */
export interface ListenQuirks {
  /**
   * It accepts everything that waits before it lets us turn one away, and never accepts again when that hits the
   * descriptor limit (Deno): the backlog is kept small, and as many descriptors are kept free.
   */
  readonly acceptsInBatches: boolean;
  /** See `SocketConnection`. Default: false. */
  readonly stopsAtPush?: boolean;
}

/**
 * Makes `Runtime.listen`. Host "" means `::` with IPv4 included, or `0.0.0.0` on a machine without IPv6; it throws
 * a ProxyError with code `listen-failed`, naming address and cause.
 */
export function createListen(quirks: ListenQuirks): Runtime["listen"] {
  return (options, accept) => openOnAll(options, (one) => open(one, accept, quirks));
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

/**
 * Listens on a socket that listens already.
 * @param descriptor of the socket, which the listener closes
 * @param options those it was opened with, and its real port
 */
export function listenOn(
  descriptor: number,
  options: ListenOptions,
  accept: (connection: Connection) => void,
  quirks: ListenQuirks,
): Promise<Listener> {
  return open({ ...options, descriptor }, accept, quirks);
}

interface SocketListenOptions extends ListenOptions {
  /** Of a socket that listens already. */
  readonly descriptor?: number;
}

function open(
  options: SocketListenOptions,
  accept: (connection: Connection) => void,
  quirks: ListenQuirks,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const listener = new SocketListener(options, accept, quirks);
    listener.start(resolve, (cause) => reject(toListenError(options.host, options.port, cause)));
  });
}

class SocketListener implements Listener {
  readonly #server: Server;
  readonly #options: SocketListenOptions;
  readonly #accept: (connection: Connection) => void;
  readonly #cap: number;
  readonly #backlog: number;
  readonly #batch: number;
  readonly #stopsAtPush: boolean;
  #connections = 0;
  #port = 0;
  #closed = false;

  constructor(options: SocketListenOptions, accept: (connection: Connection) => void, quirks: ListenQuirks) {
    this.#options = options;
    this.#accept = accept;
    this.#cap = options.maxConnections ?? Infinity;
    this.#backlog = quirks.acceptsInBatches ? smallBacklog() : BACKLOG;
    this.#batch = quirks.acceptsInBatches ? this.#backlog + 1 : 0; // the kernel lets one more in than it is told
    this.#stopsAtPush = quirks.stopsAtPush ?? false;
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
    const { host, port, reusePort, descriptor } = this.#options;
    const backlog = this.#backlog;
    const place = descriptor === undefined
      ? { host, port, reusePort: reusePort ?? false, ipv6Only: false }
      : { fd: descriptor };
    reserveForBatch(this.#batch);
    server.once("error", (cause) => {
      giveBackBatch(this.#batch);
      failed(cause);
    });
    try {
      server.listen({ ...place, backlog }, () => {
        server.removeAllListeners("error");
        server.on("error", ignore);
        const address = server.address();
        this.#port = typeof address === "object" && address !== null ? address.port : port;
        opened(this);
      });
    } catch (error) {
      server.emit("error", error);
    }
  }

  close(): Promise<void> {
    if (!this.#closed) giveBackBatch(this.#batch);
    this.#closed = true;
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
    this.#accept(new SocketConnection(socket, "downstream", undefined, this.#stopsAtPush));
  }
}

/** Small against the descriptor limit, large enough that a burst of clients does not wait for a repeated SYN. */
function smallBacklog(): number {
  return Math.min(512, Math.max(4, Math.floor(readLimit() / 32)));
}

function ignore(): void {}
