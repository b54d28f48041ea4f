// The server's side of an HTTP/2 connection: requests come in, and are handed over at a pace that can't be outrun.

import type { HeaderList } from "../http/header-list.ts";
import type { RequestPolicy } from "../http1/request-head.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import { streamFault } from "./fault.ts";
import type { Clock } from "./flood-guard.ts";
import { HeadCache } from "./head-cache.ts";
import { InboundSession } from "./inbound-session.ts";
import { Leftovers } from "./leftovers.ts";
import type { Http2Options } from "./options.ts";
import { errorCode, frameType, MAX_31 } from "./protocol.ts";
import type { Http2RequestHead } from "./request-head.ts";
import { readRequest, requestFault } from "./request-head.ts";
import { readTrailers, trailersFault } from "./response-head.ts";
import type { SessionHandler } from "./session.ts";
import { writeGoAway, writeWindowUpdate } from "./settings.ts";
import { Http2Stream } from "./stream.ts";

/** Whoever serves a connection's requests. */
export interface ServerHandler extends SessionHandler {
  /**
   * A request is here. Sets `stream.handler` if there is a body, and does nothing yet: what is here of the body is told
   * first, so that a message that turns out malformed meanwhile is never begun.
   */
  request(stream: Http2Stream, head: Http2RequestHead, hasBody: boolean): StreamWork;
  /** A request that can be answered, but not with what it asks for: `error.status` is the answer. */
  refused(stream: Http2Stream, error: ProxyError): void;
  /** A request was malformed, and its stream reset. */
  malformed(error: ProxyError): void;
}

/** A request that was told of. */
export interface StreamWork {
  /** Now the request is to be worked on. */
  begin(): void;
}

/** How far a shutdown has come: not asked for; announced; in force. */
type Shutdown = "no" | "announced" | "final";

/** How long a client may take to hear that the connection is closing, before streams it opens are turned away. */
const ANNOUNCED_MS = 1000;
const PING_BYTES = 8;

/** A stream and its request, before and after it was handed over. */
class ServerStream extends Http2Stream {
  head: Http2RequestHead | undefined = undefined;
  refusal: ProxyError | undefined = undefined;
  hasBody = false;
  handedOver = false;
  /** Data that came before. */
  early: Uint8Array[] | undefined = undefined;
  trailers: HeaderList | undefined = undefined;
}

/** See the file's sentence. */
export class ServerSession extends InboundSession<ServerStream> {
  readonly #handler: ServerHandler;
  readonly #policy: RequestPolicy;
  readonly #heads = new HeadCache();
  /** Requests not yet handed over. */
  #arrived: ServerStream[] = [];
  /** Streams handed over and still open. */
  #inWork = 0;
  #lastStream = 0;
  readonly #leftovers: Leftovers;
  #settling = false;
  #shutdown: Shutdown = "no";
  #announcedAt = 0;

  constructor(handler: ServerHandler, policy: RequestPolicy, options: Http2Options, clock: Clock) {
    super("server", handler, options, clock);
    this.#handler = handler;
    this.#policy = policy;
    this.#leftovers = new Leftovers(clock, options);
    this.greet();
  }

