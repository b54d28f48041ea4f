// HTTP on connections in the clear: HTTP/2 for those that begin with its preface (prior knowledge), else HTTP/1.

import type { Handler } from "../http/handler.ts";
import { matchPreface } from "../http2/protocol.ts";
import { concat } from "../net/bytes.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Waiting } from "../net/deadlines.ts";
import type { Http1Server } from "./http1-server.ts";
import type { Http2Server } from "./http2-server.ts";

/** What was read of a connection before. */
interface ReadSoFar {
  readonly bytes: Uint8Array;
  readonly ended: boolean;
}

/** Both servers of an entry point, and the connections that haven't shown yet what they speak. */
export class HttpServer {
  readonly #http1: Http1Server;
  readonly #http2: Http2Server;
  readonly #undecided = new Set<PrefaceReader>();

  constructor(http1: Http1Server, http2: Http2Server) {
    this.#http1 = http1;
    this.#http2 = http2;
  }

  /** Connections being served, or undecided. */
  get connections(): number {
    return this.#undecided.size + this.#http1.connections + this.#http2.connections;
  }

  /** Replaces what answers; requests under way keep what they began with. */
  set handler(handler: Handler) {
    this.#http1.handler = handler;
    this.#http2.handler = handler;
  }

  /** Takes over an accepted connection. @param read what was read of it to find out that it is HTTP */
  serve(connection: Connection, read?: ReadSoFar): void {
    const isHttp2 = read === undefined ? undefined : matchPreface(read.bytes);
    if (isHttp2 !== undefined || read?.ended === true) return this.decide(connection, isHttp2 === true, read);
    const { deadlines, options } = this.#http1;
    const reader = new PrefaceReader(this, connection, read?.bytes);
    this.#undecided.add(reader);
    deadlines.add(reader); // before anybody asks for the time
    if (options.timeouts.headMs !== 0) reader.deadline = deadlines.now + options.timeouts.headMs;
    connection.handle(reader);
  }

  /** It is known what a connection speaks. */
  decide(connection: Connection, isHttp2: boolean, read: ReadSoFar | undefined): void {
    if (isHttp2) this.#http2.serve(connection, read);
    else this.#http1.serve(connection, read);
  }

  /** A connection is no longer undecided. */
  forget(reader: PrefaceReader): void {
    this.#undecided.delete(reader);
    this.#http1.deadlines.remove(reader);
  }

  /** Cuts every connection that is still open. */
  destroy(): void {
    for (const reader of [...this.#undecided]) reader.cut();
    this.#http1.destroy();
    this.#http2.destroy();
  }

  /** Lets requests under way finish. Resolves when no connection is left. */
  async drain(): Promise<void> {
    for (const reader of [...this.#undecided]) reader.cut();
    await Promise.all([this.#http1.drain(), this.#http2.drain()]);
  }
}

/** Waits for a connection's first bytes. */
class PrefaceReader implements ConnectionHandler, Waiting {
  deadline = 0;
  readonly #server: HttpServer;
  readonly #connection: Connection;
  #bytes: Uint8Array | undefined;

  constructor(server: HttpServer, connection: Connection, bytes: Uint8Array | undefined) {
    this.#server = server;
    this.#connection = connection;
    this.#bytes = bytes;
  }

  /** Nothing was asked yet, so nothing is owed. */
  cut(): void {
    this.#server.forget(this);
    this.#connection.destroy();
  }

  data(chunk: Uint8Array): void {
    const bytes = this.#bytes === undefined ? chunk : concat([this.#bytes, chunk]);
    const isHttp2 = matchPreface(bytes);
    this.#bytes = bytes;
    if (isHttp2 !== undefined) this.#decide(isHttp2, false);
  }

  drain(): void {
    // nothing is written before it is decided
  }

  end(): void {
    this.#decide(false, true);
  }

  close(): void {
    this.#server.forget(this);
  }

  expire(): void {
    this.cut();
  }

  #decide(isHttp2: boolean, ended: boolean): void {
    this.#server.forget(this);
    const bytes = this.#bytes ?? new Uint8Array(0);
    this.#server.decide(this.#connection, isHttp2, { bytes, ended });
  }
}
