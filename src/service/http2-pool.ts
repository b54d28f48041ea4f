// The HTTP/2 connections to one backend address: one, until its streams do not suffice.

import type { Connection } from "../net/connection.ts";
import { ProxyError } from "../net/error.ts";
import type { Dial, DialHandler, DialOptions } from "../net/runtime.ts";
import type { TlsFacts } from "../net/tls.ts";
import type { Http2ClientExchange } from "./http2-exchange.ts";
import type { Http2Transport } from "./http2-transport.ts";
import { Http2Upstream } from "./http2-upstream.ts";

/** Code of the error when a server does not agree on HTTP/2. */
export const NOT_HTTP2 = "not-http2";

/** See the file's sentence. Also the handler of its dial: there is one at a time. */
export class Http2Pool implements DialHandler {
  readonly transport: Http2Transport;
  /** When it was last asked for, by the clock of the transport's deadlines. */
  usedAt: number;
  readonly #dialOptions: DialOptions;
  readonly #connections = new Set<Http2Upstream>();
  /** Exchanges that wait for a connection with room. */
  readonly #waiting = new Set<Http2ClientExchange>();
  #dial: Dial | undefined = undefined;
  #serving = false;

  constructor(transport: Http2Transport, dialOptions: DialOptions) {
    this.transport = transport;
    this.#dialOptions = dialOptions;
    this.usedAt = transport.deadlines.now;
  }

  /** Connections, and exchanges that wait for one. */
  get size(): number {
    return this.#connections.size + this.#waiting.size;
  }

  /** Sends an exchange now, or when there is room. */
  take(exchange: Http2ClientExchange): void {
    this.#waiting.add(exchange);
    this.serve();
  }

  /** An exchange doesn't want to be sent any more. */
  forget(exchange: Http2ClientExchange): void {
    this.#waiting.delete(exchange);
  }

  /** A connection is over. */
  remove(connection: Http2Upstream): void {
    this.#connections.delete(connection);
  }

  /** Gives those that wait to connections with room; dials where there is none. */
  serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    for (const connection of [...this.#connections]) {
      for (const exchange of [...this.#waiting]) {
        if (!connection.hasRoom) break;
        this.#waiting.delete(exchange);
        connection.send(exchange);
      }
    }
    this.#serving = false;
    if (this.#waiting.size === 0 || this.#dial !== undefined) return;
    this.#dial = this.transport.runtime.dial(this.#dialOptions, this);
  }

  open(connection: Connection, facts?: TlsFacts): void {
    this.#dial = undefined;
    if (facts === undefined || facts.alpn === "h2") return this.adopt(connection);
    connection.destroy();
    this.fail(
      new ProxyError("the server does not speak HTTP/2", {
        code: NOT_HTTP2,
        source: "upstream",
        status: 502,
        retry: "unsent",
      }),
    );
  }

  /** Takes a connection that speaks HTTP/2. */
  adopt(connection: Connection): void {
    const upstream = new Http2Upstream(connection, this);
    this.#connections.add(upstream);
    this.serve();
    if (this.transport.closed) upstream.retire();
  }

  fail(error: ProxyError): void {
    this.#dial = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const exchange of waiting) exchange.fail(error);
  }

  /** Nobody will take from it any more: connections close with their last exchange. */
  retire(): void {
    for (const connection of [...this.#connections]) connection.retire();
  }
}
