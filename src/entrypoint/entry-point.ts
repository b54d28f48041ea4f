// A named listener: accepts connections, serves HTTP and TCP on them, and stops without losing a request.

import { textResponse } from "../http/response.ts";
import type { Handler } from "../http/handler.ts";
import type { Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { Runtime } from "../net/runtime.ts";
import type { TcpTable } from "../router/tcp-table.ts";
import { Door } from "./door.ts";
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
  #door: Door | undefined = undefined;
  #drained: Promise<unknown> | undefined = undefined;

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
    return { host: this.#options.host, port: this.#door?.listener?.port ?? this.#options.port };
  }

  /** True once it listens. */
  get isOpen(): boolean {
    return this.#door?.listener !== undefined;
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

  /** Begins to listen; whoever connects waits for `admit`. @throws {ProxyError} `listen-failed` */
  async open(): Promise<void> {
    const { host, port, reusePort, maxConnections } = this.#options;
    const options = { host, port, reusePort, ...(maxConnections !== undefined && { maxConnections }) };
    const door = new Door();
    door.listener = await this.#runtime.listen(options, door.accept);
    this.#door = door;
  }

  /** Begins to serve. */
  admit(): void {
    this.#door?.lead(this.#serve);
  }

  /** Gets what another one's listener accepts from now on; the other one keeps the connections it has. */
  takeOver(before: EntryPoint): void {
    this.#door = before.#door;
    before.#door = undefined;
    this.admit();
  }

  /** Lets requests and TCP connections finish, however long they take. For those who no longer have a listener. */
  async retire(): Promise<void> {
    await (this.#drained ??= Promise.all([this.#server.drain(), this.#tcp.drain()]));
  }

  /**
   * Stops accepting, lets requests and TCP connections finish, then cuts what is left.
   * @param graceMs how long they may take
   */
  async close(graceMs: number): Promise<void> {
    const freed = this.#door?.close();
    const drained = this.retire();
    const cut = setTimeout(() => {
      this.#server.destroy();
      this.#tcp.destroy();
    }, graceMs);
    await drained;
    clearTimeout(cut);
    await freed;
  }

  readonly #serve = (connection: Connection): void => this.#tcp.serve(connection);
}
