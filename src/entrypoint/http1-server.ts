// HTTP/1.1 on accepted connections: what all connections of one entry point share.

import type { ForwardedPolicy } from "../http/forwarded.ts";
import type { Handler } from "../http/handler.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest, TlsInfo } from "../http/request.ts";
import type { RequestPolicy } from "../http1/request-head.ts";
import type { Address, Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import { ClientTunnel } from "./client-tunnel.ts";
import type { TunnelStart } from "./client-tunnel.ts";
import { Http1Connection } from "./http1-connection.ts";

/** Milliseconds; 0: none. */
export interface Http1Timeouts {
  /** From the first byte of a head, or from accept, to its end. */
  readonly headMs: number;
  /** Between two pieces of a request's body. */
  readonly bodyIdleMs: number;
  /** A client that takes nothing of its answer. */
  readonly writeIdleMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** For a whole request's body, from the end of its head. */
  readonly readMs: number;
  /** For a whole answer, from the end of the request. */
  readonly writeMs: number;
  /** Age at which a connection is closed after its answer. */
  readonly keepAliveMaxMs: number;
  /** In which not a byte moves, after a change of protocol. */
  readonly tunnelIdleMs: number;
}

/** How an exchange ended. */
export interface ExchangeEnd {
  /** 0: no answer was begun; 499: the client went away. */
  readonly status: number;
  /** Headers of the answer, when there was one. */
  readonly headers: HeaderList | undefined;
  /** Body bytes. */
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** Settings and ears of one entry point. */
export interface Http1Options {
  readonly entryPoint: string;
  readonly policy: RequestPolicy;
  readonly forwarded: ForwardedPolicy;
  readonly appendsForwardedFor: boolean;
  /** Encodes `;` in queries, which backends read differently from one another. */
  readonly encodeQuerySemicolons: boolean;
  readonly timeouts: Http1Timeouts;
  /** 0: no limit. */
  readonly keepAliveMaxRequests: number;
  /** Protocols that requests may change to: tokens in lower case. A wish for another one is ignored. */
  readonly upgrades: ReadonlySet<string>;
  /** Whether a peer's forwarded headers are believed. Asked once per connection. */
  trusts(ip: string): boolean;
  /** An exchange is over; called once for each request that was handed to the handler. */
  finished(request: ProxyRequest, end: ExchangeEnd): void;
  /** A handler failed, or an answer broke off. */
  failed(error: ProxyError, request: ProxyRequest | undefined): void;
  /** A message was refused; `request` is there when its head was acceptable. */
  refused(error: ProxyError, remote: Address, request: ProxyRequest | undefined): void;
}

/** A connection, whatever it is doing. */
export interface Served {
  /** Closes at once when idle, otherwise when that does no harm. */
  drainAndClose(): void;
  /** Cuts it. */
  destroy(): void;
}

/** Serves connections with one handler, which may be replaced at any time. */
export class Http1Server {
  readonly options: Http1Options;
  readonly deadlines: Deadlines;
  /** Answers requests; a request keeps the handler it began with. */
  handler: Handler;
  readonly #connections = new Set<Served>();
  #draining = false;
  #drained: (() => void) | undefined = undefined;

  constructor(options: Http1Options, deadlines: Deadlines, handler: Handler) {
    this.options = options;
    this.deadlines = deadlines;
    this.handler = handler;
  }

  /** Connections being served. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Takes over an accepted connection. @param read what was read of it to find out that it is HTTP */
  serve(
    connection: Connection,
    read?: { readonly bytes: Uint8Array; readonly ended: boolean },
    tls?: TlsInfo,
  ): void {
    const served = new Http1Connection(this, connection, tls);
    this.#connections.add(served);
    if (this.#draining) served.drainAndClose();
    connection.handle(served);
    if (read === undefined) return;
    if (read.bytes.length > 0) served.data(read.bytes);
    if (read.ended && !connection.closed) served.end();
  }

  /** A connection is over. Called by it. */
  forget(connection: Served): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#drained?.();
  }

  /** A connection changes its protocol. Called by it, after which it is no longer concerned. */
  tunnel(connection: Served, start: TunnelStart): void {
    const tunnel = new ClientTunnel(this, start);
    this.#connections.add(tunnel);
    this.#connections.delete(connection);
    tunnel.begin();
  }

  /** Cuts every connection that is still open. */
  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Closes idle connections, lets busy ones finish their answer. Resolves when none is left. */
  drain(): Promise<void> {
    this.#draining = true;
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
      for (const connection of this.#connections) connection.drainAndClose();
    });
  }
}
