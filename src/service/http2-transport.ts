// HTTP/2 to backends: with prior knowledge in the clear, or over TLS where both sides agree on it.

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Http2Options } from "../http2/options.ts";
import { clientOptions } from "../http2/options.ts";
import type { Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import { AddressMap } from "./address-map.ts";
import { Http2ClientExchange } from "./http2-exchange.ts";
import { Http2Pool } from "./http2-pool.ts";
import type { Dialler, Http1TransportOptions, TlsOfHost } from "./http1-transport.ts";
import { toDialOptions } from "./http1-transport.ts";
import type { Target, Transport } from "./transport.ts";

/** Settings of a transport; milliseconds, 0: none. `maxIdlePerHost` has no meaning here. */
export interface Http2TransportOptions extends Http1TransportOptions {
  /** Without a byte of the backend for so long, it is asked for a sign of life (Traefik's `readIdleTimeout`). */
  readonly readIdleTimeoutMs: number;
  /** How long that may take. */
  readonly pingTimeoutMs: number;
}

/** See the file's sentence. Lives across reloads, so that its connections do. */
export class Http2Transport implements Transport {
  readonly runtime: Dialler;
  readonly deadlines: Deadlines;
  readonly options: Http2TransportOptions;
  readonly http2: Http2Options;
  readonly #pools: AddressMap<Http2Pool>;
  #closed = false;

  /** @param tls absent: servers are spoken to in the clear; otherwise those that do not agree on HTTP/2 are refused */
  constructor(
    runtime: Dialler,
    deadlines: Deadlines,
    options: Http2TransportOptions,
    { http2 = clientOptions, tls }: { readonly http2?: Http2Options; readonly tls?: TlsOfHost } = {},
  ) {
    this.runtime = runtime;
    this.deadlines = deadlines;
    this.options = options;
    this.http2 = http2;
    this.#pools = new AddressMap(deadlines, (target) => {
      return new Http2Pool(this, toDialOptions(target, options.dialTimeoutMs, tls));
    });
  }

  send(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Http2ClientExchange({ request, target, pool: this.#pools.get(target) }, resolve, reject);
      request.onAbort(exchange);
      exchange.begin();
    });
  }

  /** Takes a connection that somebody else has dialled, and that speaks HTTP/2. */
  adopt(connection: Connection, target: Target): void {
    this.#pools.get(target).adopt(connection);
  }

  /** Addresses it has pools for. */
  get addresses(): number {
    return this.#pools.size;
  }

  /** True once `dispose` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Closes connections when they have nothing more to do. */
  dispose(): void {
    this.#closed = true;
    this.#pools.retire();
  }
}
