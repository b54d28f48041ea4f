// The exchange that a client's connection is busy with: its request, its answer, and the report when it is over.

import type { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { statusLine } from "../http1/write.ts";
import type { Connection } from "../net/connection.ts";
import type { ProxyError } from "../net/error.ts";
import type { Http1Options } from "./http1-server.ts";
import type { IncomingBody } from "./incoming-body.ts";
import type { ResponseWriter } from "./response-writer.ts";

/** One per connection, filled anew for each request. */
export class ClientExchange {
  head: RequestHead | undefined = undefined;
  /** Gone as soon as the exchange was reported; late news about it then concern nobody. */
  request: ProxyRequest | undefined = undefined;
  response: ProxyResponse | undefined = undefined;
  incoming: IncomingBody | undefined = undefined;
  readonly #options: Http1Options;
  readonly #connection: Connection;
  readonly #writer: ResponseWriter;

  constructor(options: Http1Options, connection: Connection, writer: ResponseWriter) {
    this.#options = options;
    this.#connection = connection;
    this.#writer = writer;
  }

  /** Sends an interim answer, if the final one hasn't begun. One closure for all requests of the connection. */
  readonly inform = (status: number, headers: HeaderList | undefined): void => {
    if (this.request === undefined || this.#writer.started) return;
    this.#connection.write(`${statusLine(status, "")}${headers?.toText() ?? ""}\r\n`);
  };

  /** The client waits to hear whether its connection changes its protocol. */
  get mayUpgrade(): boolean {
    return this.request?.upgrade !== undefined && this.response === undefined;
  }

  /** Makes room for the next one. */
  clear(): void {
    this.request = undefined;
    this.response = undefined;
    this.incoming = undefined;
  }

  /** Tells that the handler failed, or that its answer broke off. */
  fail(error: ProxyError): void {
    if (this.request !== undefined) this.request.record.errorCode = error.code;
    this.#options.failed(error, this.request);
  }

  /** The answer was written, or as much of it as there will be. */
  report(): void {
    const { request } = this;
    if (request === undefined) return;
    this.request = undefined;
    this.#reportAs(request, this.response?.status ?? 0);
  }

  /** Ends it before its answer is through, and tells everybody who works for it. */
  giveUp(reason: ProxyError): void {
    const { request } = this;
    if (request !== undefined) {
      this.request = undefined;
      request.record.errorCode = reason.code;
      this.#writer.abandon();
      request.abort(reason);
      this.#reportAs(request, reason.code === "client-gone" ? 499 : reason.status);
    }
    this.incoming?.body.fail(reason);
  }

  #reportAs(request: ProxyRequest, status: number): void {
    const { response, incoming } = this;
    this.#options.finished(request, {
      status,
      headers: response?.headers,
      requestBytes: incoming?.bytes ?? 0,
      responseBytes: response === undefined ? 0 : this.#writer.bodyBytes,
    });
  }
}
