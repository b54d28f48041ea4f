// HTTP/2 sessions in memory, with handlers that write down what they are told.

import { requestLimits } from "../../src/http1/limits.ts";
import type { RequestPolicy } from "../../src/http1/request-head.ts";
import type { AnswerHandler, ClientHandler, Http2Request } from "../../src/http2/client-session.ts";
import { ClientSession } from "../../src/http2/client-session.ts";
import type { Http2Options } from "../../src/http2/options.ts";
import { clientOptions, serverOptions } from "../../src/http2/options.ts";
import type { Http2ResponseHead } from "../../src/http2/response-head.ts";
import type { Http2RequestHead } from "../../src/http2/request-head.ts";
import type { ServerHandler } from "../../src/http2/server-session.ts";
import { ServerSession } from "../../src/http2/server-session.ts";
import type { Http2Stream, StreamHandler } from "../../src/http2/stream.ts";
import { toLatin1 } from "../../src/net/bytes.ts";
import type { ProxyError } from "../../src/net/error.ts";
import { cutFrames, type H2Frame } from "./h2-frames.ts";

export const policy: RequestPolicy = {
  ...{ scheme: "http", limits: requestLimits, sanitizePath: true, encodedFilter: undefined },
};

/** The bytes a session wrote. */
export class Written {
  readonly parts: Uint8Array[] = [];
  /** What `write` answers. */
  open = true;
  /** The session asked to be flushed. */
  woken = 0;
  isOver = false;
  error: ProxyError | undefined = undefined;

  over(error: ProxyError | undefined): void {
    this.isOver = true;
    this.error = error;
  }

  write(bytes: Uint8Array): boolean {
    this.parts.push(bytes);
    return this.open;
  }

  wake(): void {
    this.woken++;
  }

  get frames(): readonly H2Frame[] {
    return cutFrames(new Uint8Array(Buffer.concat(this.parts))).frames;
  }

  /** Takes what was written so far away. */
  take(): Uint8Array {
    const all = new Uint8Array(Buffer.concat(this.parts));
    this.parts.length = 0;
    return all;
  }
}

/** Told about one stream. */
export class HeardStream implements StreamHandler {
  readonly stream: Http2Stream;
  readonly head: Http2RequestHead | undefined;
  readonly hasBody: boolean;
  body = "";
  ended = false;
  trailers: string | undefined = undefined;
  drained = 0;
  stalls = 0;
  isClosed = false;
  error: ProxyError | undefined = undefined;
  dispatched = false;
  readonly #server: HeardServer;

  constructor(stream: Http2Stream, head: Http2RequestHead | undefined, hasBody: boolean, server: HeardServer) {
    this.stream = stream;
    this.head = head;
    this.hasBody = hasBody;
    this.#server = server;
  }

  begin(): void {
    this.dispatched = true;
    this.#server.answers?.(this);
  }

  data(bytes: Uint8Array): void {
    this.body += toLatin1(bytes);
    if (this.#server.consumes) this.stream.consumed(bytes.length);
  }

  end(trailers: { toText(): string } | undefined): void {
    this.ended = true;
    this.trailers = trailers?.toText();
  }

  drain(): void {
    this.drained++;
  }

  stalled(): void {
    this.stalls++;
  }

  closed(error: ProxyError | undefined): void {
    this.isClosed = true;
    this.error = error;
  }
}

/** A server session in memory. */
export class HeardServer extends Written implements ServerHandler {
  readonly clock = { now: 1000 };
  readonly session: ServerSession;
  readonly requests: HeardStream[] = [];
  readonly refusals: ProxyError[] = [];
  readonly malformations: ProxyError[] = [];
  /** Bytes are given back as they come. */
  consumes = true;
  /** Answers each request as soon as it is dispatched. */
  answers: ((heard: HeardStream) => void) | undefined = undefined;

  constructor(options: Partial<Http2Options> = {}) {
    super();
    this.session = new ServerSession(this, policy, { ...serverOptions, ...options }, this.clock);
  }

  request(stream: Http2Stream, head: Http2RequestHead, hasBody: boolean): HeardStream {
    const heard = new HeardStream(stream, head, hasBody, this);
    this.requests.push(heard);
    stream.handler = heard;
    return heard;
  }

  refused(stream: Http2Stream, error: ProxyError): void {
    this.refusals.push(error);
    stream.respond(error.status, "", true);
  }

  malformed(error: ProxyError): void {
    this.malformations.push(error);
  }
}

/** Told about one answer. */
export class HeardAnswer implements AnswerHandler {
  stream: Http2Stream | undefined = undefined;
  readonly interims: number[] = [];
  status = 0;
  headers = "";
  body = "";
  ended = false;
  trailers: string | undefined = undefined;
  drained = 0;
  isClosed = false;
  error: ProxyError | undefined = undefined;

  interim(head: Http2ResponseHead): void {
    this.interims.push(head.status);
  }

  head(head: Http2ResponseHead, ends: boolean): void {
    this.status = head.status;
    this.headers = head.headers.toText();
    this.ended = ends;
  }

  data(bytes: Uint8Array): void {
    this.body += toLatin1(bytes);
    this.stream?.consumed(bytes.length);
  }

  end(trailers: { toText(): string } | undefined): void {
    this.ended = true;
    this.trailers = trailers?.toText();
  }

  drain(): void {
    this.drained++;
  }

  stalled(): void {}

  closed(error: ProxyError | undefined): void {
    this.isClosed = true;
    this.error = error;
  }
}

/** A client session in memory. */
export class HeardClient extends Written implements ClientHandler {
  readonly clock = { now: 1000 };
  readonly session: ClientSession;
  pongs = 0;

  constructor(options: Partial<Http2Options> = {}) {
    super();
    this.session = new ClientSession(this, { ...clientOptions, ...options }, this.clock);
  }

  available(): void {}

  pong(): void {
    this.pongs++;
  }

  /** Sends a request. */
  ask(request: Partial<Http2Request> = {}, ends = true): HeardAnswer {
    const answer = new HeardAnswer();
    const whole = { method: "GET", scheme: "http", authority: "a.test", path: "/", text: "", ...request };
    answer.stream = this.session.open(whole, ends, answer);
    return answer;
  }
}
