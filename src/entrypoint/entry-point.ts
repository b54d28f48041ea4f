// A named listener: accepts connections, serves HTTP and TCP on them, and stops without losing a request.

import { textResponse } from "../http/response.ts";
import type { Handler } from "../http/handler.ts";
import { type Http2Options, serverOptions } from "../http2/options.ts";
import type { Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import type { TcpTable } from "../router/tcp-table.ts";
import { Door } from "./door.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http1Server } from "./http1-server.ts";
import { Http2Server } from "./http2-server.ts";
import { HttpServer } from "./http-server.ts";
import { HttpsServer, type HttpsTable } from "./https-server.ts";
import { TcpServer, type TcpServerOptions } from "./tcp-server.ts";

/**
 * What a handshake under way gets when the entry point closes: several round trips. Nobody has asked for anything in
 * it yet, and a client that says nothing must not hold the exit.
 */
const HANDSHAKE_GRACE_MS = 1_000;

/** Where an entry point listens, and how it serves. */
export interface EntryPointOptions {
  readonly host: string;
  readonly port: number;
  readonly reusePort: boolean;
  /** Open connections; undefined: no cap. */
  readonly maxConnections: number | undefined;
  readonly http1: Http1Options;
  /** Requests under way on one HTTP/2 connection, and its header tables. */
  readonly http2: Pick<Http2Options, "maxConcurrentStreams" | "decoderTable" | "encoderTable">;
  readonly tcp: TcpServerOptions;
  /** TLS is expected: the listener is opened so that it can be spoken. Others are changed when it is needed. */
  readonly expectsTls: boolean;
  /** Its listener could not be changed, and is closed. */
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
    const { http1 } = options;
    const http2 = {
      ...serverOptions,
      ...options.http2,
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
    const { host, port, reusePort, maxConnections, expectsTls } = this.#options;
    const common = { host, port, reusePort, mayUpgrade: expectsTls };
    const options = { ...common, ...(maxConnections !== undefined && { maxConnections }) };
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
    this.#prepareForTls();
  }

  /** Lets requests and TCP connections finish, however long they take. For those who no longer have a listener. */
  async retire(): Promise<void> {
    await (this.#drained ??= Promise.all([this.#server.drain(), this.#https.drain(), this.#tcp.drain()]));
  }

  /**
   * Stops accepting, lets handshakes, requests and TCP connections finish, then cuts what is left.
   * @param graceMs how long they may take
   */
  async close(graceMs: number): Promise<void> {
    const freed = this.#door?.close();
    const drained = this.retire();
    const hurry = setTimeout(() => {
      this.#https.cutHandshakes();
      this.#tcp.cutHandshakes();
    }, Math.min(graceMs, HANDSHAKE_GRACE_MS));
    const cut = setTimeout(() => {
      this.#server.destroy();
      this.#https.destroy();
      this.#tcp.destroy();
    }, graceMs);
    await drained;
    clearTimeout(hurry);
    clearTimeout(cut);
    await freed;
  }

  /** TLS may have come to a listener of which it was not expected. */
  #prepareForTls(): void {
    if (this.#wantsTls) this.#door?.admitTls().catch((thrown) => this.#options.failed(toProxyError(thrown)));
  }

  readonly #serve = (connection: Connection): void => this.#tcp.serve(connection);
}

const notFound: Handler = () => textResponse(404, "404 page not found\n");
