// One client's HTTP/1.1 connection: reads requests one after the other, hands each on, writes the answers.

import type { BodyOwner } from "../http/body.ts";
import { errorResponse } from "../http/error-response.ts";
import type { ProxyRequest, TlsInfo } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { HeadBuffer } from "../http1/head-buffer.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { parseRequestHead } from "../http1/request-head.ts";
import { concat } from "../net/bytes.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Waiting } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import { ClientExchange, EARLY_BYTES } from "./client-exchange.ts";
import type { Http1Server } from "./http1-server.ts";
import type { IncomingBody } from "./incoming-body.ts";
import { KeepAlive } from "./keep-alive.ts";
import { ownAnswer } from "./own-answer.ts";
import { Patience } from "./patience.ts";
import { clientGone, clientTimeout, incompleteBody, tooEarly, unaskedUpgrade } from "./refusal.ts";
import type { WriterOwner } from "./response-writer.ts";
import { ResponseWriter, writeRefusal } from "./response-writer.ts";

/**
 * ```
 *            first byte        head complete                 body complete
 * ──▶ idle ────────────▶ head ───────────────▶ body (if any) ─────────────▶ busy ──answer written──▶ idle
 *                          └─ refused ──▶ linger ◀── answer written, connection not kept ──┘
 * ```
 * The answer may be written while the phase is still `body`; what is left of the body is then drained.
 */
type Phase = "idle" | "head" | "body" | "busy" | "drain" | "linger" | "closed";

/** See {@link Phase}. */
export class Http1Connection implements ConnectionHandler, BodyOwner, WriterOwner, Waiting {
  deadline = 0;
  readonly #server: Http1Server;
  readonly #connection: Connection;
  readonly #heads: HeadBuffer;
  readonly #writer: ResponseWriter;
  readonly #exchange: ClientExchange;
  readonly #keepAlive: KeepAlive;
  readonly #patience: Patience;
  #phase: Phase = "idle";
  /** Bytes of the next request, come before their turn. */
  #stash: Uint8Array | undefined = undefined;
  #owesContinue = false;
  /** All data of a chunked body is here, but not its end: nothing is gained by passing it on before that is checked. */
  #held = false;
  #pumping = false;

  constructor(server: Http1Server, connection: Connection, tls: TlsInfo | undefined) {
    this.#server = server;
    this.#connection = connection;
    this.#heads = new HeadBuffer("downstream", server.options.policy.limits);
    this.#writer = new ResponseWriter(connection, this);
    this.#exchange = new ClientExchange(server.options, connection, this.#writer, tls);
    server.deadlines.add(this); // before anybody asks for the time
    this.#keepAlive = new KeepAlive(server);
    this.#patience = new Patience(server.options.timeouts, server.deadlines, this);
    this.#patience.forHead();
  }

