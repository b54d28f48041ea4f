// HTTP/2 on accepted connections: what all connections of one entry point share.

import type { Handler } from "../http/handler.ts";
import type { TlsInfo } from "../http/request.ts";
import type { Http2Options } from "../http2/options.ts";
import type { Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http2Connection } from "./http2-connection.ts";

/** Serves connections with one handler, which may be replaced at any time. */
export class Http2Server {
  readonly options: Http1Options;
  readonly limits: Http2Options;
  readonly deadlines: Deadlines;
  /** Answers requests; a request keeps the handler it began with. */
  handler: Handler;
  readonly #connections = new Set<Http2Connection>();
  #draining = false;
  #drained: (() => void) | undefined = undefined;

  /** @param options the same as HTTP/1's: an entry point behaves alike whatever its clients speak */
  constructor(options: Http1Options, limits: Http2Options, deadlines: Deadlines, handler: Handler) {
    this.options = options;
    this.limits = limits;
    this.deadlines = deadlines;
    this.handler = handler;
  }

  /** Connections being served. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Takes over an accepted connection whose client speaks HTTP/2: by ALPN, or by the preface it began with.
   * @param read what was read of it
   */
  serve(
    connection: Connection,
    read?: { readonly bytes: Uint8Array; readonly ended: boolean },
    tls?: TlsInfo,
  ): void {
    const served = new Http2Connection(this, connection, tls);
    this.#connections.add(served);
    connection.handle(served);
    if (read !== undefined && read.bytes.length > 0) served.data(read.bytes);
    if (read?.ended === true && !connection.closed) served.end();
    if (this.#draining) served.drainAndClose();
  }

  /** A connection is over. Called by it. */
  forget(connection: Http2Connection): void {
    this.#connections.delete(connection);
    this.deadlines.remove(connection);
    if (this.#connections.size === 0) this.#drained?.();
  }

  /** Cuts every connection that is still open. */
  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Lets requests under way finish. Resolves when no connection is left. */
  drain(): Promise<void> {
    this.#draining = true;
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
      for (const connection of [...this.#connections]) connection.drainAndClose();
    });
  }
}
