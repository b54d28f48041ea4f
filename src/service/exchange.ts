// One request on its way to one server: which connection carries it, and whether it may be sent again.

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Connection } from "../net/connection.ts";
import type { ProxyError } from "../net/error.ts";
import type { Dial, DialHandler } from "../net/runtime.ts";
import type { Http1Transport } from "./http1-transport.ts";
import type { Pool } from "./pool.ts";
import type { Target } from "./transport.ts";
import { UpstreamConnection } from "./upstream-connection.ts";

/** RFC 9110 §9.2.2. */
export const idempotentMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** See the file's sentence. Made once per request; also the request's abort listener and the dial's handler. */
export class Exchange implements DialHandler {
  readonly request: ProxyRequest;
  readonly target: Target;
  /** The body, when it was in memory as a whole: kept, so that it can be sent again. */
  whole: Uint8Array | undefined = undefined;
  readonly #transport: Http1Transport;
  readonly #pool: Pool;
  readonly #resolve: (response: ProxyResponse) => void;
  readonly #reject: (error: ProxyError) => void;
  #connection: UpstreamConnection | undefined = undefined;
  #dial: Dial | undefined = undefined;
  #over = false;

  constructor(
    transport: Http1Transport,
    route: { readonly request: ProxyRequest; readonly target: Target; readonly pool: Pool },
    resolve: (response: ProxyResponse) => void,
    reject: (error: ProxyError) => void,
  ) {
    this.request = route.request;
    this.target = route.target;
    this.#transport = transport;
    this.#pool = route.pool;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Sends the request on an idle connection, or dials one. */
  begin(): void {
    if (this.#over) return; // the client had gone before the request came here
    // one that waited may be dead already, and a conversation can't be begun twice
    const idle = this.request.upgrade === undefined ? this.#pool.take() : undefined;
    if (idle === undefined) this.#dialFresh();
    else {
      this.#connection = idle;
      idle.send(this);
    }
  }

  open(connection: Connection): void {
    this.#dial = undefined;
    const upstream = new UpstreamConnection(connection, this.#pool, this.#transport);
    this.#connection = upstream;
    upstream.send(this);
  }

  fail(error: ProxyError): void {
    this.#dial = undefined;
    this.#settleError(error);
  }

  /** The client is gone. */
  abort(reason: ProxyError): void {
    this.#dial?.cancel();
    this.#dial = undefined;
    this.#connection?.cancel(this, reason);
    this.#settleError(reason);
  }

  /** The final answer's head is here. */
  answered(response: ProxyResponse): void {
    if (this.#over) return response.body?.cancel();
    this.#over = true;
    const { record } = this.request;
    record.originStatus = response.status;
    record.originMs = performance.now() - record.startedAt;
    this.#resolve(response);
  }

  /** The exchange is through, both ways: its connection is no longer its business. */
  release(): void {
    this.#connection = undefined;
  }

  /**
   * The connection ended before any answer.
   * @param reused it had served before, so it may simply have been closed meanwhile
   */
  broke(error: ProxyError, reused: boolean): void {
    this.#connection = undefined;
    if (this.#over) return;
    if (reused && error.retry === "idempotent" && this.#mayRepeat()) this.#dialFresh();
    else this.#settleError(error);
  }

  /** A body that was streamed is gone; one in memory, or none, can be sent again if the method allows it. */
  #mayRepeat(): boolean {
    const { body, method } = this.request;
    const replayable = body === undefined || this.whole !== undefined;
    return replayable && idempotentMethods.has(method) && this.request.aborted === undefined;
  }

  #dialFresh(): void {
    this.#dial = this.#transport.runtime.dial(this.#pool.dialOptions, this);
  }

  #settleError(error: ProxyError): void {
    if (this.#over) return;
    this.#over = true;
    this.#reject(error);
  }
}
