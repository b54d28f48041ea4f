// A named listener: accepts connections, serves HTTP and TCP on them, and stops without losing a request.

import { textResponse } from "../http/response.ts";
import type { Handler } from "../http/handler.ts";
import { serverOptions } from "../http2/options.ts";
import type { Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import type { Listener, Runtime } from "../net/runtime.ts";
import type { TcpTable } from "../router/tcp-table.ts";
import { Door } from "./door.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http1Server } from "./http1-server.ts";
import { Http2Server } from "./http2-server.ts";
import { HttpServer } from "./http-server.ts";
import { HttpsServer, type HttpsTable } from "./https-server.ts";
import { TcpServer, type TcpServerOptions } from "./tcp-server.ts";

/** Where an entry point listens, and how it serves. */
export interface EntryPointOptions {
  readonly host: string;
  readonly port: number;
  readonly reusePort: boolean;
  /** Open connections; undefined: no cap. */
  readonly maxConnections: number | undefined;
  readonly http1: Http1Options;
  /** Requests under way on one HTTP/2 connection. */
  readonly maxStreams: number;
  readonly tcp: TcpServerOptions;
  /** TLS is expected: the listener is opened so that it can be spoken. Others are opened anew when it is needed. */
  readonly expectsTls: boolean;
  /** It could not be opened anew, and is closed. */
  failed(error: ProxyError): void;
}

/** See the file's sentence. */
export class EntryPoint {
  readonly name: string;
  readonly protocol = "tcp";
  readonly #runtime: Runtime;
  readonly #options: EntryPointOptions;
  readonly #server: HttpServer;
  readonly #https: HttpsServer;
  readonly #tcp: TcpServer;
  #door: Door | undefined = undefined;
  #wantsTls = false;
  #drained: Promise<unknown> | undefined = undefined;

  constructor(runtime: Runtime, deadlines: Deadlines, options: EntryPointOptions) {
    const { http1, maxStreams } = options;
    const http2 = {
      ...serverOptions,
      maxConcurrentStreams: maxStreams,
      limits: http1.policy.limits,
      connectProtocol: http1.upgrades.has("websocket"),
    };
    const server = new HttpServer(
      new Http1Server(http1, deadlines, notFound),
      new Http2Server(http1, http2, deadlines, notFound),
    );
    this.name = options.http1.entryPoint;
    this.#runtime = runtime;
    this.#options = options;
    this.#server = server;
    const https = new HttpsServer({ http1, http2, rejected: options.tcp.rejected }, deadlines);
    this.#https = https;
    this.#tcp = new TcpServer(options.tcp, deadlines, {
      http: (connection, read) => server.serve(connection, read),
      https: (connection, first, told) => https.serve(connection, first, told),
    });
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
    return this.#server.connections + this.#https.connections + this.#tcp.connections;
  }

  /** Replaces what answers; requests under way keep what they began with. */
  set handler(handler: Handler) {
    this.#server.handler = handler;
  }

  /** Replaces the TCP routes; connections keep the route they were given to. undefined: everything is HTTP. */
  set table(table: TcpTable | undefined) {
    this.#tcp.table = table;
    this.#wantsTls = table?.terminates === true;
    this.#prepareForTls();
  }

  /** Replaces what answers over TLS, and the certificates. undefined: there is no HTTPS. */
  set secure(table: HttpsTable | undefined) {
    this.#https.table = table;
  }

  /** Resolves when it listens as the table in force needs. */
  async settled(): Promise<void> {
    await this.#door?.settled();
  }

  /** Begins to listen; whoever connects waits for `admit`. @throws {ProxyError} `listen-failed` */
  async open(): Promise<void> {
    const door = new Door();
    const { port, expectsTls } = this.#options;
    door.listener = await this.#listen(port, expectsTls, door);
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
    this.#prepareForTls();
  }

  /** Lets requests and TCP connections finish, however long they take. For those who no longer have a listener. */
  async retire(): Promise<void> {
    await (this.#drained ??= Promise.all([this.#server.drain(), this.#https.drain(), this.#tcp.drain()]));
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
      this.#https.destroy();
      this.#tcp.destroy();
    }, graceMs);
    await drained;
    clearTimeout(cut);
    await freed;
  }

  #listen(port: number, mayUpgrade: boolean, door: Door): Promise<Listener> {
    const { host, reusePort, maxConnections } = this.#options;
    const options = { host, port, reusePort, mayUpgrade, ...(maxConnections !== undefined && { maxConnections }) };
    return this.#runtime.listen(options, door.accept);
  }

  /** TLS may have come to a listener of which it was not expected. */
  #prepareForTls(): void {
    const door = this.#door;
    if (!this.#wantsTls || door?.listener?.refusesUpgrade !== true) return;
    door.reopen((port) => this.#listen(port, true, door)).catch((thrown) => this.#options.failed(toProxyError(thrown)));
  }

  readonly #serve = (connection: Connection): void => this.#tcp.serve(connection);
}

const notFound: Handler = () => textResponse(404, "404 page not found\n");
