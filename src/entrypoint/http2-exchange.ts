// One request of an HTTP/2 connection, from its head to the last byte of its answer.

import type { BodyOwner } from "../http/body.ts";
import { BytesBody, PushBody } from "../http/body.ts";
import { errorResponse } from "../http/error-response.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest } from "../http/request.ts";
import { UpgradeResponse } from "../http/upgrade.ts";
import { ProxyResponse, textResponse } from "../http/response.ts";
import { errorCode } from "../http2/protocol.ts";
import type { Http2RequestHead } from "../http2/request-head.ts";
import type { Http2Stream, StreamHandler } from "../http2/stream.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import type { Http2Connection } from "./http2-connection.ts";
import { createHttp2Request } from "./http2-request.ts";
import { clientGone, clientTimeout, unaskedUpgrade } from "./refusal.ts";
import type { StreamWriterOwner } from "./stream-writer.ts";
import { StreamWriter } from "./stream-writer.ts";

/** See the file's sentence. */
export class Http2Exchange implements StreamHandler, BodyOwner, StreamWriterOwner {
  readonly #connection: Http2Connection;
  readonly #stream: Http2Stream;
  readonly #head: Http2RequestHead;
  readonly #writer: StreamWriter;
  readonly #body: PushBody | undefined;
  /** Gone as soon as the exchange was reported; late news about it then concern nobody. */
  #request: ProxyRequest | undefined = undefined;
  #response: ProxyResponse | undefined = undefined;
  #requestBytes = 0;
  /** Bytes of the request's body that its reader has not taken. */
  #held = 0;
  #paused = false;
  #isTunnel = false;
  #owesContinue: boolean;
  /** Why weir itself ends the stream. */
  #reason: ProxyError | undefined = undefined;
  readonly #beganAt: number;
  /** When the client's body, or a tunnel either way, last moved. */
  #readAt: number;
  /** Bytes both ways of a tunnel when it was last looked at. */
  #tunnelled = 0;

  constructor(connection: Http2Connection, stream: Http2Stream, head: Http2RequestHead, hasBody: boolean) {
    this.#connection = connection;
    this.#stream = stream;
    this.#head = head;
    this.#writer = new StreamWriter(stream, this);
    this.#body = hasBody ? new PushBody(head.length, this) : undefined;
    this.#owesContinue = head.expectContinue && hasBody;
    this.#beganAt = this.#readAt = connection.now;
  }

