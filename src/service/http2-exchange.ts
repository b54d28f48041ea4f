// One request on its way to one server over HTTP/2: which connection carries it, and whether it may be sent again.

import type { BodyOwner } from "../http/body.ts";
import { PushBody } from "../http/body.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest } from "../http/request.ts";
import { ProxyResponse } from "../http/response.ts";
import { lengthError } from "../http1/length-error.ts";
import type { AnswerHandler, ClientSession, Http2Request } from "../http2/client-session.ts";
import { errorCode } from "../http2/protocol.ts";
import type { Http2ResponseHead } from "../http2/response-head.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { ProxyError } from "../net/error.ts";
import { idempotentMethods } from "./exchange.ts";
import type { Http2Pool } from "./http2-pool.ts";
import type { Http2Upstream } from "./http2-upstream.ts";
import { Http2Upload } from "./http2-upload.ts";
import type { Target } from "./transport.ts";
import type { UploadOwner } from "./upload.ts";
import { unrepeatable } from "./upstream-gone.ts";
import { upstreamHead } from "./upstream-head.ts";

/** Times one request may be sent: a backend that keeps refusing would have it go round for ever. */
const MOST_TRIES = 3;
const VERSION = " HTTP/1.1";

/** Where a request goes. */
export interface Http2Route {
  readonly request: ProxyRequest;
  readonly target: Target;
  readonly pool: Http2Pool;
}

/** See the file's sentence. Made once per request; also what hears of its stream and of its bodies. */
export class Http2ClientExchange implements AnswerHandler, UploadOwner, BodyOwner {
  readonly #route: Http2Route;
  readonly #resolve: (response: ProxyResponse) => void;
  readonly #reject: (error: ProxyError) => void;
  #upstream: Http2Upstream | undefined = undefined;
  #stream: Http2Stream | undefined = undefined;
  /** The body, when it was in memory as a whole: kept, so that it can be sent again. */
  #whole: Uint8Array | undefined = undefined;
  #upload: Http2Upload | undefined = undefined;
  #answer: PushBody | undefined = undefined;
  /** Bytes of the answer that its reader has not taken. */
  #held = 0;
  #paused = false;
  #tries = 0;
  #settled = false;
  /** When the request last moved, for as long as its answer hasn't begun. */
  #movedAt = 0;

