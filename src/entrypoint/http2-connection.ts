// One client's HTTP/2 connection: the session's socket, its time, and an exchange per stream.

import { errorResponse } from "../http/error-response.ts";
import { ForwardedHeaders } from "../http/forwarded.ts";
import type { Handler } from "../http/handler.ts";
import type { TlsInfo } from "../http/request.ts";
import { errorCode } from "../http2/protocol.ts";
import type { Http2RequestHead } from "../http2/request-head.ts";
import type { ServerHandler } from "../http2/server-session.ts";
import { ServerSession } from "../http2/server-session.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Waiting } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http2Exchange } from "./http2-exchange.ts";
import type { Http2Server } from "./http2-server.ts";
import { clientGone } from "./refusal.ts";
import { StreamWriter } from "./stream-writer.ts";

const TICK_MS = 1000;
/** How long a closing connection may still send, so that our GOAWAY isn't lost to a reset. */
const LINGER_MS = 2000;

/** See the file's sentence. */
export class Http2Connection implements ConnectionHandler, Waiting, ServerHandler {
  deadline: number;
  readonly connection: Connection;
  readonly forwarded: ForwardedHeaders;
  readonly tls: TlsInfo | undefined;
  readonly #server: Http2Server;
  readonly #session: ServerSession;
  readonly #exchanges = new Set<Http2Exchange>();
  readonly #openedAt: number;
  #requests = 0;
  #idleSince: number;
  /** Since when the client takes nothing; 0: it does. */
  #blockedSince = 0;
  /** The client sent FIN. */
  #halfClosed = false;
  #lingers = false;

  constructor(server: Http2Server, connection: Connection, tls: TlsInfo | undefined) {
    const { options, deadlines } = server;
    const { ip } = connection.remote;
    this.#server = server;
    this.connection = connection;
    this.tls = tls;
    const peer = { ip, trusted: options.trusts(ip), secure: options.policy.scheme === "https" };
    this.forwarded = new ForwardedHeaders(peer, options.forwarded);
    deadlines.add(this); // before anybody asks for the time
    this.#openedAt = this.#idleSince = deadlines.now;
    this.deadline = deadlines.now + TICK_MS;
    this.#session = new ServerSession(this, options.policy, server.limits, deadlines);
  }

  /** What answers requests. */
  get handler(): Handler {
    return this.#server.handler;
  }

  /** Settings of the entry point. */
  get options(): Http1Options {
    return this.#server.options;
  }

  /** Milliseconds of the deadlines' clock. */
  get now(): number {
    return this.#server.deadlines.now;
  }

  /** Lets requests under way finish, and takes no more. */
  drainAndClose(): void {
    this.#session.shutdown();
  }

  /** Cuts the connection. */
  destroy(): void {
    this.connection.reset();
  }

  /** An exchange is over. */
  forget(exchange: Http2Exchange): void {
    this.#exchanges.delete(exchange);
    if (this.#exchanges.size > 0) return;
    this.#idleSince = this.now;
    if (this.#halfClosed) this.connection.end();
  }

  // --- ConnectionHandler, Waiting ----------------------------------------------------------------------------------

  data(chunk: Uint8Array): void {
    this.#session.receive(chunk);
  }

  drain(): void {
    this.#blockedSince = 0;
    this.#session.drained();
  }

  end(): void {
    this.#halfClosed = true;
    if (this.#exchanges.size === 0) this.connection.end();
  }

  close(error?: ProxyError): void {
    this.#server.forget(this);
    this.#session.close(clientGone("the client is gone", error));
  }

  expire(): void {
    if (this.#lingers) return this.connection.destroy();
    const { now } = this;
    const { writeIdleMs } = this.options.timeouts;
    this.deadline = now + TICK_MS;
    if (this.#blockedSince !== 0 && writeIdleMs !== 0 && now - this.#blockedSince > writeIdleMs) return this.destroy();
    for (const exchange of [...this.#exchanges]) exchange.tick(now);
    if (this.#exchanges.size === 0) this.#checkIdle(now);
    this.#session.tick();
  }

  #checkIdle(now: number): void {
    const { headMs, keepAliveMs, keepAliveMaxMs } = this.options.timeouts;
    const limit = this.#requests === 0 ? headMs : keepAliveMs;
    const isOld = keepAliveMaxMs !== 0 && now - this.#openedAt > keepAliveMaxMs;
    if (isOld || (limit !== 0 && now - this.#idleSince > limit)) this.#session.shutdown();
  }

  // --- ServerHandler -----------------------------------------------------------------------------------------------

  write(bytes: Uint8Array): boolean {
    if (this.connection.write(bytes)) return true;
    if (this.#blockedSince === 0) this.#blockedSince = this.now;
    return false;
  }

  wake(): void {
    queueMicrotask(this.#flush);
  }

  readonly #flush = (): void => this.#session.flush();

  over(error: ProxyError | undefined): void {
    if (error !== undefined) this.options.refused(error, this.connection.remote, undefined);
    this.#lingers = true;
    this.deadline = this.now + LINGER_MS;
    this.connection.end();
  }

  request(stream: Http2Stream, head: Http2RequestHead, hasBody: boolean): Http2Exchange {
    const exchange = new Http2Exchange(this, stream, head, hasBody);
    stream.handler = exchange;
    this.#exchanges.add(exchange);
    if (++this.#requests === this.options.keepAliveMaxRequests) this.#session.shutdown();
    return exchange;
  }

  refused(stream: Http2Stream, error: ProxyError): void {
    this.#requests++;
    this.options.refused(error, this.connection.remote, undefined);
    const writer = new StreamWriter(stream, { broken: () => stream.reset(errorCode.internal) });
    writer.start(errorResponse(error), "");
  }

  malformed(error: ProxyError): void {
    this.options.refused(error, this.connection.remote, undefined);
  }
}
