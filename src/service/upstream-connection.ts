// One connection to a backend: writes a request, reads its answer, and goes back to its pool.

import type { BodyOwner } from "../http/body.ts";
import { PushBody } from "../http/body.ts";
import { ProxyResponse } from "../http/response.ts";
import { TunnelEnd } from "../http/tunnel-end.ts";
import { UpgradeResponse } from "../http/upgrade.ts";
import { badMessage } from "../http1/bad-message.ts";
import type { BodyDecoder } from "../http1/body-decoder.ts";
import { createBodyDecoder } from "../http1/body-decoder.ts";
import { framing } from "../http1/framing.ts";
import { HeadBuffer } from "../http1/head-buffer.ts";
import { INTERIM_ANSWERS } from "../http1/limits.ts";
import type { ResponseHead } from "../http1/response-head.ts";
import { parseResponseHead } from "../http1/response-head.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Waiting } from "../net/deadlines.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Exchange } from "./exchange.ts";
import type { Http1Transport } from "./http1-transport.ts";
import type { Pool } from "./pool.ts";
import type { UploadOwner } from "./upload.ts";
import { Upload } from "./upload.ts";
import { unrepeatable, upstreamGone } from "./upstream-gone.ts";
import { upstreamHead } from "./upstream-head.ts";

/**
 * ```
 * idle ──send──▶ head ──final head──▶ body ──complete──▶ idle (or closed)
 *                  └──101──▶ closed: the connection is a tunnel's
 * ```
 * The request's body may still be on its way out while the answer comes in.
 */
type Phase = "idle" | "head" | "body" | "closed";

/** See {@link Phase}. */
export class UpstreamConnection implements ConnectionHandler, BodyOwner, UploadOwner, Waiting {
  deadline = 0;
  readonly #connection: Connection;
  readonly #pool: Pool;
  readonly #transport: Http1Transport;
  readonly #heads: HeadBuffer;
  readonly #diesAt: number;
  #phase: Phase = "idle";
  #exchange: Exchange | undefined = undefined;
  #upload: Upload | undefined = undefined;
  #answer: PushBody | undefined = undefined;
  #decoder: BodyDecoder | undefined = undefined;
  #length = 0;
  #served = 0;
  #interim = 0;
  #keepAlive = true;
  /** Some bytes of the answer are here: sending again would not be safe. */
  #heard = false;

  constructor(connection: Connection, pool: Pool, transport: Http1Transport) {
    this.#connection = connection;
    this.#pool = pool;
    this.#transport = transport;
    this.#heads = new HeadBuffer("upstream", transport.limits);
    const { maxLifeMs } = transport.options;
    transport.deadlines.add(this); // before anybody asks for the time
    this.#diesAt = maxLifeMs === 0 ? Number.POSITIVE_INFINITY : transport.deadlines.now + maxLifeMs;
    connection.handle(this);
  }

  /** Carries an exchange. The connection must be idle. */
  send(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#phase = "head";
    this.#interim = 0;
    this.#heard = false;
    this.progressed();
    const { request, target } = exchange;
    const { body } = request;
    exchange.whole ??= body?.takeWhole();
    const { whole } = exchange;
    const head = upstreamHead(request, target, whole);
    if (whole !== undefined && whole.length > 0) this.#connection.writeTogether(head, whole);
    else if (whole !== undefined || body === undefined) this.#connection.write(head);
    else {
      this.#upload = new Upload(this.#connection, body, head, this);
      this.#upload.begin();
    }
  }

