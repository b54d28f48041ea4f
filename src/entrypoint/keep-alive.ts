// Whether a client's connection goes on after the current answer.

import type { RequestHead } from "../http1/request-head.ts";
import type { Http1Server } from "./http1-server.ts";

/** One per connection. Once it is over it stays so. */
export class KeepAlive {
  /** Requests begun so far. */
  requests = 0;
  /** The connection may serve another request. */
  lasts = true;
  readonly #server: Http1Server;
  readonly #openedAt: number;

  constructor(server: Http1Server) {
    this.#server = server;
    this.#openedAt = server.deadlines.now;
  }

  /** Takes a request into account. */
  count(head: RequestHead): void {
    const { options, deadlines } = this.#server;
    const { keepAliveMaxMs } = options.timeouts;
    this.requests++;
    if (!head.keepAlive || this.requests === options.keepAliveMaxRequests) this.lasts = false;
    else if (keepAliveMaxMs !== 0 && deadlines.now - this.#openedAt > keepAliveMaxMs) this.lasts = false;
  }

  /** The current answer is the last one. */
  stop(): void {
    this.lasts = false;
  }

  /** What the answer's Connection header says; empty: there is none. @param modern HTTP/1.1 */
  header(modern: boolean): string {
    if (!this.lasts) return "close";
    return modern ? "" : "keep-alive";
  }
}