  /** Lets requests under way finish, and those that are on their way here; then `over` is told. */
  shutdown(): void {
    if (this.#shutdown !== "no" || this.isOver) return;
    this.#shutdown = "announced";
    this.#announcedAt = this.clock.now;
    writeGoAway(this.out, MAX_31, errorCode.none);
    this.out.frame(frameType.ping, 0, 0, PING_BYTES); // its answer tells that the client has seen the GOAWAY
    this.out.copy(new Uint8Array(PING_BYTES));
    this.flush();
  }

  override tick(): void {
    if (this.#shutdown === "announced" && this.clock.now - this.#announcedAt > ANNOUNCED_MS) this.#goAway();
    for (let id = this.#leftovers.stale(); id !== 0; id = this.#leftovers.stale()) this.#stop(id);
    super.tick();
  }

  protected override takePong(): void {
    if (this.#shutdown === "announced") this.#goAway();
    else this.payIdle();
  }

  protected override takeGoAway(): void {
    this.payDear(); // what the client has begun it still wants answered
  }

  #goAway(): void {
    this.#shutdown = "final";
    writeGoAway(this.out, this.#lastStream, errorCode.none);
  }

  protected override isIdle(id: number): boolean {
    return id > this.#lastStream || id % 2 === 0;
  }

  protected override lastStream(): number {
    return this.#lastStream;
  }

  // --- requests ----------------------------------------------------------------------------------------------------

  protected override takeBlock(id: number, bytes: Uint8Array, start: number, end: number): void {
    const { generation } = this.decoder;
    if (id > this.#lastStream && id % 2 === 1) {
      const known = this.#heads.find(bytes, start, end, generation);
      if (known !== undefined) return this.#open(id, known, undefined);
    }
    this.decode(bytes, start, end);
    const stream = this.streams.get(id);
    if (stream !== undefined) return this.#takeTrailers(stream);
    if (id % 2 === 0) throw this.fault(errorCode.protocol, `a client can't open stream ${id}`);
    if (id <= this.#lastStream) return this.takeLate(id, 0, this.ends);
    const head = this.#read(id);
    const isRepeatable = this.decoder.generation === generation;
    if (head !== undefined && isRepeatable) this.#heads.keep(bytes.subarray(start, end), generation, head);
  }

  /** @returns the head of a request that is to be served */
  #read(id: number): Http2RequestHead | undefined {
    const fault = requestFault(this.block, this.options.connectProtocol);
    if (fault !== undefined) {
      this.#lastStream = id;
      this.#refuseMalformed(id, fault);
      return undefined;
    }
    try {
      const head = readRequest(this.block, this.#policy);
      this.#open(id, head, undefined);
      return head;
    } catch (thrown) {
      this.#open(id, undefined, toProxyError(thrown));
      return undefined;
    }
  }

  #refuseMalformed(id: number, detail: string): void {
    this.#handler.malformed(streamFault("server", errorCode.protocol, detail));
    this.refuseStream(id, errorCode.protocol);
  }

  #open(id: number, head: Http2RequestHead | undefined, refusal: ProxyError | undefined): void {
    this.#lastStream = id;
    if (this.#shutdown === "final" || this.streams.size >= this.options.maxConcurrentStreams) {
      this.payIdle();
      return this.writeReset(id, errorCode.refusedStream);
    }
    const { ends } = this;
    const length = head?.length;
    if (ends && length !== undefined && length > 0) {
      return this.#refuseMalformed(id, "there is less DATA than content-length");
    }
    const stream = new ServerStream(id, this, this.windows.initial, this.peer.initialWindow);
    stream.head = head;
    stream.refusal = refusal;
    stream.hasBody = !ends;
    stream.remoteEnded = ends;
    if (length !== undefined) stream.expected = length;
    this.streams.set(id, stream);
    this.guard.useful();
    this.#arrived.push(stream);
  }

  #takeTrailers(stream: ServerStream): void {
    if (stream.remoteEnded) {
      return this.resetFor(stream, errorCode.streamClosed, "HEADERS came after the end of a message");
    }
    const fault = this.ends ? trailersFault(this.block) : "HEADERS came within a body";
    if (fault !== undefined) return this.resetFor(stream, errorCode.protocol, fault);
    if (this.block.text !== "") stream.trailers = readTrailers(this.block);
    this.endMessage(stream);
  }

  protected override deliver(stream: ServerStream, bytes: Uint8Array): void {
    if (!stream.handedOver) (stream.early ??= []).push(bytes);
    else if (stream.handler === undefined) this.consume(stream, bytes.length);
    else stream.handler.data(bytes);
  }

  protected override deliverEnd(stream: ServerStream): void {
    if (stream.handedOver) stream.handler?.end(stream.trailers);
  }

  // --- handing over ------------------------------------------------------------------------------------------------

  /** In a loop, never in recursion: an answer that is there at once makes room for the next request. */
  protected override settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      while (this.#arrived.length > 0 && this.#hasRoom()) {
        const stream = this.#arrived.shift();
        if (stream !== undefined && !stream.closed) this.#handOver(stream);
      }
    } finally {
      this.#settling = false;
    }
    if (this.#shutdown === "final" && this.streams.size === 0) this.finish(undefined);
  }

  /** A stream that was reset may still be worked on; and nobody is to ask who doesn't take the answers. */
  #hasRoom(): boolean {
    return !this.sender.blocked && this.#inWork + this.guard.recentResets < this.options.maxConcurrentStreams;
  }

  #handOver(stream: ServerStream): void {
    const { head, early } = stream;
    stream.handedOver = true;
    this.#inWork++;
    const work = head === undefined ? undefined : this.#handler.request(stream, head, stream.hasBody);
    if (stream.refusal !== undefined) this.#handler.refused(stream, stream.refusal);
    stream.early = undefined;
    if (early !== undefined) { for (const bytes of early) if (!stream.closed) this.deliver(stream, bytes); }
    if (stream.hasBody && stream.remoteEnded && !stream.closed) stream.handler?.end(stream.trailers);
    if (!stream.closed) work?.begin();
  }

  protected override streamClosed(stream: ServerStream): void {
    if (!stream.handedOver) return;
    this.#inWork--;
    if (!this.reading) this.settle();
  }

  /** A client that hasn't finished its request need not, once it has its answer: RFC 9113 §8.1. */
  protected override messageSent(stream: ServerStream): void {
    if (!stream.remoteEnded) {
      this.windows.fill(stream); // a client that waits to send has another reason to look at its answer
      this.#leftovers.add(stream.id);
      for (let id = this.#leftovers.surplus(); id !== 0; id = this.#leftovers.surplus()) this.#stop(id);
    }
    this.closeStream(stream, undefined);
  }

  /** Tells a client that has its answer that the rest of its request is of no use. */
  #stop(id: number): void {
    this.#leftovers.remove(id);
    this.writeReset(id, errorCode.none);
  }

  protected override takeLate(id: number, bytes: number, ends: boolean): void {
    if (!this.#leftovers.has(id)) return super.takeLate(id, bytes, ends);
    if (ends) this.#leftovers.remove(id);
    else if (bytes === 0) this.payDear(); // such HEADERS have no place there, and the client needn't hear of it
    else this.#drop(id, bytes);
  }

  #drop(id: number, bytes: number): void {
    const verdict = this.#leftovers.drop(id, bytes);
    if (verdict === "stop") this.#stop(id);
    else if (verdict === "give window") writeWindowUpdate(this.out, id, this.options.streamWindow);
  }

  protected override takeLateReset(id: number): void {
    if (!this.#leftovers.remove(id)) super.takeLateReset(id);
  }
}