  /** Closes at once when idle, after the current answer otherwise. */
  drainAndClose(): void {
    if (this.#phase === "idle") this.#close();
    else this.#keepAlive.stop();
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#connection.reset();
  }

  data(chunk: Uint8Array): void {
    switch (this.#phase) {
      case "idle":
      case "head":
        if (this.#patience.blocked) return this.#keepForLater(chunk);
        this.#readHead(chunk);
        this.#pump();
        return;
      case "body":
        this.#patience.forBody();
        return this.#readBody(chunk, 0);
      case "drain":
        return this.#drainBody(chunk);
      case "busy":
        return this.#keepForLater(chunk);
      default:
        return; // what comes after the last answer is nobody's
    }
  }

  drain(): void {
    this.#patience.blocked = false;
    if (this.#phase === "busy") this.#patience.forAnswer();
    else if (this.#phase === "idle") this.#patience.forRequest();
    else if (this.#phase === "body") this.#patience.forBody();
    this.#writer.drain();
    this.#pump();
  }

  end(): void {
    this.#patience.halfClosed = true;
    this.#inputEnded();
  }

  close(error?: ProxyError): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#stash = undefined;
    this.#server.deadlines.remove(this);
    this.#server.forget(this);
    this.#exchange.giveUp(clientGone("the client is gone", error));
  }

  #readHead(chunk: Uint8Array): void {
    try {
      const text = this.#heads.push(chunk);
      if (text !== undefined) return this.#begin(parseRequestHead(text, this.#server.options.policy), chunk);
      if (this.#phase === "idle") this.#patience.forHead();
      this.#phase = "head";
    } catch (thrown) {
      this.#refuse(toProxyError(thrown));
    }
  }

  #begin(head: RequestHead, chunk: Uint8Array): void {
    const exchange = this.#exchange;
    const { rest } = this.#heads;
    this.#keepAlive.count(head);
    if (this.#patience.halfClosed && rest === chunk.length) this.#keepAlive.stop();
    this.#owesContinue = head.expectContinue && head.hasBody;
    const request = exchange.begin(head, this);
    if (exchange.incoming === undefined) {
      this.#becomeBusy();
      if (rest < chunk.length) this.#keepForLater(chunk.subarray(rest));
    } else this.#beginBody(exchange.incoming, chunk, rest);
    if (!this.#held && (this.#phase === "busy" || this.#phase === "body")) this.#answer(request, head);
  }

  #beginBody(incoming: IncomingBody, chunk: Uint8Array, rest: number): void {
    this.#phase = "body";
    this.#patience.forWholeBody();
    if (this.#owesContinue) this.#patience.forOthers();
    else this.#patience.forBody();
    if (rest < chunk.length) this.#readBody(chunk, rest);
    this.#held = this.#phase === "body" && incoming.ending;
    if (this.#held) this.#readOn();
  }

  /** The message turned out to be well-formed to its end. */
  #release(): void {
    this.#held = false;
    const { request, head } = this.#exchange;
    if (request !== undefined && head !== undefined) this.#answer(request, head);
  }

  /** The request is in; what is left to wait for is its answer. */
  #becomeBusy(): void {
    this.#phase = "busy";
    this.#patience.forWholeAnswer();
  }

  #readBody(chunk: Uint8Array, start: number): void {
    const { incoming } = this.#exchange;
    if (incoming === undefined) return;
    try {
      const rest = incoming.read(chunk, start);
      if (!incoming.done || this.#phase !== "body") return;
      this.#becomeBusy();
      this.#owesContinue = false;
      this.#connection.resume(); // whoever takes a whole body does not ask for more, and the next request may come
      if (rest < chunk.length) this.#keepForLater(chunk.subarray(rest));
      incoming.body.finish();
      if (this.#held) this.#release();
    } catch (thrown) {
      this.#refuse(toProxyError(thrown));
    }
  }

  /** The rest of a body nobody wanted, after its answer. */
  #drainBody(chunk: Uint8Array): void {
    const { incoming } = this.#exchange;
    if (incoming === undefined) return;
    try {
      const rest = incoming.read(chunk, 0);
      if (incoming.done) {
        if (rest < chunk.length) this.#keepForLater(chunk.subarray(rest));
        this.#next();
        this.#pump();
      } else if (incoming.drainedTooMuch) this.#close();
    } catch {
      this.#close(); // the answer is out already; what is wrong with the rest no longer matters
    }
  }

  #keepForLater(bytes: Uint8Array): void {
    this.#stash = this.#stash === undefined ? bytes : concat([this.#stash, bytes]);
    if (this.#exchange.mayUpgrade) {
      return this.#stash.length > EARLY_BYTES ? this.#refuse(tooEarly()) : undefined;
    }
    if (this.#phase !== "drain") this.#connection.pause();
  }

  /** Serves pipelined requests in a loop, never in recursion. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#phase === "idle" && this.#stash !== undefined && !this.#patience.blocked) {
      const chunk = this.#stash;
      this.#stash = undefined;
      this.#connection.resume();
      this.#readHead(chunk);
      this.#noteEnd();
    }
    this.#pumping = false;
  }

  /** What the client sent before its FIN may end within a message. */
  #noteEnd(): void {
    if (!this.#patience.halfClosed || this.#stash !== undefined || this.#phase === "busy") return;
    this.#inputEnded();
  }

  /** The client sent FIN: what it has sent so far is all there will be. */
  #inputEnded(): void {
    if (this.#phase === "body") {
      this.#exchange.giveUp(incompleteBody());
      if (this.#writer.started) this.#connection.reset();
      else this.#close(); // answers to earlier requests may still be on their way
    } else if (this.#phase === "busy") {
      if (this.#stash === undefined) this.#keepAlive.stop();
      this.#patience.forHalfClosed(this.#writer.bodyBytes);
    } else if (this.#phase !== "idle" || this.#stash === undefined) this.#connection.end();
  }

  /** Whoever reads can't keep up, which is not the client's fault: its time stands still. */
  pauseBody(): void {
    if (this.#phase !== "body") return;
    this.#patience.forOthers();
    this.#connection.pause();
  }

  resumeBody(): void {
    if (this.#phase !== "body") return;
    if (this.#owesContinue && this.#exchange.incoming?.bytes === 0) this.#exchange.inform(100, undefined);
    this.#owesContinue = false;
    this.#readOn();
  }

  cancelBody(): void {
    if (this.#phase === "body") this.#readOn();
  }

  #readOn(): void {
    this.#patience.forBody();
    this.#connection.resume();
  }

  #answer(request: ProxyRequest, head: RequestHead): void {
    try {
      const answer = this.#dispatch(request, head);
      if (answer instanceof Promise) answer.then(this.#onAnswer, this.#onFailure);
      else this.#onAnswer(answer);
    } catch (thrown) {
      this.#onFailure(thrown);
    }
  }

  #dispatch(request: ProxyRequest, head: RequestHead): ProxyResponse | Promise<ProxyResponse> {
    if (request.upgrade !== undefined) this.#keepAlive.stop(); // what follows is meant for the other protocol
    return ownAnswer(head) ?? this.#server.handler(request);
  }

  readonly #onAnswer = (response: ProxyResponse): void => {
    const { head, request } = this.#exchange;
    if ((this.#phase !== "busy" && this.#phase !== "body") || head === undefined || request === undefined) {
      response.body?.cancel();
      return;
    }
    if (response.status === 101) return this.#switch(response);
    this.#exchange.response = response;
    const modern = head.protocol === "HTTP/1.1";
    if (this.#mustClose() || ResponseWriter.endsWithConnection(response, head.method, modern)) this.#keepAlive.stop();
    try {
      this.#writer.start(response, { method: head.method, modern, connection: this.#keepAlive.header(modern) });
    } catch (thrown) { // an answer whose body was used already, for instance
      if (this.#writer.started) this.#writer.fail(toProxyError(thrown));
      else this.#onFailure(thrown);
    }
  };

  /** The connection is a tunnel from now on, and no longer this object's. */
  #switch(response: ProxyResponse): void {
    const start = this.#exchange.leave(response, this.#stash, this.#patience.halfClosed);
    if (start === undefined) return this.#onFailure(unaskedUpgrade());
    this.#phase = "closed";
    this.#server.deadlines.remove(this);
    this.#server.tunnel(this, start);
  }

  readonly #onFailure = (thrown: unknown): void => {
    const error = toProxyError(thrown);
    const isOver = this.#exchange.request === undefined;
    if (isOver && error.source !== "internal") return; // it ended with the exchange, which was reported
    this.#exchange.fail(error);
    if (!isOver) this.#onAnswer(errorResponse(error));
  };

  /** A body that nobody reads and that is too long, or not yet promised, ends the connection with its answer. */
  #mustClose(): boolean {
    const { incoming } = this.#exchange;
    if (this.#phase !== "body" || incoming === undefined || incoming.body.used) return false;
    return this.#owesContinue || incoming.isLong;
  }

  written(): void {
    this.#exchange.report();
    if (this.#phase === "body") this.#leaveBody();
    else this.#next();
    this.#pump();
  }

  broken(error: ProxyError): void {
    this.#exchange.fail(error);
    if (!this.#writer.started) return this.#onAnswer(errorResponse(error));
    this.#exchange.report();
    this.#exchange.incoming?.body.cancel();
    this.#connection.reset();
  }

  stalled(): void {
    this.#patience.blocked = true;
    this.#patience.forAnswer();
  }

  #next(): void {
    this.#exchange.clear();
    const isLast = this.#patience.halfClosed && this.#stash === undefined;
    if (isLast || !this.#keepAlive.lasts) return this.#close();
    this.#phase = "idle";
    this.#patience.forRequest();
  }

  /** The answer is out, the request's body isn't in: swallow a little, or close. */
  #leaveBody(): void {
    const { incoming } = this.#exchange;
    if (!this.#keepAlive.lasts || incoming === undefined) return this.#close();
    this.#phase = "drain";
    incoming.drain();
    this.#readOn();
  }

  /** Answers a message that can't be trusted, and closes. */
  #refuse(error: ProxyError): void {
    const { request } = this.#exchange;
    this.#keepAlive.stop();
    this.#exchange.giveUp(error);
    if (this.#writer.started) return this.#connection.reset();
    this.#server.options.refused(error, this.#connection.remote, request);
    writeRefusal(this.#connection, error);
    this.#close();
  }

  /** Sends FIN, and listens a little longer so that nothing on its way to the client is lost. */
  #close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "linger";
    this.#stash = undefined;
    this.#patience.forEnd();
    this.#connection.resume();
    this.#connection.end();
  }

  expire(): void {
    const { blocked } = this.#patience;
    if (this.#phase === "linger" && this.#patience.isTaking(this.#connection.pending)) return;
    if (this.#phase === "idle" && this.#keepAlive.requests > 0 && !blocked) this.#close();
    else if (this.#phase === "idle" || this.#phase === "linger") this.#connection.destroy();
    else if (this.#phase === "head") this.#refuse(clientTimeout("head-timeout", "the head took too long"));
    else if (this.#phase === "body" && !this.#writer.started) {
      this.#refuse(clientTimeout("body-timeout", "the request's body stalled"));
    } else if (!this.#patience.isRewarded(this.#writer.bodyBytes)) {
      this.#exchange.giveUp(clientGone("the client stalled"));
      this.#connection.reset();
    }
  }
}