  constructor(route: Http2Route, resolve: (response: ProxyResponse) => void, reject: (error: ProxyError) => void) {
    this.#route = route;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Sends the request as soon as a connection has room for it. */
  begin(): void {
    if (this.#settled) return; // the client had gone before the request came here
    this.#tries++;
    this.#route.pool.take(this);
  }

  /** A connection has room. */
  send(upstream: Http2Upstream, session: ClientSession): void {
    const { request } = this.#route;
    const { body } = request;
    this.#whole ??= body?.takeWhole();
    const whole = this.#whole;
    const trailers = whole === undefined ? "" : body?.trailers?.toText() ?? "";
    const hasBody = whole === undefined ? body !== undefined : whole.length > 0 || trailers !== "";
    this.#upstream = upstream;
    this.#movedAt = upstream.now;
    const stream = session.open(this.#head(), !hasBody, this);
    this.#stream = stream;
    if (stream === undefined || !hasBody) return;
    if (whole !== undefined) {
      stream.write(whole, trailers === "");
      if (trailers !== "") stream.end(trailers);
    } else if (body !== undefined) {
      this.#upload = new Http2Upload(stream, body, this);
      this.#upload.begin();
    }
  }

  /** The same lines that an HTTP/1.1 backend would get; what HTTP/2 has not is left out when they are encoded. */
  #head(): Http2Request {
    const { request, target } = this.#route;
    const { method } = request;
    const head = upstreamHead(request, target, this.#whole);
    const lineEnd = head.indexOf("\r\n");
    const host = target.passHostHeader ? request.headers.first("host") ?? request.authority : "";
    return {
      method,
      scheme: target.protocol === "https" ? "https" : "http",
      authority: host === "" ? target.authority : host,
      path: head.slice(method.length + 1, lineEnd - VERSION.length),
      text: head.slice(lineEnd + 2, -2),
    };
  }

  /** The client is gone. */
  abort(reason: ProxyError): void {
    this.#route.pool.forget(this);
    this.#settle(reason);
    const answer = this.#answer;
    this.#answer = undefined;
    this.#stream?.reset(errorCode.cancel);
    answer?.fail(reason);
  }

  /** No connection could be had. */
  fail(error: ProxyError): void {
    this.#settle(error);
  }

  /** Ends the exchange if the backend takes too long over its answer. @param timeoutMs 0: as long as it likes */
  tick(now: number, timeoutMs: number): void {
    if (this.#answer !== undefined || this.#settled || timeoutMs === 0 || now - this.#movedAt <= timeoutMs) return;
    this.#settle(
      new ProxyError("the backend sent no answer in time", {
        code: "response-timeout",
        source: "upstream",
        status: 504,
      }),
    );
    this.#stream?.reset(errorCode.cancel);
  }

  #settle(error: ProxyError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error);
  }

  // --- AnswerHandler -----------------------------------------------------------------------------------------------

  interim({ status, headers }: Http2ResponseHead): void {
    if (status !== 100) this.#route.request.inform?.(status, headers);
  }

  head(head: Http2ResponseHead, ends: boolean): void {
    if (this.#settled) return;
    this.#settled = true;
    const { record } = this.#route.request;
    record.originStatus = head.status;
    record.originMs = performance.now() - record.startedAt;
    if (!ends) this.#answer = new PushBody(head.length, this);
    this.#resolve(new ProxyResponse(head.status, head.headers, this.#answer));
    if (ends) this.#stopUpload();
  }

  data(bytes: Uint8Array): void {
    this.#answer?.push(bytes);
    if (this.#paused) this.#held += bytes.length;
    else this.#stream?.consumed(bytes.length);
  }

  end(trailers: HeaderList | undefined): void {
    const answer = this.#answer;
    if (answer === undefined) return;
    this.#answer = undefined;
    answer.trailers = trailers;
    answer.finish();
    this.#stopUpload();
  }

  /** The backend has said all: what the client still sends is of no use to it, as to one that speaks HTTP/1.1. */
  #stopUpload(): void {
    if (this.#upload !== undefined) this.#stream?.reset(errorCode.none);
  }

  drain(): void {
    this.progressed();
    this.#upload?.drain();
  }

  /** A backend may be slow to take a request's body; that it must answer in time is another limit. */
  stalled(): void {
    if (this.#settled && this.#answer === undefined) this.#stream?.reset(errorCode.none); // it has answered already
  }

  closed(error: ProxyError | undefined): void {
    const upload = this.#upload;
    const wasReused = this.#upstream?.wasReused === true;
    this.#upstream?.forget(this);
    this.#upstream = undefined;
    this.#stream = undefined;
    this.#upload = undefined;
    if (error === undefined || this.#settled) {
      upload?.stop();
      this.#answer?.fail(error === undefined ? lengthError("fewer") : unrepeatable(error));
      this.#answer = undefined;
    } else if (this.#mayRepeat(error, wasReused)) this.begin();
    else {
      upload?.stop();
      this.#settle(this.#isReplayable() ? error : unrepeatable(error));
    }
  }

  #mayRepeat(error: ProxyError, wasReused: boolean): boolean {
    if (!this.#isReplayable() || this.#tries >= MOST_TRIES) return false;
    if (error.retry === "unsent") return true;
    return error.retry === "idempotent" && wasReused && this.#tries === 1 &&
      idempotentMethods.has(this.#route.request.method);
  }

  /** A body that was streamed is gone; one in memory, or none, can be sent again. */
  #isReplayable(): boolean {
    const { request } = this.#route;
    return request.aborted === undefined && (request.body === undefined || this.#whole !== undefined);
  }

  // --- UploadOwner -------------------------------------------------------------------------------------------------

  progressed(): void {
    this.#movedAt = this.#upstream?.now ?? 0;
  }

  uploaded(): void {
    this.#upload = undefined;
    this.progressed();
  }

  uploadFailed(error: ProxyError): void {
    this.#upload = undefined;
    this.#settle(error);
    const answer = this.#answer;
    this.#answer = undefined;
    this.#stream?.reset(errorCode.cancel);
    answer?.fail(error);
  }

  // --- BodyOwner: the answer's body --------------------------------------------------------------------------------

  pauseBody(): void {
    this.#paused = true;
  }

  resumeBody(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = 0;
    if (held > 0) this.#stream?.consumed(held);
  }

  cancelBody(): void {
    this.#answer = undefined;
    this.#stream?.reset(errorCode.cancel);
  }
}
