// HTTP/2 to backends, with prior knowledge: for `h2c` servers, and wherever the dialler agrees on HTTP/2 by itself.

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Http2Options } from "../http2/options.ts";
import { clientOptions } from "../http2/options.ts";
import type { Deadlines } from "../net/deadlines.ts";
import { Http2ClientExchange } from "./http2-exchange.ts";
import { Http2Pool } from "./http2-pool.ts";
import type { Dialler, Http1TransportOptions } from "./http1-transport.ts";
import type { Target, Transport } from "./transport.ts";

/** Settings of a transport; milliseconds, 0: none. `maxIdlePerHost` has no meaning here. */
export interface Http2TransportOptions extends Http1TransportOptions {
  /** Without a byte of the backend for so long, it is asked for a sign of life (Traefik's `readIdleTimeout`). */
  readonly readIdleTimeoutMs: number;
  /** How long that may take. */
  readonly pingTimeoutMs: number;
}

const UNUSED_MS = 600_000; // as Pods come and go, so do addresses: those not asked for in this time are forgotten
const MIN_SWEEP = 64; // pools; below, forgetting is not worth the look

/** See the file's sentence. Lives across reloads, so that its connections do. */
export class Http2Transport implements Transport {
  readonly runtime: Dialler;
  readonly deadlines: Deadlines;
  readonly options: Http2TransportOptions;
  readonly http2: Http2Options;
  readonly #pools = new Map<string, Http2Pool>();
  #sweepAt = MIN_SWEEP;
  #closed = false;

  constructor(
    runtime: Dialler,
    deadlines: Deadlines,
    options: Http2TransportOptions,
    http2: Http2Options = clientOptions,
  ) {
    this.runtime = runtime;
    this.deadlines = deadlines;
    this.options = options;
    this.http2 = http2;
  }

  send(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Http2ClientExchange({ request, target, pool: this.#poolOf(target) }, resolve, reject);
      request.onAbort(exchange);
      exchange.begin();
    });
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
    for (const pool of this.#pools.values()) pool.retire();
    this.#pools.clear();
  }

  #poolOf(target: Target): Http2Pool {
    const known = this.#pools.get(target.authority);
    if (known !== undefined) {
      known.usedAt = this.deadlines.now;
      return known;
    }
    if (this.#pools.size >= this.#sweepAt) this.#sweep();
    const pool = new Http2Pool(this, target);
    this.#pools.set(target.authority, pool);
    return pool;
  }

  #sweep(): void {
    const before = this.deadlines.now - UNUSED_MS;
    for (const [key, pool] of this.#pools) {
      if (pool.size === 0 && pool.usedAt <= before) this.#pools.delete(key);
    }
    this.#sweepAt = Math.max(MIN_SWEEP, 2 * this.#pools.size);
  }
}
