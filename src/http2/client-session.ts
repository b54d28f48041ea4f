// The client's side of an HTTP/2 connection: requests go out, answers come in.

import type { HeaderList } from "../http/header-list.ts";
import { fromLatin1 } from "../net/bytes.ts";
import { streamUnprocessed } from "./fault.ts";
import type { Clock } from "./flood-guard.ts";
import type { RequestPseudo } from "./header-writer.ts";
import { writeHeaderBlock } from "./header-writer.ts";
import { InboundSession } from "./inbound-session.ts";
import type { Http2Options } from "./options.ts";
import { MAX_INTERIM } from "./options.ts";
import { errorCode, frameType, MAX_31, PREFACE } from "./protocol.ts";
import type { Http2ResponseHead } from "./response-head.ts";
import { readResponse, readTrailers, responseFault, trailersFault } from "./response-head.ts";
import type { SessionHandler } from "./session.ts";
import type { StreamHandler } from "./stream.ts";
import { Http2Stream } from "./stream.ts";

/** Whoever owns a connection to a server. */
export interface ClientHandler extends SessionHandler {
  /** There may be room for another stream; `canOpen` tells. */
  available(): void;
  /** The server answered a PING: it is alive. */
  pong(): void;
}

/** Whoever waits for an answer. */
export interface AnswerHandler extends StreamHandler {
  /** An interim answer. */
  interim(head: Http2ResponseHead): void;
  /** The final answer. @param ends there is no body */
  head(head: Http2ResponseHead, ends: boolean): void;
}

/** A request's head. */
export interface Http2Request extends RequestPseudo {
  /** Lines as `HeaderList.toText` has them; `host` and what concerns one hop are left out. */
  readonly text: string;
}

const PING_BYTES = 8;

/** A stream, and what of its answer is here. */
class ClientStream extends Http2Stream {
  readonly answer: AnswerHandler;
  readonly isHead: boolean;
  /** The final head is here. */
  headed = false;
  interim = 0;
  trailers: HeaderList | undefined = undefined;

  constructor(id: number, session: ClientSession, answer: AnswerHandler, options: StreamOptions) {
    super(id, session, options.receiveWindow, options.sendWindow);
    this.handler = this.answer = answer;
    this.isHead = options.isHead;
  }
}

/** What a stream begins with. */
interface StreamOptions {
  readonly receiveWindow: number;
  readonly sendWindow: number;
  readonly isHead: boolean;
}

/** See the file's sentence. */
export class ClientSession extends InboundSession<ClientStream> {
  readonly #handler: ClientHandler;
  #nextStream = 1;
  #goneAway = false;
  /** PINGs that the server hasn't answered. */
  #pings = 0;

  constructor(handler: ClientHandler, options: Http2Options, clock: Clock) {
    super("client", handler, options, clock);
    this.#handler = handler;
    this.out.reserve(PREFACE.length);
    this.out.copy(fromLatin1(PREFACE));
    this.greet();
    this.wake();
  }

  /** Whether another stream may be opened now. */
  get canOpen(): boolean {
    const most = Math.min(this.peer.maxConcurrentStreams, this.options.maxConcurrentStreams);
    return this.canEverOpen && this.streams.size < most;
  }

  /** Whether another stream may be opened now or later; if not, the connection ends with its last stream. */
  get canEverOpen(): boolean {
    return !this.isOver && !this.#goneAway && this.#nextStream < MAX_31;
  }

  /** The server takes extended CONNECT (RFC 8441). */
  get takesConnectProtocol(): boolean {
    return this.peer.connectProtocol;
  }

  /**
   * Sends a request.
   * @param ends it has no body
   * @returns undefined: not now, see `canOpen`
   */
  open(request: Http2Request, ends: boolean, answer: AnswerHandler): Http2Stream | undefined {
    if (!this.canOpen) return undefined;
    const id = this.#nextStream;
    this.#nextStream += 2;
    const stream = new ClientStream(id, this, answer, {
      receiveWindow: this.windows.initial,
      sendWindow: this.peer.initialWindow,
      isHead: request.method === "HEAD",
    });
    this.streams.set(id, stream);
    this.guard.useful();
    writeHeaderBlock(this.out, { id, ends, encoder: this.encoder, status: 0, request, text: request.text });
    stream.started = true;
    stream.localEnded = ends;
    this.wake();
    return stream;
  }

