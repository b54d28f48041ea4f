// One client's HTTP/1.1 connection: reads requests one after the other, hands each on, writes the answers.

import type { BodyOwner } from "../http/body.ts";
import { PushBody } from "../http/body.ts";
import { errorResponse } from "../http/error-response.ts";
import { setForwardedHeaders } from "../http/forwarded.ts";
import type { HeaderList } from "../http/header-list.ts";
import { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { textResponse } from "../http/response.ts";
import { badMessage } from "../http1/bad-message.ts";
import type { BodyDecoder } from "../http1/body-decoder.ts";
import { createBodyDecoder } from "../http1/body-decoder.ts";
import { HeadBuffer } from "../http1/head-buffer.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { parseRequestHead } from "../http1/request-head.ts";
import { statusLine } from "../http1/write.ts";
import { concat } from "../net/bytes.ts";
import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Waiting } from "../net/deadlines.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import type { Http1Server } from "./http1-server.ts";
import type { WriterOwner } from "./response-writer.ts";
import { ResponseWriter } from "./response-writer.ts";

/** Unread request bytes that are swallowed to keep a connection; more, and it is closed instead. */
const DRAINED_BYTES = 65_536;
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
  #phase: Phase = "idle";
  #head: RequestHead | undefined = undefined;
  #request: ProxyRequest | undefined = undefined;
  #response: ProxyResponse | undefined = undefined;
  #body: PushBody | undefined = undefined;
  #decoder: BodyDecoder | undefined = undefined;
  /** Bytes of the next request, come before their turn. */
  #stash: Uint8Array | undefined = undefined;
  #requestBytes = 0;
  #requests = 0;
  #keepAlive = true;
  #halfClosed = false;
  #owesContinue = false;
  #pumping = false;
  /** The client doesn't take its answers: no further request is read until it does. */
  #blocked = false;
  /** Body bytes at which draining is given up. */
  #drainLimit = 0;

  constructor(server: Http1Server, connection: Connection) {
    this.#server = server;
    this.#connection = connection;
    this.#heads = new HeadBuffer("downstream", server.options.policy.limits);
    this.#writer = new ResponseWriter(connection, this);
    this.#trusted = server.options.trusts(connection.remote.ip);
    this.deadline = server.deadlines.now + server.options.timeouts.headMs;
  }

  /** Closes at once when idle, after the current answer otherwise. */
  drainAndClose(): void {
    if (this.#phase === "idle") this.#close();
    else this.#keepAlive = false;
  }

  // --- ConnectionHandler -------------------------------------------------------------------------------------------

  data(chunk: Uint8Array): void {
    switch (this.#phase) {
      case "idle":
      case "head":
        if (this.#blocked) return this.#keepForLater(chunk);
        this.#readHead(chunk);
        this.#pump();
        return;
      case "body":
        this.deadline = this.#server.deadlines.now + this.#server.options.timeouts.bodyIdleMs;
        this.#readBody(chunk, 0);
        return;
      case "drain":
        this.#drainBody(chunk);
        return;
      case "busy":
        this.#keepForLater(chunk);
        return;
      default:
        return; // what comes after the last answer is nobody's
    }
  }

  drain(): void {
    this.#blocked = false;
    if (this.#phase === "busy") this.deadline = 0;
    this.#writer.drain();
    this.#pump();
  }

  end(): void {
    this.#halfClosed = true;
    if (this.#phase === "body") {
      this.#body?.fail(badMessage("downstream", "incomplete-body", "the client ended within the request's body"));
      this.#giveUp(clientGone("the client ended within the request's body"));
      this.#connection.reset();
    } else if (this.#phase === "busy") {
      this.#keepAlive = false;
      this.deadline = this.#server.deadlines.now + HALF_CLOSED_MS;
    } else this.#connection.end();
  }

  close(error?: ProxyError): void {
    if (this.#phase === "closed") return;
    const reason = error ?? clientGone("the client closed the connection");
    this.#phase = "closed";
    this.#server.forget(this);
    this.#body?.fail(clientGone("the client is gone", reason));
    this.#giveUp(clientGone("the client is gone", reason));
  }

  // --- reading -----------------------------------------------------------------------------------------------------

  #readHead(chunk: Uint8Array): void {
    try {
      const text = this.#heads.push(chunk);
      if (text === undefined) {
        if (this.#phase === "idle") this.deadline = this.#server.deadlines.now + this.#server.options.timeouts.headMs;
        this.#phase = "head";
        return;
      }
      this.#begin(parseRequestHead(text, this.#server.options.policy), chunk);
    } catch (thrown) {
      this.#refuse(toProxyError(thrown));
    }
  }

  #begin(head: RequestHead, chunk: Uint8Array): void {
    this.#head = head;
    this.#requests++;
    this.#requestBytes = 0;
    this.deadline = 0;
    const { keepAliveMaxRequests } = this.#server.options;
    this.#keepAlive = this.#keepAlive && head.keepAlive &&
      (keepAliveMaxRequests === 0 || this.#requests < keepAliveMaxRequests);
    this.#owesContinue = head.expectContinue && head.hasBody;
    const { rest } = this.#heads;
    this.#body = undefined;
    const request = this.#createRequest(head);
    this.#request = request;
    if (this.#body === undefined) {
      this.#phase = "busy";
      if (rest < chunk.length) this.#keepForLater(chunk.subarray(rest));
    } else {
      this.#phase = "body";
      this.deadline = this.#server.deadlines.now + this.#server.options.timeouts.bodyIdleMs;
      if (rest < chunk.length) this.#readBody(chunk, rest);
    }
    if (this.#phase === "busy" || this.#phase === "body") this.#answer(request, head);
  }

  #createRequest(head: RequestHead): ProxyRequest {
    const { options } = this.#server;
    const { remote, local } = this.#connection;
    const { scheme } = options.policy;
    setForwardedHeaders(head.headers, {
      remoteIp: remote.ip,
      trusted: this.#trusted,
      secure: scheme === "https",
      authority: head.authority,
      upgrade: head.upgrade,
    }, options.forwarded);
    if (head.hasBody) {
      this.#body = new PushBody(head.length >= 0 ? head.length : undefined, this);
      this.#decoder = createBodyDecoder(head.length, "downstream");
    }
    const request = new ProxyRequest({
      method: head.method,
      scheme,
      authority: head.authority,
      rawTarget: head.rawTarget,
      path: head.path,
      search: head.search,
      protocol: head.protocol,
      headers: head.headers,
      body: this.#body,
      remote,
      local,
      entryPoint: options.entryPoint,
      tls: undefined,
      startedAt: performance.now(),
    });
    request.upgrade = head.upgrade;
    if (head.protocol === "HTTP/1.1") request.inform = this.#inform;
    return request;
  }

  #readBody(chunk: Uint8Array, start: number): void {
    const body = this.#body;
    const decoder = this.#decoder;
    if (body === undefined || decoder === undefined) return;
    try {
      const rest = decoder.decode(chunk, start, body);
      this.#requestBytes += rest - start;
      if (!decoder.done) return;
      this.#phase = "busy";
      this.deadline = 0;
      this.#owesContinue = false;
      if (rest < chunk.length) this.#keepForLater(chunk.subarray(rest));
      body.finish();
    } catch (thrown) {
      const error = toProxyError(thrown);
      body.fail(error);
      this.#refuse(error);
    }
  }

  /** The rest of a body nobody wanted, after its answer. */
  #drainBody(chunk: Uint8Array): void {
    const decoder = this.#decoder;
    if (decoder === undefined) return;
    try {
      const rest = decoder.decode(chunk, 0, nowhere);
      this.#requestBytes += rest;
      if (!decoder.done) {
        if (this.#requestBytes > this.#drainLimit) this.#close();
        return;
      }
      if (rest < chunk.length) this.#keepForLater(chunk.subarray(rest));
      this.#next();
      this.#pump();
    } catch {
      this.#close();
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

  // --- BodyOwner ---------------------------------------------------------------------------------------------------

  pauseBody(): void {
    if (this.#phase === "body") this.#connection.pause();
  }

  resumeBody(): void {
    if (this.#phase !== "body") return;
    if (this.#owesContinue && this.#requestBytes === 0 && !this.#writer.started) {
      this.#owesContinue = false;
      this.#connection.write(statusLine(100, "") + "\r\n");
    }
    this.deadline = this.#server.deadlines.now + this.#server.options.timeouts.bodyIdleMs;
    this.#connection.resume();
  }

  cancelBody(): void {
    if (this.#phase === "body") this.#connection.resume();
  }

  // --- answering ---------------------------------------------------------------------------------------------------

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
    if (head.path === "*") return serverOptions();
    if (head.upgrade === "websocket") {
      return textResponse(501, "weir does not tunnel WebSocket connections yet\n");
    }
    return this.#server.handler(request);
  }

  readonly #onAnswer = (response: ProxyResponse): void => {
    const head = this.#head;
    if (this.#phase === "closed" || this.#phase === "linger" || head === undefined) {
      response.body?.cancel();
      return;
    }
    this.#response = response;
    const form = { method: head.method, modern: head.protocol === "HTTP/1.1", connection: "" };
    if (ResponseWriter.endsWithConnection(response, form) || this.#mustClose(head)) this.#keepAlive = false;
    if (!this.#keepAlive) form.connection = "close";
    else if (!form.modern) form.connection = "keep-alive";
    this.#writer.start(response, form);
  };

  readonly #onFailure = (thrown: unknown): void => {
    const error = toProxyError(thrown);
    const request = this.#request;
    if (request !== undefined) request.record.errorCode = error.code;
    this.#server.options.failed(error, request);
    this.#onAnswer(errorResponse(error));
  };

  /** Sends an interim answer, if the final one hasn't begun. */
  readonly #inform = (status: number, headers: HeaderList): void => {
    if (this.#writer.started || (this.#phase !== "busy" && this.#phase !== "body")) return;
    this.#connection.write(`${statusLine(status, "")}${headers.toText()}\r\n`);
  };

  /** A body that nobody reads and that is too long, or not yet promised, ends the connection with its answer. */
  #mustClose(head: RequestHead): boolean {
    if (this.#phase !== "body" || this.#body === undefined || this.#body.used) return false;
    return this.#owesContinue || head.length < 0 || head.length > DRAINED_BYTES;
  }

  written(): void {
    this.#report();
    if (this.#phase === "body") this.#leaveBody();
    else this.#next();
    this.#pump();
  }

  broken(error: ProxyError): void {
    const request = this.#request;
    if (request !== undefined) request.record.errorCode = error.code;
    this.#server.options.failed(error, request);
    this.#report();
    this.#body?.cancel();
    this.#connection.reset();
  }

  stalled(): void {
    this.#blocked = true;
    this.deadline = this.#server.deadlines.now + this.#server.options.timeouts.writeIdleMs;
  }

  // --- between requests --------------------------------------------------------------------------------------------

  #next(): void {
    this.#request = undefined;
    this.#response = undefined;
    this.#body = undefined;
    this.#decoder = undefined;
    if (!this.#keepAlive || this.#halfClosed) return this.#close();
    this.#phase = "idle";
    this.deadline = this.#server.deadlines.now + this.#server.options.timeouts.keepAliveMs;
  }

  /** The answer is out, the request's body isn't in: swallow a little, or close. */
  #leaveBody(): void {
    const body = this.#body;
    const announced = this.#head?.length ?? 0;
    if (!this.#keepAlive || body === undefined || announced > this.#requestBytes + DRAINED_BYTES) return this.#close();
    this.#phase = "drain";
    this.#drainLimit = this.#requestBytes + DRAINED_BYTES;
    body.cancel();
    this.deadline = this.#server.deadlines.now + this.#server.options.timeouts.bodyIdleMs;
    this.#connection.resume();
  }

  /** Answers a message that can't be trusted, and closes. */
  #refuse(error: ProxyError): void {
    this.#keepAlive = false;
    const request = this.#request;
    if (request === undefined) this.#server.options.refused(error, this.#connection.remote);
    if (this.#writer.started) {
      this.#giveUp(error);
      return this.#connection.reset();
    }
    request?.abort(error);
    const writer = new ResponseWriter(this.#connection, { written: () => this.#close(), broken: noop, stalled: noop });
    this.#phase = "linger";
    writer.start(errorResponse(error), { method: "GET", modern: true, connection: "close" });
  }

  #giveUp(reason: ProxyError): void {
    const request = this.#request;
    if (request === undefined) return;
    request.record.errorCode = reason.code;
    request.abort(reason);
    this.#writer.abandon();
    this.#report();
    this.#request = undefined;
  }

  #report(): void {
    const request = this.#request;
    if (request === undefined) return;
    const status = request.aborted === undefined ? this.#response?.status ?? 0 : 499;
    this.#server.options.finished(request, {
      status,
      headers: this.#response?.headers,
      requestBytes: this.#requestBytes,
      responseBytes: this.#writer.bodyBytes,
    });
  }

  /** Sends FIN, and listens a little longer so that nothing on its way to the client is lost. */
  #close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "linger";
    this.#stash = undefined;
    this.deadline = this.#server.deadlines.now + LINGER_MS;
    this.#connection.resume();
    this.#connection.end();
  }

  expire(): void {
    if (this.#phase === "idle" && this.#requests > 0) this.#close();
    else if (this.#phase === "idle" || this.#phase === "linger") this.#connection.destroy();
    else if (this.#phase === "head") {
      this.#refuse(badMessage("downstream", "head-timeout", "the head took too long", 408));
    } else if (this.#phase === "body" && !this.#writer.started) {
      const error = badMessage("downstream", "body-timeout", "the request's body stalled", 408);
      this.#body?.fail(error);
      this.#refuse(error);
    } else {
      this.#giveUp(clientGone("the client stalled"));
      this.#connection.reset();
    }
  }
}

const nowhere = { push: noop };

function noop(): void {
  // on purpose
}

function clientGone(message: string, cause?: unknown): ProxyError {
  return new ProxyError(message, { code: "client-gone", source: "downstream", status: 499, cause });
}

/** `OPTIONS *` asks about the server itself, so no backend does. */
function serverOptions(): ProxyResponse {
  return textResponse(200, "");
}
