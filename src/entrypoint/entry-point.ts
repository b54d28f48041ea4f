// A named listener: accepts connections, serves HTTP and TCP on them, and stops without losing a request.

import { textResponse } from "../http/response.ts";
import type { Handler } from "../http/handler.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { Listener, Runtime } from "../net/runtime.ts";
import type { TcpTable } from "../router/tcp-table.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http1Server } from "./http1-server.ts";
import { TcpServer, type TcpServerOptions } from "./tcp-server.ts";

/** Where an entry point listens, and how it serves. */
export interface EntryPointOptions {
  readonly host: string;
  readonly port: number;
  readonly reusePort: boolean;
  /** Open connections; undefined: no cap. */
  readonly maxConnections: number | undefined;
  readonly http1: Http1Options;
  readonly tcp: TcpServerOptions;
}

/** See the file's sentence. */
export class EntryPoint {
  readonly name: string;
  readonly protocol = "tcp";
  readonly #runtime: Runtime;
  readonly #options: EntryPointOptions;
  readonly #server: Http1Server;
  readonly #tcp: TcpServer;
  #listener: Listener | undefined = undefined;

  constructor(runtime: Runtime, deadlines: Deadlines, options: EntryPointOptions) {
    const server = new Http1Server(options.http1, deadlines, () => textResponse(404, "404 page not found\n"));
    this.name = options.http1.entryPoint;
    this.#runtime = runtime;
    this.#options = options;
    this.#server = server;
    this.#tcp = new TcpServer(options.tcp, deadlines, (connection, read) => server.serve(connection, read));
  }

  /** The address it listens on; the port asked for before it is open. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: this.#options.host, port: this.#listener?.port ?? this.#options.port };
  }

  /** True between `open` and `close`. */
  get isOpen(): boolean {
    return this.#listener !== undefined;
  }

  /** Open client connections. */
  get connections(): number {
    return this.#server.connections + this.#tcp.connections;
  }

  /** Replaces what answers; requests under way keep what they began with. */
  set handler(handler: Handler) {
    this.#server.handler = handler;
  }

  /** Replaces the TCP routes; connections keep the route they were given to. undefined: everything is HTTP. */
  set table(table: TcpTable | undefined) {
    this.#tcp.table = table;
  }

  /** Begins to accept. @throws {ProxyError} `listen-failed` */
  async open(): Promise<void> {
    const { host, port, reusePort, maxConnections } = this.#options;
    const options = { host, port, reusePort, ...(maxConnections !== undefined && { maxConnections }) };
    this.#listener = await this.#runtime.listen(options, (connection) => this.#tcp.serve(connection));
  }

  /**
   * Stops accepting, lets requests and TCP connections finish, then cuts what is left.
   * @param graceMs how long they may take
   */
  async close(graceMs: number): Promise<void> {
    const freed = this.#listener?.close();
    const drained = Promise.all([this.#server.drain(), this.#tcp.drain()]);
    const cut = setTimeout(() => {
      this.#server.destroy();
      this.#tcp.destroy();
    }, graceMs);
    await drained;
    clearTimeout(cut);
    await freed;
  }
}
