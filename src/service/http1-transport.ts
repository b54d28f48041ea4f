// HTTP/1.1 to backends: pools of connections per address, one exchange per connection at a time.

import { responseLimits } from "../http1/limits.ts";
import type { HeadLimits } from "../http1/limits.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { Runtime } from "../net/runtime.ts";
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

const UNUSED_MS = 600_000; // as Pods come and go, so do addresses: those not asked for in this time are forgotten
const MIN_SWEEP = 64; // pools; below, forgetting is not worth the look

/** The only thing it asks of the system. */
export type Dialler = Pick<Runtime, "dial">;

/** The transport for `http://` servers. Lives across reloads, so that its pools do. */
export class Http1Transport implements Transport {
  readonly runtime: Dialler;
  readonly deadlines: Deadlines;
  readonly options: Http1TransportOptions;
  readonly limits: HeadLimits;
  readonly #pools = new Map<string, Pool>();
  /** Pools at which the unused ones are looked for. */
  #sweepAt = MIN_SWEEP;
  #closed = false;

  constructor(runtime: Dialler, deadlines: Deadlines, options: Http1TransportOptions) {
    this.runtime = runtime;
    this.deadlines = deadlines;
    this.options = options;
    this.limits = options.limits ?? responseLimits;
  }

  send(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(this, { request, target, pool: this.#poolOf(target) }, resolve, reject);
      request.onAbort(exchange);
      exchange.begin();
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
    for (const pool of this.#pools.values()) pool.clear();
    this.#pools.clear();
  }

  #poolOf(target: Target): Pool {
    const key = target.authority;
    const known = this.#pools.get(key);
    if (known !== undefined) {
      known.usedAt = this.deadlines.now;
      return known;
    }
    if (this.#pools.size >= this.#sweepAt) this.#sweep();
    const pool = new Pool(this.options.maxIdlePerHost, this.deadlines.now);
    this.#pools.set(key, pool);
    return pool;
  }

  /** Costs a look at each pool once per doubling, so next to nothing per address. */
  #sweep(): void {
    const before = this.deadlines.now - UNUSED_MS;
    for (const [key, pool] of this.#pools) {
      if (pool.size > 0 || pool.usedAt > before) continue;
      pool.retire();
      this.#pools.delete(key);
    }
    this.#sweepAt = Math.max(MIN_SWEEP, 2 * this.#pools.size);
  }
}