  /** Works on the request; what is here of its body was told before. */
  begin(): void {
    try {
      const request = createHttp2Request(this.#head, this.#body, this.#connection);
      request.inform = (status, lines) => this.#stream.inform(status, lines.toText());
      this.#request = request;
      const answer = this.#ownAnswer() ?? this.#connection.handler(request);
      if (answer instanceof Promise) {
        answer.then((response) => this.#answer(response), (thrown: unknown) => this.#fail(toProxyError(thrown)));
      } else this.#answer(answer);
    } catch (thrown) {
      this.#fail(toProxyError(thrown));
    }
  }

  /** @returns undefined: the request is for the handler */
  #ownAnswer(): ProxyResponse | undefined {
    const { path, protocol } = this.#head;
    if (path === "*") return textResponse(200, ""); // OPTIONS * asks about weir itself
    if (protocol === undefined || this.#connection.options.upgrades.has(protocol)) return undefined;
    return textResponse(501, `weir does not tunnel ${protocol}\n`);
  }

  // --- the answer --------------------------------------------------------------------------------------------------

  #answer(response: ProxyResponse): void {
    if (this.#stream.closed || this.#response !== undefined) return response.body?.cancel();
    try {
      const answer = response.status === 101 ? this.#enterTunnel(response) : response;
      this.#response = answer;
      this.#writer.start(answer, this.#head.method);
      if (response instanceof UpgradeResponse) response.connect(this.#body ?? new BytesBody(new Uint8Array(0)));
    } catch (thrown) { // an answer whose body was used already, for instance
      this.#response = undefined;
      this.broken(toProxyError(thrown));
    }
  }

  /** RFC 8441 §5: where HTTP/1.1 answers 101, HTTP/2 answers 200, and the stream is the tunnel. */
  #enterTunnel(response: ProxyResponse): ProxyResponse {
    if (!(response instanceof UpgradeResponse) || response.protocol !== this.#head.protocol) {
      response.body?.cancel();
      throw unaskedUpgrade();
    }
    response.headers.delete("sec-websocket-accept");
    this.#isTunnel = true;
    return new ProxyResponse(200, response.headers, response.body);
  }

  /** The handler failed. */
  #fail(error: ProxyError): void {
    if (this.#stream.closed && error.source !== "internal") return; // it ended with the exchange, which was reported
    this.#tellFailure(error);
    if (!this.#stream.closed) this.#answer(errorResponse(error));
  }

  broken(error: ProxyError): void {
    this.#tellFailure(error);
    this.#response = this.#writer.started ? this.#response : undefined;
    if (!this.#writer.started) return this.#answer(errorResponse(error));
    this.#report(this.#response?.status ?? 0);
    this.#stream.reset(errorCode.internal);
  }

  #tellFailure(error: ProxyError): void {
    if (this.#request !== undefined) this.#request.record.errorCode = error.code;
    this.#connection.options.failed(error, this.#request);
  }

  #report(status: number): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#request = undefined;
    this.#connection.options.finished(request, {
      status,
      headers: this.#response?.headers,
      requestBytes: this.#requestBytes,
      responseBytes: this.#writer.bodyBytes,
    });
  }

  // --- StreamHandler -----------------------------------------------------------------------------------------------

  data(bytes: Uint8Array): void {
    this.#requestBytes += bytes.length;
    this.#readAt = this.#connection.now;
    this.#body?.push(bytes);
    if (this.#paused) this.#held += bytes.length;
    else this.#stream.consumed(bytes.length);
  }

  end(trailers: HeaderList | undefined): void {
    this.#owesContinue = false;
    if (this.#body === undefined) return;
    this.#body.trailers = trailers;
    this.#body.finish();
  }

  drain(): void {
    this.#writer.drain();
  }

  stalled(): void {
    this.#giveUp(clientGone("the client takes nothing of its answer"));
  }

  closed(error: ProxyError | undefined): void {
    this.#connection.forget(this);
    if (error === undefined) {
      this.#report(this.#response?.status ?? 0);
      if (this.#body?.complete === false) this.#body.cancel();
      return;
    }
    const reason = this.#reason ?? error;
    this.#writer.abandon();
    const request = this.#request;
    if (request !== undefined) {
      request.record.errorCode = reason.code;
      request.abort(reason);
      this.#report(reason.code === "client-gone" ? 499 : reason.status);
    }
    this.#body?.fail(reason);
  }

  #giveUp(reason: ProxyError): void {
    this.#reason = reason;
    this.#stream.reset(errorCode.cancel);
  }

  /** Ends the exchange if the client takes too long over it. */
  tick(now: number): void {
    if (this.#isTunnel) return this.#tickTunnel(now);
    const { bodyIdleMs, readMs, writeMs } = this.#connection.options.timeouts;
    const isReading = this.#body?.complete === false && !this.#paused;
    const idles = isReading && bodyIdleMs !== 0 && now - this.#readAt > bodyIdleMs;
    const isLate = this.#body?.complete === false && readMs !== 0 && now - this.#beganAt > readMs;
    if (idles || isLate) return this.#refuse(clientTimeout("body-timeout", "the request's body stalled"));
    if (writeMs !== 0 && now - this.#beganAt > writeMs) this.#giveUp(clientGone("the answer took too long"));
  }

  #tickTunnel(now: number): void {
    const { tunnelIdleMs } = this.#connection.options.timeouts;
    const moved = this.#requestBytes + this.#writer.bodyBytes;
    if (moved !== this.#tunnelled) this.#readAt = now;
    this.#tunnelled = moved;
    if (tunnelIdleMs !== 0 && now - this.#readAt > tunnelIdleMs) this.#giveUp(clientGone("the tunnel idles"));
  }

  #refuse(error: ProxyError): void {
    this.#connection.options.refused(error, this.#connection.connection.remote, this.#request);
    this.#reason = error;
    if (this.#writer.started) return this.#stream.reset(errorCode.cancel);
    this.#request?.abort(error);
    this.#body?.fail(error);
    this.#answer(errorResponse(error));
  }

  // --- BodyOwner ---------------------------------------------------------------------------------------------------

  pauseBody(): void {
    this.#paused = true;
  }

  resumeBody(): void {
    if (this.#owesContinue && this.#requestBytes === 0) this.#stream.inform(100, "");
    this.#owesContinue = false;
    this.#readAt = this.#connection.now; // while nobody read, the client could not send
    this.#release();
  }

  cancelBody(): void {
    this.#release();
  }

  #release(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = 0;
    if (held > 0) this.#stream.consumed(held);
  }
}
