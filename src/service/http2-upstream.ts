// One HTTP/2 connection to a backend: many exchanges at once, and its own time.

import type { ClientHandler } from "../http2/client-session.ts";
import { ClientSession } from "../http2/client-session.ts";
import { errorCode } from "../http2/protocol.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Waiting } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import type { Http2ClientExchange } from "./http2-exchange.ts";
import type { Http2Pool } from "./http2-pool.ts";
import { upstreamGone } from "./upstream-gone.ts";

const TICK_MS = 1000;

/** See the file's sentence. */
export class Http2Upstream implements ConnectionHandler, ClientHandler, Waiting {
  deadline: number;
  readonly #connection: Connection;
  readonly #pool: Http2Pool;
  readonly #session: ClientSession;
  readonly #exchanges = new Set<Http2ClientExchange>();
  readonly #openedAt: number;
  #served = 0;
  #idleSince: number;
  #receivedAt: number;
  /** When the backend was asked for a sign of life; 0: it wasn't, or gave one. */
  #pingedAt = 0;
  /** The session is over; what was written may still be on its way. */
  #isOver = false;

  constructor(connection: Connection, pool: Http2Pool) {
    const { deadlines } = pool.transport;
    this.#connection = connection;
    this.#pool = pool;
    deadlines.add(this); // before anybody asks for the time
    this.#openedAt = this.#idleSince = this.#receivedAt = deadlines.now;
    this.deadline = deadlines.now + TICK_MS;
    this.#session = new ClientSession(this, pool.transport.http2, deadlines);
    connection.handle(this);
  }

  /** Milliseconds of the deadlines' clock. */
  get now(): number {
    return this.#pool.transport.deadlines.now;
  }

  /** It has room for another exchange. */
  get hasRoom(): boolean {
    return !this.#isOver && this.#session.canOpen;
  }

  /** It carried other exchanges before, so it may simply have been closed meanwhile. */
  get wasReused(): boolean {
    return this.#served > 1;
  }

  /** Carries an exchange. There must be room. */
  send(exchange: Http2ClientExchange): void {
    this.#served++;
    this.#exchanges.add(exchange);
    exchange.send(this, this.#session);
  }

  /** An exchange is over, here. */
  forget(exchange: Http2ClientExchange): void {
    this.#exchanges.delete(exchange);
    if (this.#exchanges.size === 0) this.#idleSince = this.now;
  }

  /** Takes no more exchanges, and closes with the last. */
  retire(): void {
    this.#session.shutdown();
  }

  // --- ConnectionHandler, Waiting ----------------------------------------------------------------------------------

  data(chunk: Uint8Array): void {
    this.#receivedAt = this.now;
    this.#pingedAt = 0;
    this.#session.receive(chunk);
  }

  drain(): void {
    this.#session.drained();
  }

  end(): void {
    this.#leave(upstreamGone("the backend closed the connection", "idempotent"));
    this.#connection.destroy();
  }

  close(error?: ProxyError): void {
    this.#leave(upstreamGone("the backend's connection broke", "idempotent", error));
    this.#pool.transport.deadlines.remove(this);
  }

  expire(): void {
    if (this.#isOver) return this.#connection.destroy();
    const { options } = this.#pool.transport;
    const { now } = this;
    this.deadline = now + TICK_MS;
    for (const exchange of [...this.#exchanges]) exchange.tick(now, options.responseHeaderTimeoutMs);
    this.#checkLife(now);
    this.#session.tick();
  }

  #checkLife(now: number): void {
    const { idleTimeoutMs, maxLifeMs, readIdleTimeoutMs, pingTimeoutMs } = this.#pool.transport.options;
    const isIdle = this.#exchanges.size === 0 && idleTimeoutMs !== 0 && now - this.#idleSince > idleTimeoutMs;
    if (isIdle || (maxLifeMs !== 0 && now - this.#openedAt > maxLifeMs)) return this.retire();
    if (this.#pingedAt !== 0 && now - this.#pingedAt > pingTimeoutMs) {
      return this.#session.abort(errorCode.none, "the backend gives no sign of life");
    }
    if (readIdleTimeoutMs === 0 || this.#pingedAt !== 0 || now - this.#receivedAt <= readIdleTimeoutMs) return;
    this.#pingedAt = now;
    this.#session.ping();
  }

  // --- ClientHandler -----------------------------------------------------------------------------------------------

  write(bytes: Uint8Array): boolean {
    return this.#connection.write(bytes);
  }

  wake(): void {
    queueMicrotask(this.#flush);
  }

  readonly #flush = (): void => this.#session.flush();

  available(): void {
    this.#pool.serve();
  }

  pong(): void {
    // any byte is a sign of life
  }

  over(): void {
    this.#isOver = true;
    this.#pool.remove(this);
    this.#connection.end();
  }

  #leave(error: ProxyError): void {
    this.#isOver = true;
    this.#pool.remove(this);
    this.#session.close(error);
  }
}