  /** Asks the server for a sign of life; `pong` tells. */
  ping(): void {
    if (this.isOver) return;
    this.#pings++;
    this.out.frame(frameType.ping, 0, 0, PING_BYTES);
    this.out.copy(new Uint8Array(PING_BYTES));
    this.wake();
  }

  /** Opens no more streams; once the last one ends, `over` is told. */
  shutdown(): void {
    this.#goneAway = true;
    this.settle();
  }

  protected override takePong(): void {
    if (this.#pings === 0) return this.payIdle();
    this.#pings--;
    this.#handler.pong();
  }

  protected override takeGoAway(lastStream: number, reason: number): void {
    this.payDear();
    this.#goneAway = true;
    for (const stream of [...this.streams.values()]) {
      if (stream.id > lastStream) this.closeStream(stream, streamUnprocessed(reason));
    }
  }

  protected override isIdle(id: number): boolean {
    return id >= this.#nextStream || id % 2 === 0;
  }

  protected override lastStream(): number {
    return 0; // a server opens none
  }

  protected override settle(): void {
    if (this.#goneAway && this.streams.size === 0) this.finish(undefined);
    else if (this.canOpen) this.#handler.available();
  }

  // --- answers -----------------------------------------------------------------------------------------------------

  protected override takeBlock(id: number, bytes: Uint8Array, start: number, end: number): void {
    this.decode(bytes, start, end);
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.isIdle(id)) throw this.fault(errorCode.protocol, `HEADERS came on stream ${id}, which is not open`);
      this.takeLate(id, 0, this.ends);
    } else if (stream.remoteEnded) {
      this.resetFor(stream, errorCode.streamClosed, "HEADERS came after the end of a message");
    } else if (stream.headed) this.#takeTrailers(stream);
    else this.#takeHead(stream);
  }

  #takeHead(stream: ClientStream): void {
    const fault = responseFault(this.block);
    if (fault !== undefined) return this.resetFor(stream, errorCode.protocol, fault);
    const { ends } = this;
    const head = readResponse(this.block, stream.isHead);
    if (head.status < 200) return this.#takeInterim(stream, head);
    if (ends && head.length !== undefined && head.length > 0) {
      return this.resetFor(stream, errorCode.protocol, "there is less DATA than content-length");
    }
    stream.headed = true;
    if (head.length !== undefined) stream.expected = head.length;
    stream.answer.head(head, ends);
    if (ends && !stream.closed) this.#end(stream);
  }

  #takeInterim(stream: ClientStream, head: Http2ResponseHead): void {
    if (this.ends) return this.resetFor(stream, errorCode.protocol, "an interim answer ends the message");
    if (++stream.interim > MAX_INTERIM) {
      return this.resetFor(stream, errorCode.enhanceYourCalm, "there are too many interim answers");
    }
    stream.answer.interim(head);
  }

  #takeTrailers(stream: ClientStream): void {
    const fault = this.ends ? trailersFault(this.block) : "HEADERS came within a body";
    if (fault !== undefined) return this.resetFor(stream, errorCode.protocol, fault);
    if (this.block.text !== "") stream.trailers = readTrailers(this.block);
    this.endMessage(stream);
  }

  /** An answer without a body: `head` told it already. */
  #end(stream: ClientStream): void {
    stream.remoteEnded = true;
    if (stream.localEnded) this.closeStream(stream, undefined);
  }

  protected override deliver(stream: ClientStream, bytes: Uint8Array): void {
    if (stream.headed) stream.answer.data(bytes);
    else this.resetFor(stream, errorCode.protocol, "DATA came before the answer's head");
  }

  protected override deliverEnd(stream: ClientStream): void {
    if (stream.headed) stream.answer.end(stream.trailers);
    else this.resetFor(stream, errorCode.protocol, "an answer has no head");
  }

  protected override streamClosed(): void {
    if (!this.reading) this.settle();
  }

  protected override messageSent(stream: ClientStream): void {
    if (stream.remoteEnded) this.closeStream(stream, undefined);
  }
}
