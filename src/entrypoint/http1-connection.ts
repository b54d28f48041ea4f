// One client's HTTP/1.1 connection: reads requests one after the other, hands each on, writes the answers.

import type { BodyOwner } from "../http/body.ts";
import { errorResponse } from "../http/error-response.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { textResponse } from "../http/response.ts";
import { HeadBuffer } from "../http1/head-buffer.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { parseRequestHead } from "../http1/request-head.ts";
import { statusLine } from "../http1/write.ts";
import { concat } from "../net/bytes.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Waiting } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import { createRequest } from "./create-request.ts";
import type { Http1Server } from "./http1-server.ts";
import { IncomingBody } from "./incoming-body.ts";
import { clientGone, clientTimeout, incompleteBody } from "./refusal.ts";
import type { WriterOwner } from "./response-writer.ts";
import { ResponseWriter } from "./response-writer.ts";

/** How long a closing connection may still send, so that our last answer isn't lost to a reset. */
const LINGER_MS = 2_000;
/** A client that sent FIN gets its answer if bytes keep moving at this pace. */
const HALF_CLOSED_MS = 5_000;

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
  readonly #trusted: boolean;
  readonly #openedAt: number;
  #phase: Phase = "idle";
  #head: RequestHead | undefined = undefined;
  #request: ProxyRequest | undefined = undefined;
  #response: ProxyResponse | undefined = undefined;
  #incoming: IncomingBody | undefined = undefined;
  /** Bytes of the next request, come before their turn. */
  #stash: Uint8Array | undefined = undefined;
  #requests = 0;
  #keepAlive = true;
  #halfClosed = false;
  #owesContinue = false;
  /** All data of a chunked body is here, but not its end: nothing is gained by passing it on before that is checked. */
  #held = false;
  #pumping = false;
  /** The client doesn't take its answers: no further request is read until it does. */
  #blocked = false;
  /** End of the time for the whole request, then for the whole answer; 0: none. */
  #cap = 0;

  constructor(server: Http1Server, connection: Connection) {
    this.#server = server;
    this.#connection = connection;
    this.#heads = new HeadBuffer("downstream", server.options.policy.limits);
    this.#writer = new ResponseWriter(connection, this);
    this.#trusted = server.options.trusts(connection.remote.ip);
    this.#openedAt = server.deadlines.now;
    this.#wait(server.options.timeouts.headMs);
  }

  /** Closes at once when idle, after the current answer otherwise. */
  drainAndClose(): void {
    if (this.#phase === "idle") this.#close();
    else this.#keepAlive = false;
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#connection.reset();
  }

  data(chunk: Uint8Array): void {
    switch (this.#phase) {
      case "idle":
      case "head":
        if (this.#blocked) return this.#keepForLater(chunk);
        this.#readHead(chunk);
        this.#pump();
        return;
      case "body":
        this.#wait(this.#server.options.timeouts.bodyIdleMs);
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
    this.#blocked = false;
    if (this.#phase === "busy") this.#wait(0);
    this.#writer.drain();
    this.#pump();
  }

  end(): void {
    this.#halfClosed = true;
    if (this.#phase === "body") {
      const error = incompleteBody();
      this.#incoming?.body.fail(error);
      this.#giveUp(error);
      this.#connection.reset();
    } else if (this.#phase === "busy") {
      this.#keepAlive = false;
      this.#wait(HALF_CLOSED_MS);
    } else this.#connection.end();
  }

  close(error?: ProxyError): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#server.forget(this);
    const reason = clientGone("the client is gone", error);
    this.#incoming?.body.fail(reason);
    this.#giveUp(reason);
  }

  #readHead(chunk: Uint8Array): void {
    try {
      const text = this.#heads.push(chunk);
      if (text !== undefined) return this.#begin(parseRequestHead(text, this.#server.options.policy), chunk);
      if (this.#phase === "idle") this.#wait(this.#server.options.timeouts.headMs);
      this.#phase = "head";
    } catch (thrown) {
      this.#refuse(toProxyError(thrown));
    }
  }

  #begin(head: RequestHead, chunk: Uint8Array): void {
    const { rest } = this.#heads;
    this.#head = head;
    this.#requests++;
    const { options, deadlines } = this.#server;
    const { readMs, keepAliveMaxMs } = options.timeouts;
    if (!head.keepAlive || this.#requests === options.keepAliveMaxRequests) this.#keepAlive = false;
    if (keepAliveMaxMs !== 0 && deadlines.now - this.#openedAt > keepAliveMaxMs) this.#keepAlive = false;
    this.#owesContinue = head.expectContinue && head.hasBody;
    this.#incoming = head.hasBody ? new IncomingBody(head.length, this) : undefined;
    const request = createRequest(head, this.#incoming?.body, {
      connection: this.#connection,
      trusted: this.#trusted,
      options,
    });
    if (request.protocol === "HTTP/1.1") request.inform = this.#inform;
    this.#request = request;
    if (this.#incoming === undefined) {
      this.#becomeBusy();
      if (rest < chunk.length) this.#keepForLater(chunk.subarray(rest));
    } else {
      this.#phase = "body";
      this.#cap = readMs === 0 ? 0 : deadlines.now + readMs;
      this.#wait(options.timeouts.bodyIdleMs);
      if (rest < chunk.length) this.#readBody(chunk, rest);
    }
    this.#held = this.#phase === "body" && this.#incoming?.ending === true;
    if (this.#held) this.#connection.resume();
    else if (this.#phase === "busy" || this.#phase === "body") this.#answer(request, head);
  }

  /** The message turned out to be well-formed to its end. */
  #release(): void {
    this.#held = false;
    if (this.#request !== undefined && this.#head !== undefined) this.#answer(this.#request, this.#head);
  }

  /** The request is in; what is left to wait for is its answer. */
  #becomeBusy(): void {
    this.#phase = "busy";
    const { writeMs } = this.#server.options.timeouts;
    this.#cap = writeMs === 0 ? 0 : this.#server.deadlines.now + writeMs;
    this.#wait(0);
  }

  #readBody(chunk: Uint8Array, start: number): void {
    const incoming = this.#incoming;
    if (incoming === undefined) return;
    try {
      const rest = incoming.read(chunk, start);
      if (!incoming.done) return;
      this.#becomeBusy();
      this.#owesContinue = false;
      this.#connection.resume(); // whoever takes a whole body does not ask for more, and the next request may come
      if (rest < chunk.length) this.#keepForLater(chunk.subarray(rest));
      incoming.body.finish();
      if (this.#held) this.#release();
    } catch (thrown) {
      const error = toProxyError(thrown);
      incoming.body.fail(error);
      this.#refuse(error);
    }
  }

  /** The rest of a body nobody wanted, after its answer. */
  #drainBody(chunk: Uint8Array): void {
    const incoming = this.#incoming;
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
    if (this.#phase !== "drain") this.#connection.pause();
  }

  /** Serves pipelined requests in a loop, never in recursion. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#phase === "idle" && this.#stash !== undefined && !this.#blocked) {
      const chunk = this.#stash;
      this.#stash = undefined;
      this.#connection.resume();
      this.#readHead(chunk);
    }
    this.#pumping = false;
  }

  pauseBody(): void {
    if (this.#phase === "body") this.#connection.pause();
  }

  resumeBody(): void {
    if (this.#phase !== "body") return;
    if (this.#owesContinue && this.#incoming?.bytes === 0 && !this.#writer.started) {
      this.#connection.write(`${statusLine(100, "")}\r\n`);
    }
    this.#owesContinue = false;
    this.#wait(this.#server.options.timeouts.bodyIdleMs);
    this.#connection.resume();
  }

  cancelBody(): void {
    if (this.#phase === "body") this.#connection.resume();
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
    if (head.path === "*") return textResponse(200, ""); // OPTIONS * asks about weir itself
    if (head.upgrade === "websocket") {
      this.#keepAlive = false; // what follows is meant for the other protocol
      return textResponse(501, "weir does not tunnel WebSocket connections yet\n");
    }
    return this.#server.handler(request);
  }

  readonly #onAnswer = (response: ProxyResponse): void => {
    const head = this.#head;
    if ((this.#phase !== "busy" && this.#phase !== "body") || head === undefined) {
      response.body?.cancel();
      return;
    }
    this.#response = response;
    const modern = head.protocol === "HTTP/1.1";
    if (this.#mustClose() || ResponseWriter.endsWithConnection(response, head.method, modern)) this.#keepAlive = false;
    let connection = "";
    if (!this.#keepAlive) connection = "close";
    else if (!modern) connection = "keep-alive";
    this.#writer.start(response, { method: head.method, modern, connection });
  };

  readonly #onFailure = (thrown: unknown): void => {
    const error = toProxyError(thrown);
    this.#fail(error);
    this.#onAnswer(errorResponse(error));
  };

  /** Sends an interim answer, if the final one hasn't begun. */
  readonly #inform = (status: number, headers: HeaderList): void => {
    if (this.#writer.started || (this.#phase !== "busy" && this.#phase !== "body")) return;
    this.#connection.write(`${statusLine(status, "")}${headers.toText()}\r\n`);
  };

  /** A body that nobody reads and that is too long, or not yet promised, ends the connection with its answer. */
  #mustClose(): boolean {
    const incoming = this.#incoming;
    if (this.#phase !== "body" || incoming === undefined || incoming.body.used) return false;
    return this.#owesContinue || incoming.isLong;
  }

  #fail(error: ProxyError): void {
    if (this.#request !== undefined) this.#request.record.errorCode = error.code;
    this.#server.options.failed(error, this.#request);
  }

  written(): void {
    this.#report();
    if (this.#phase === "body") this.#leaveBody();
    else this.#next();
    this.#pump();
  }

  broken(error: ProxyError): void {
    this.#fail(error);
    this.#report();
    this.#request = undefined;
    this.#incoming?.body.cancel();
    this.#connection.reset();
  }

  stalled(): void {
    this.#blocked = true;
    this.#wait(this.#server.options.timeouts.writeIdleMs);
  }

  #next(): void {
    this.#request = undefined;
    this.#response = undefined;
    this.#incoming = undefined;
    if (!this.#keepAlive || this.#halfClosed) return this.#close();
    this.#phase = "idle";
    this.#cap = 0;
    this.#wait(this.#server.options.timeouts.keepAliveMs);
  }

  /** The answer is out, the request's body isn't in: swallow a little, or close. */
  #leaveBody(): void {
    const incoming = this.#incoming;
    this.#request = undefined;
    if (!this.#keepAlive || incoming === undefined) return this.#close();
    this.#phase = "drain";
    incoming.drain();
    this.#wait(this.#server.options.timeouts.bodyIdleMs);
    this.#connection.resume();
  }

  /** Answers a message that can't be trusted, and closes. */
  #refuse(error: ProxyError): void {
    this.#keepAlive = false;
    const request = this.#request;
    if (this.#phase === "body") {
      this.#giveUp(error);
      if (this.#writer.started) return this.#connection.reset();
    }
    this.#server.options.refused(error, this.#connection.remote, request);
    this.#phase = "linger";
    const writer = new ResponseWriter(this.#connection, { written: () => this.#close(), broken: noop, stalled: noop });
    writer.start(errorResponse(error), { method: "GET", modern: true, connection: "close" });
  }

  #giveUp(reason: ProxyError): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#request = undefined;
    request.record.errorCode = reason.code;
    request.abort(reason);
    this.#writer.abandon();
    this.#reportAs(request, reason.code === "client-gone" ? 499 : reason.status);
  }

  #report(): void {
    if (this.#request !== undefined) this.#reportAs(this.#request, this.#response?.status ?? 0);
  }

  #reportAs(request: ProxyRequest, status: number): void {
    this.#server.options.finished(request, {
      status,
      headers: this.#response?.headers,
      requestBytes: this.#incoming?.bytes ?? 0,
      responseBytes: this.#writer.bodyBytes,
    });
  }

  /** Sets the deadline, never beyond the cap of the whole read or write. @param ms 0: wait as long as the cap allows */
  #wait(ms: number): void {
    const until = ms === 0 ? 0 : this.#server.deadlines.now + ms;
    this.deadline = this.#cap !== 0 && (until === 0 || until > this.#cap) ? this.#cap : until;
  }

  /** Sends FIN, and listens a little longer so that nothing on its way to the client is lost. */
  #close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "linger";
    this.#stash = undefined;
    this.#cap = 0;
    this.#wait(LINGER_MS);
    this.#connection.resume();
    this.#connection.end();
  }

  expire(): void {
    if (this.#phase === "idle" && this.#requests > 0) this.#close();
    else if (this.#phase === "idle" || this.#phase === "linger") this.#connection.destroy();
    else if (this.#phase === "head") this.#refuse(clientTimeout("head-timeout", "the head took too long"));
    else if (this.#phase === "body" && !this.#writer.started) {
      const error = clientTimeout("body-timeout", "the request's body stalled");
      this.#incoming?.body.fail(error);
      this.#refuse(error);
    } else {
      this.#giveUp(clientGone("the client stalled"));
      this.#connection.reset();
    }
  }
}

function noop(): void {
  // on purpose
}
