// HTTP/1.1 to backends: pools of connections per address, one exchange per connection at a time.

import { responseLimits } from "../http1/limits.ts";
import type { HeadLimits } from "../http1/limits.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { DialOptions, Runtime } from "../net/runtime.ts";
import type { DialTls } from "../net/tls.ts";
import { AddressMap } from "./address-map.ts";
import { Exchange } from "./exchange.ts";
import { Pool } from "./pool.ts";
import type { Target, Transport } from "./transport.ts";

/** Settings of a transport; milliseconds, 0: none. */
export interface Http1TransportOptions {
  readonly dialTimeoutMs: number;
  /** From the end of the request until the head of the answer. */
  readonly responseHeaderTimeoutMs: number;
  /** How long a connection may wait for its next request. */
  readonly idleTimeoutMs: number;
  /** How long a connection may live; it finishes its exchange first. */
  readonly maxLifeMs: number;
  readonly maxIdlePerHost: number;
  readonly limits?: HeadLimits;
}

/** reliability.md §5. */
export const defaultTransportOptions: Http1TransportOptions = {
  dialTimeoutMs: 30_000,
  responseHeaderTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  maxLifeMs: 600_000,
  maxIdlePerHost: 200,
};

/** The only thing it asks of the system. */
export type Dialler = Pick<Runtime, "dial">;

/** How the server at a host is dialled in TLS; asked once per address. */
export type TlsOfHost = (host: string) => DialTls;

/** The transport for servers that speak HTTP/1.1, in the clear or over TLS. Lives across reloads, so that its pools do. */
export class Http1Transport implements Transport {
  readonly runtime: Dialler;
  readonly deadlines: Deadlines;
  readonly options: Http1TransportOptions;
  readonly limits: HeadLimits;
  readonly #pools: AddressMap<Pool>;
  #closed = false;

  /** @param tls absent: servers are spoken to in the clear */
  constructor(runtime: Dialler, deadlines: Deadlines, options: Http1TransportOptions, tls?: TlsOfHost) {
    this.runtime = runtime;
    this.deadlines = deadlines;
    this.options = options;
    this.limits = options.limits ?? responseLimits;
    this.#pools = new AddressMap(deadlines, (target) => {
      return new Pool(options.maxIdlePerHost, toDialOptions(target, options.dialTimeoutMs, tls));
    });
  }

  send(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(this, { request, target, pool: this.#pools.get(target) }, resolve, reject);
      request.onAbort(exchange);
      exchange.begin();
    });
  }

  /** Sends a request, of a client that is still there, on a connection that somebody else has dialled. */
  sendOn(connection: Connection, request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(this, { request, target, pool: this.#pools.get(target) }, resolve, reject);
      request.onAbort(exchange);
      exchange.open(connection);
    });
  }

  /** Addresses it has pools for. */
  get addresses(): number {
    return this.#pools.size;
  }

  /** True once `dispose` was called: connections in use close when their exchange ends. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Closes idle connections. Exchanges under way finish. */
  dispose(): void {
    this.#closed = true;
    this.#pools.retire();
  }
}

/** Where and how an address is dialled, worked out once for each. */
export function toDialOptions({ host, port }: Target, timeoutMs: number, tls: TlsOfHost | undefined): DialOptions {
  return tls === undefined ? { host, port, timeoutMs } : { host, port, timeoutMs, tls: tls(host) };
}