  /** The client is gone, so nobody wants this exchange's answer any more. Who is reading it nevertheless is told. */
  cancel(exchange: Exchange, reason: ProxyError): void {
    if (this.#exchange !== exchange) return;
    const answer = this.#answer;
    this.discard();
    answer?.fail(reason);
  }

  /** Closes without asking. */
  discard(): void {
    if (this.#phase === "closed") return;
    this.#leave();
    this.#connection.destroy();
  }

  // --- ConnectionHandler -------------------------------------------------------------------------------------------

  data(chunk: Uint8Array): void {
    this.#heard = true;
    try {
      if (this.#phase === "head") this.#readHead(chunk);
      else if (this.#phase === "body") this.#readBody(chunk, 0);
      else this.discard(); // bytes nobody asked for: the next answer could not be trusted
    } catch (thrown) {
      this.#broke(toProxyError(thrown));
    }
  }

  drain(): void {
    if (this.#upload === undefined) return;
    this.progressed();
    this.#upload.drain();
  }

  end(): void {
    if (this.#phase === "body" && this.#length === framing.untilClose) {
      this.#keepAlive = false;
      this.#complete();
    } else if (this.#phase === "idle") this.discard();
    else this.#broke(upstreamGone("the backend closed the connection early", "idempotent"));
  }

  close(error?: ProxyError): void {
    if (this.#phase !== "closed") this.#broke(upstreamGone("the backend's connection broke", "idempotent", error));
  }

  expire(): void {
    if (this.#phase === "idle") return this.discard();
    this.#broke(
      new ProxyError("the backend sent no answer in time", {
        code: "response-timeout",
        source: "upstream",
        status: 504,
      }),
    );
  }

  // --- UploadOwner -------------------------------------------------------------------------------------------------

  progressed(): void {
    const { responseHeaderTimeoutMs } = this.#transport.options;
    if (this.#phase !== "head") return;
    this.deadline = responseHeaderTimeoutMs === 0 ? 0 : this.#transport.deadlines.now + responseHeaderTimeoutMs;
  }

  uploaded(): void {
    this.#upload = undefined;
    this.progressed();
  }

  uploadFailed(error: ProxyError): void {
    this.#upload = undefined;
    this.#broke(error);
  }

  // --- the answer --------------------------------------------------------------------------------------------------

  #readHead(chunk: Uint8Array): void {
    let start = 0;
    while (this.#phase === "head" && start < chunk.length) {
      const text = this.#heads.push(chunk, start);
      if (text === undefined) return;
      start = this.#heads.rest;
      const head = parseResponseHead(text, this.#exchange?.request.method ?? "", this.#transport.limits);
      if (head.status === 101) this.#switch(head, chunk, start);
      else if (head.status < 200) this.#takeInterim(head);
      else this.#takeFinal(head, chunk, start);
    }
  }

  #takeInterim(head: ResponseHead): void {
    if (++this.#interim > INTERIM_ANSWERS) {
      throw badMessage("upstream", "too-many-interim", "the backend sent too many interim answers");
    }
    if (head.status !== 100) this.#exchange?.request.inform?.(head.status, head.headers);
  }

  /** The connection is no longer HTTP's: a tunnel takes it over. @throws {ProxyError} 502 */
  #switch(head: ResponseHead, chunk: Uint8Array, start: number): void {
    const exchange = this.#exchange;
    const wanted = exchange?.request.upgrade;
    if (exchange === undefined || wanted === undefined || head.upgrade !== wanted) {
      throw badMessage("upstream", "unasked-upgrade", "the backend changed to a protocol nobody asked for");
    }
    this.#leave();
    exchange.release();
    const tunnel = new TunnelEnd({ connection: this.#connection, deadlines: this.#transport.deadlines, idleMs: 0 });
    if (start < chunk.length) tunnel.data(chunk.subarray(start));
    exchange.answered(new UpgradeResponse(wanted, head.headers, tunnel));
  }

  #takeFinal(head: ResponseHead, chunk: Uint8Array, start: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return this.discard();
    this.deadline = 0;
    this.#length = head.length;
    this.#keepAlive = head.keepAlive;
    const response = new ProxyResponse(head.status, head.headers);
    response.statusText = head.statusText;
    if (head.length === 0) {
      if (start < chunk.length) this.#keepAlive = false;
      this.#complete();
    } else {
      this.#answer = new PushBody(head.length >= 0 ? head.length : undefined, this);
      this.#decoder = createBodyDecoder(head.length, "upstream");
      response.body = this.#answer;
      if (start < chunk.length) this.#readBody(chunk, start);
      if (this.#phase === "head") this.#awaitBody(start < chunk.length);
    }
    exchange.answered(response);
  }

  /** @param isBegun some of the body is kept for its reader: no more until that comes. A body that is whole spares the pause */
  #awaitBody(isBegun: boolean): void {
    this.#phase = "body";
    if (isBegun) this.#connection.pause();
  }

  #readBody(chunk: Uint8Array, start: number): void {
    const decoder = this.#decoder;
    const answer = this.#answer;
    if (decoder === undefined || answer === undefined) return;
    const rest = decoder.decode(chunk, start, answer);
    if (!decoder.done || this.#phase === "closed") return; // whoever reads may have given up meanwhile
    if (rest < chunk.length) this.#keepAlive = false;
    this.#complete();
  }

  /** The answer is through: the connection waits for its next request, or closes. */
  #complete(): void {
    const answer = this.#answer;
    const reusable = this.#keepAlive && this.#upload === undefined && !this.#transport.closed &&
      this.#transport.deadlines.now < this.#diesAt;
    this.#exchange?.release();
    this.#upload?.stop();
    this.#upload = undefined;
    this.#exchange = undefined;
    this.#answer = undefined;
    this.#decoder = undefined;
    this.#served++;
    this.#phase = "idle";
    if (reusable && this.#pool.put(this)) this.#wait();
    else this.discard();
    answer?.finish();
  }

  #wait(): void {
    const { idleTimeoutMs } = this.#transport.options;
    this.deadline = idleTimeoutMs === 0 ? 0 : this.#transport.deadlines.now + idleTimeoutMs;
    this.#connection.resume();
  }

  // --- BodyOwner ---------------------------------------------------------------------------------------------------

  pauseBody(): void {
    if (this.#phase === "body") this.#connection.pause();
  }

  resumeBody(): void {
    if (this.#phase === "body") this.#connection.resume();
  }

  cancelBody(): void {
    this.discard();
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  /** Tells whoever waits that nothing more will come. */
  #broke(error: ProxyError): void {
    const exchange = this.#exchange;
    const answer = this.#answer;
    const reused = this.#served > 0 && !this.#heard;
    const wasIdle = this.#phase === "idle";
    this.#leave();
    this.#connection.destroy();
    if (wasIdle) return;
    exchange?.broke(this.#heard ? unrepeatable(error) : error, reused); // news only while its answer hasn't begun
    answer?.fail(unrepeatable(error));
  }

  #leave(): void {
    if (this.#phase === "idle") this.#pool.remove(this);
    const upload = this.#upload;
    this.#upload = undefined;
    this.#exchange = undefined;
    this.#answer = undefined;
    this.#phase = "closed";
    this.deadline = 0;
    this.#transport.deadlines.remove(this);
    upload?.stop();
  }
}
