// Writes one answer onto an HTTP/2 stream: head and first bytes together, trailers, backpressure.

import type { Body, BodySink } from "../http/body.ts";
import { role } from "../http/header-name.ts";
import type { ProxyResponse } from "../http/response.ts";
import { lengthError } from "../http1/length-error.ts";
import { isBodyless } from "../http1/response-head.ts";
import { dateLine } from "../http1/write.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { ProxyError } from "../net/error.ts";

/** Whoever owns the stream hears when the answer can't be completed. */
export interface StreamWriterOwner {
  /** The answer broke off. */
  broken(error: ProxyError): void;
}

/** One per exchange. That the answer is through is told by the stream. */
export class StreamWriter implements BodySink {
  /** Body bytes so far. */
  bodyBytes = 0;
  /** The head has left. */
  started = false;
  readonly #stream: Http2Stream;
  readonly #owner: StreamWriterOwner;
  #response: ProxyResponse | undefined = undefined;
  /** A head not yet written, waiting for the first bytes of its body. */
  #text = "";
  /** Bytes of a known length still owed; the body must deliver exactly these. */
  #owed = Number.POSITIVE_INFINITY;

  constructor(stream: Http2Stream, owner: StreamWriterOwner) {
    this.#stream = stream;
    this.#owner = owner;
  }

  /** Writes an answer. */
  start(response: ProxyResponse, method: string): void {
    const { body } = response;
    const bodyless = isBodyless(response.status, method);
    const whole = bodyless ? undefined : body?.takeWhole();
    const length = bodyless ? undefined : lengthOf(body, whole);
    this.#response = response;
    this.#text = headText(response, bodyless, length);
    if (bodyless || body === undefined || whole !== undefined) {
      if (bodyless) body?.cancel();
      return this.#writeWhole(whole);
    }
    this.#owed = length ?? Number.POSITIVE_INFINITY;
    body.start(this);
    if (!this.started && this.#response !== undefined) this.#flushHead(false);
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.#response === undefined) return false;
    if (bytes.length === 0) return true;
    this.bodyBytes += bytes.length;
    this.#owed -= bytes.length;
    if (this.#owed < 0) {
      this.fail(lengthError("more"));
      return false;
    }
    this.#flushHead(false);
    return this.#stream.write(bytes);
  }

  end(): void {
    const response = this.#response;
    if (response === undefined) return;
    if (this.#owed > 0 && this.#owed !== Number.POSITIVE_INFINITY) return this.fail(lengthError("fewer"));
    this.#response = undefined;
    const trailers = trailersOf(response);
    if (!this.started && trailers === "") return this.#respond(response, true);
    if (!this.started) this.#respond(response, false);
    this.#stream.end(trailers);
  }

  fail(error: ProxyError): void {
    if (this.#response === undefined) return;
    this.abandon();
    this.#owner.broken(error);
  }

  /** The client takes bytes again. */
  drain(): void {
    this.#response?.body?.resume();
  }

  /** Nobody waits for the answer any more: whoever makes the body is told to stop. */
  abandon(): void {
    this.#response?.body?.cancel();
    this.#response = undefined;
  }

  #writeWhole(whole: Uint8Array | undefined): void {
    const response = this.#response;
    if (response === undefined) return;
    const trailers = whole === undefined ? "" : trailersOf(response);
    const isEmpty = whole === undefined || whole.length === 0;
    this.#response = undefined;
    this.bodyBytes = whole?.length ?? 0;
    this.#respond(response, isEmpty && trailers === "");
    if (!isEmpty) this.#stream.write(whole, trailers === "");
    if (trailers !== "") this.#stream.end(trailers);
  }

  #flushHead(ends: boolean): void {
    if (!this.started && this.#response !== undefined) this.#respond(this.#response, ends);
  }

  #respond({ status }: ProxyResponse, ends: boolean): void {
    this.started = true;
    this.#stream.respond(status, this.#text, ends);
    this.#text = "";
  }
}

/** Bytes to announce; undefined: none. What has trailers tells its end by them, as its maker meant it to. */
function lengthOf(body: Body | undefined, whole: Uint8Array | undefined): number | undefined {
  if (body === undefined) return 0;
  return body.trailers === undefined ? whole?.length ?? body.length : undefined;
}

function trailersOf({ body }: ProxyResponse): string {
  return body?.trailers?.toText() ?? "";
}

/** The lines of a head. Framing follows from the body alone. @param length undefined: unknown, or none of its own */
function headText(response: ProxyResponse, bodyless: boolean, length: number | undefined): string {
  const { headers, status } = response;
  if ((headers.roles & role.contentLength) !== 0 && (!bodyless || status === 204)) headers.delete("content-length");
  if ((headers.roles & role.hopByHop) !== 0) {
    headers.deleteWhere((key) => key === "te" || key === "trailer"); // the encoder drops those that HTTP/2 has not
  }
  let text = headers.toText();
  if ((headers.roles & role.date) === 0) text += dateLine();
  return length === undefined ? text : `${text}content-length: ${length}\r\n`;
}
