// Writes one answer at a time onto a client's connection: head and first bytes together, framing, backpressure.

import type { BodySink } from "../http/body.ts";
import { errorResponse } from "../http/error-response.ts";
import { fromLatin1 } from "../net/bytes.ts";
import type { Connection } from "../net/connection.ts";
import type { ProxyError } from "../net/error.ts";
import { role } from "../http/header-name.ts";
import type { ProxyResponse } from "../http/response.ts";
import { framing } from "../http1/framing.ts";
import { lengthError } from "../http1/length-error.ts";
import { isBodyless } from "../http1/response-head.ts";
import { chunkStart, LAST_CHUNK, responseHead } from "../http1/write.ts";

/** Chunks up to this size are copied between their frame lines, to leave in one write. */
const COPIED_CHUNK = 16_384;
const FRAMING_ROLES = role.contentLength | role.transferEncoding | role.hopByHop;
const CRLF = fromLatin1("\r\n");

/** Whoever owns the connection hears how the answer ended. */
export interface WriterOwner {
  /** The answer is written, whole. */
  written(): void;
  /** The answer broke off: the client must notice. */
  broken(error: ProxyError): void;
  /** The client doesn't take what is written; `drain` will come. */
  stalled(): void;
}

/** What the request decides about its answer's form. */
export interface AnswerForm {
  readonly method: string;
  /** HTTP/1.0 knows no chunks. */
  readonly modern: boolean;
  /** `close`, `keep-alive` or empty. */
  readonly connection: string;
}

/** One per connection, used for answer after answer. */
export class ResponseWriter implements BodySink {
  readonly #connection: Connection;
  readonly #owner: WriterOwner;
  #response: ProxyResponse | undefined = undefined;
  /** A head not yet written, waiting for the first bytes of its body. */
  #head = "";
  #chunked = false;
  /** Bytes of a known length still owed; the body must deliver exactly these. */
  #owed = Number.POSITIVE_INFINITY;
  /** Body bytes of the current answer, without framing. */
  bodyBytes = 0;
  /** The head of the current answer has left; false again when the answer is whole. */
  started = false;
  /** The body was told to wait for `drain`. */
  #paused = false;

  constructor(connection: Connection, owner: WriterOwner) {
    this.#connection = connection;
    this.#owner = owner;
  }

  /** True when only the connection's end can tell the answer's. */
  static endsWithConnection({ status, body }: ProxyResponse, method: string, modern: boolean): boolean {
    return !modern && body !== undefined && body.length === undefined && !isBodyless(status, method);
  }

  /** Writes an answer. */
  start(response: ProxyResponse, form: AnswerForm): void {
    const bodyless = isBodyless(response.status, form.method);
    dropFraming(response, bodyless);
    const { status, statusText, body } = response;
    this.#response = response;
    this.bodyBytes = 0;
    this.started = false;
    const whole = bodyless ? undefined : body?.takeWhole();
    if (bodyless || body === undefined || whole !== undefined) {
      if (bodyless) body?.cancel();
      const length = bodyless ? undefined : whole?.length ?? 0;
      const head = responseHead(response.headers, { status, statusText, length, connection: form.connection });
      this.#writeWhole(head, whole);
      return;
    }
    const length = body.length ?? (form.modern ? framing.chunked : framing.untilClose);
    this.#chunked = length === framing.chunked;
    this.#owed = length >= 0 ? length : Number.POSITIVE_INFINITY;
    this.#head = responseHead(response.headers, { status, statusText, length, connection: form.connection });
    body.start(this);
    if (this.#head !== "") this.#flushHead();
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
    const goOn = this.#chunked ? this.#writeChunk(bytes) : this.#writePlain(bytes);
    if (goOn) return true;
    this.#paused = true;
    this.#owner.stalled();
    return false;
  }

  end(): void {
    if (this.#response === undefined) return;
    if (this.#owed > 0 && this.#owed !== Number.POSITIVE_INFINITY) return this.fail(lengthError("fewer"));
    if (this.#chunked) this.#connection.write(this.#takeHead() + LAST_CHUNK);
    else if (this.#head !== "") this.#flushHead();
    this.#finish();
  }

  fail(error: ProxyError): void {
    if (this.#response === undefined) return;
    this.#response.body?.cancel();
    this.#response = undefined;
    this.#head = "";
    this.#owner.broken(error);
  }

  /** The client takes bytes again. */
  drain(): void {
    if (!this.#paused) return; // what filled the connection was no body: a head, or an interim answer
    this.#paused = false;
    this.#response?.body?.resume();
  }

  /** The client is gone: whoever makes the body is told to stop. */
  abandon(): void {
    this.#response?.body?.cancel();
    this.#response = undefined;
    this.#head = "";
  }

  #writeWhole(head: string, whole: Uint8Array | undefined): void {
    const goOn = whole === undefined || whole.length === 0
      ? this.#connection.write(head)
      : this.#connection.writeTogether(head, whole);
    this.bodyBytes = whole?.length ?? 0;
    if (!goOn) this.#owner.stalled();
    this.#finish();
  }

  #writePlain(bytes: Uint8Array): boolean {
    const head = this.#takeHead();
    return head === "" ? this.#connection.write(bytes) : this.#connection.writeTogether(head, bytes);
  }

  #writeChunk(bytes: Uint8Array): boolean {
    const start = this.#takeHead() + chunkStart(bytes.length);
    if (bytes.length > COPIED_CHUNK) {
      this.#connection.writeTogether(start, bytes);
      return this.#connection.write(CRLF);
    }
    const framed = new Uint8Array(bytes.length + 2);
    framed.set(bytes);
    framed.set(CRLF, bytes.length);
    return this.#connection.writeTogether(start, framed);
  }

  #takeHead(): string {
    const head = this.#head;
    this.#head = "";
    if (head !== "") this.started = true;
    return head;
  }

  #flushHead(): void {
    if (!this.#connection.write(this.#takeHead())) this.#owner.stalled();
  }

  #finish(): void {
    this.#response = undefined;
    this.#chunked = false;
    this.#owed = Number.POSITIVE_INFINITY;
    this.#paused = false;
    this.started = false;
    this.#owner.written();
  }
}

/** Answers a message that can't be trusted. The connection is to be closed then. */
export function writeRefusal(connection: Connection, error: ProxyError): void {
  const { status, statusText, headers, body } = errorResponse(error);
  const whole = body?.takeWhole();
  const head = responseHead(headers, { status, statusText, length: whole?.length ?? 0, connection: "close" });
  if (whole === undefined) connection.write(head);
  else connection.writeTogether(head, whole);
}

/** Framing follows from the body alone; what a handler copied along is dropped. */
function dropFraming(response: ProxyResponse, bodyless: boolean): void {
  const { headers } = response;
  if ((headers.roles & FRAMING_ROLES) === 0) return;
  headers.deleteWhere((key) => {
    if (key === "content-length") return !bodyless || response.status === 204;
    return key === "transfer-encoding" || key === "connection" || key === "keep-alive" || key === "upgrade" ||
      key === "trailer" || key === "te" || key === "proxy-connection";
  });
}
