// The exchange that a client's connection is busy with: its request, its answer, and the report when it is over.

import type { BodyOwner } from "../http/body.ts";
import { ForwardedHeaders } from "../http/forwarded.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest, TlsInfo } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { UpgradeResponse } from "../http/upgrade.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { statusLine } from "../http1/write.ts";
import type { Connection } from "../net/connection.ts";
import type { ProxyError } from "../net/error.ts";
import type { TunnelStart } from "./client-tunnel.ts";
import { createRequest } from "./create-request.ts";
import type { RequestOrigin } from "./create-request.ts";
import type { Http1Options } from "./http1-server.ts";
import { IncomingBody } from "./incoming-body.ts";
import type { ResponseWriter } from "./response-writer.ts";

/** What a client may send of another protocol before that is agreed on. */
export const EARLY_BYTES = 16_384;

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
  readonly #origin: RequestOrigin;

  constructor(options: Http1Options, connection: Connection, writer: ResponseWriter, tls: TlsInfo | undefined) {
    this.#options = options;
    this.#connection = connection;
    this.#writer = writer;
    const { ip } = connection.remote;
    const peer = { ip, trusted: options.trusts(ip), secure: options.policy.scheme === "https" };
    this.#origin = { connection, forwarded: new ForwardedHeaders(peer, options.forwarded), options, tls };
  }

  /** Makes the request that handlers see. @param owner feeds its body */
  begin(head: RequestHead, owner: BodyOwner): ProxyRequest {
    this.head = head;
    this.incoming = head.hasBody ? new IncomingBody(head.length, owner) : undefined;
    const request = createRequest(head, this.incoming?.body, this.#origin);
    if (head.protocol === "HTTP/1.1") request.inform = this.inform;
    this.request = request;
    return request;
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

  /**
   * The answer is 101: all further is a tunnel's business, the report included.
   * @param early what the client sent meanwhile
   * @returns undefined when that is not what the request asked for
   */
  leave(response: ProxyResponse, early: Uint8Array | undefined, ended: boolean): TunnelStart | undefined {
    const { request } = this;
    const isWanted = response instanceof UpgradeResponse && response.protocol === request?.upgrade;
    if (request === undefined || !isWanted) {
      response.body?.cancel();
      return undefined;
    }
    this.clear();
    return { connection: this.#connection, request, response, early, ended };
  }

  /** Makes room for the next one. */
  clear(): void {
    this.head = undefined; // it may be large, and the next request far away
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
