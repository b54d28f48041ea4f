// What both roles of an HTTP/2 connection share: streams, what is sent, how all of it ends. Pure: no sockets, no timers.

import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import type { Role } from "./fault.ts";
import { ConnectionFault, streamAbandoned, streamFault } from "./fault.ts";
import type { Clock } from "./flood-guard.ts";
import { FloodGuard } from "./flood-guard.ts";
import { writeHeaderBlock } from "./header-writer.ts";
import { HpackEncoder } from "./hpack-encoder.ts";
import type { Http2Options } from "./options.ts";
import { Output } from "./output.ts";
import { errorCode } from "./protocol.ts";
import { ReceiveWindows } from "./receive-windows.ts";
import type { SenderOwner } from "./sender.ts";
import { Sender } from "./sender.ts";
import { PeerSettings, writeGoAway, writeReset, writeSettings } from "./settings.ts";
import type { Http2Stream, StreamPort } from "./stream.ts";

/** Streams that we reset are remembered for a while, because the peer may have sent more for them. */
const REMEMBERED_RESETS = 1024;
/** Bytes of a frame that costs its sender as much as us. */
const FAIR_FRAME = 256;

/** Whoever owns the connection's socket. */
export interface SessionHandler {
  /** Takes bytes to send. @returns false: call `drained` when the socket takes more */
  write(bytes: Uint8Array): boolean;
  /** Something waits to be sent: call `flush` when whatever is going on now is through. */
  wake(): void;
  /**
   * The session is over, and all it had to say is written: the socket may be closed.
   * @param error undefined: in good order
   */
  over(error: ProxyError | undefined): void;
}

/**
 * The lower half of a connection; `inbound-session.ts` is the upper one, which reads.
 * @typeParam S a stream with what the role needs to know of it
 */
export abstract class Session<S extends Http2Stream> implements StreamPort, SenderOwner {
  protected readonly options: Http2Options;
  protected readonly clock: Clock;
  protected readonly streams = new Map<number, S>();
  protected readonly out = new Output();
  protected readonly encoder: HpackEncoder;
  protected readonly peer: PeerSettings;
  protected readonly guard: FloodGuard;
  protected readonly sender: Sender;
  protected readonly windows: ReceiveWindows;
  /** `over` was told. */
  protected isOver = false;
  /** Bytes are being read; what that makes to be sent leaves at its end. */
  protected reading = false;
  protected readonly role: Role;
  readonly #handler: SessionHandler;
  readonly #resets = new Set<number>();
  #awake = false;

  protected constructor(role: Role, handler: SessionHandler, options: Http2Options, clock: Clock) {
    this.role = role;
    this.#handler = handler;
    this.options = options;
    this.clock = clock;
    this.encoder = new HpackEncoder(options.encoderTable);
    this.peer = new PeerSettings(role);
    this.guard = new FloodGuard(clock, options.maxEarlyResets);
    this.sender = new Sender(this.out, clock, this);
    this.windows = new ReceiveWindows(this.out, options);
  }

  /** Streams that are open. */
  get size(): number {
    return this.streams.size;
  }

  /** Writes what waits. */
  flush(): void {
    this.#awake = false;
    if (this.out.at === 0) return;
    const bytes = this.out.take();
    if (!this.isOver && !this.#handler.write(bytes)) this.sender.blocked = true;
  }

  /** The socket takes bytes again. */
  drained(): void {
    this.sender.drained();
    this.settle();
    this.flush();
  }

  /** The socket is closed: every stream ends. */
  close(error: ProxyError): void {
    this.isOver = true;
    for (const stream of [...this.streams.values()]) this.closeStream(stream, error);
  }

  /** Ends the connection at once, with a GOAWAY. @param reason one of `errorCode` */
  abort(reason: number, detail: string): void {
    if (!this.isOver) this.fail(new ConnectionFault(this.role, reason, detail));
  }

  wake(): void {
    if (this.#awake || this.reading || this.isOver) return;
    this.#awake = true;
    this.#handler.wake();
  }

  // --- for the roles -----------------------------------------------------------------------------------------------

  /** The last stream of the peer that we looked at. */
  protected abstract lastStream(): number;
  /** Something changed: does what was put off. */
  protected abstract settle(): void;
  /** A stream was closed. */
  protected abstract streamClosed(stream: S): void;
  /** Our message on a stream is complete. */
  protected abstract messageSent(stream: S): void;

  /** Writes our settings, behind whatever the role begins with. */
  protected greet(): void {
    writeSettings(this.out, this.role, this.options);
  }

  /** Ends a stream for something the peer did. */
  protected resetFor(stream: S, reason: number, detail: string): void {
    this.refuseStream(stream.id, reason);
    this.closeStream(stream, streamFault(this.role, reason, detail));
  }

  /** Resets a stream for something the peer did, and counts that. */
  protected refuseStream(id: number, reason: number, wasHandedOver = this.streams.has(id)): void {
    this.writeReset(id, reason);
    if (this.guard.reset(wasHandedOver)) this.flood("too many streams ended early");
  }

  /** Resets a stream. */
  protected writeReset(id: number, reason: number): void {
    writeReset(this.out, id, reason);
    this.#resets.add(id);
    if (this.#resets.size > REMEMBERED_RESETS) {
      for (const oldest of this.#resets) {
        this.#resets.delete(oldest);
        break;
      }
    }
    this.wake();
  }

  /** Whether a frame on a closed stream may have crossed our reset of it; if not, the connection ends. */
  protected ignoreClosed(id: number, bytes: number): void {
    if (this.#resets.has(id)) return bytes < FAIR_FRAME ? this.payIdle() : undefined;
    throw new ConnectionFault(this.role, errorCode.streamClosed, `a frame came on stream ${id}, which is closed`);
  }

  protected closeStream(stream: S, error: ProxyError | undefined): void {
    if (stream.closed) return;
    stream.closed = true;
    this.streams.delete(stream.id);
    this.sender.forget(stream);
    if (stream.unconsumed > 0) {
      this.windows.give(stream.unconsumed);
      this.wake();
    }
    this.streamClosed(stream);
    stream.handler?.closed(error);
  }

  /** Tells the owner that the session is over. */
  protected finish(error: ProxyError | undefined): void {
    if (this.isOver) return;
    this.flush();
    this.isOver = true;
    this.#handler.over(error);
  }

  protected fault(reason: number, detail: string): ConnectionFault {
    return new ConnectionFault(this.role, reason, detail);
  }

  protected payIdle(): void {
    if (this.guard.idle()) this.flood("too many frames without use");
  }

  protected payDear(): void {
    if (this.guard.dear()) this.flood("too many frames without use");
  }

  protected flood(detail: string): never {
    throw new ConnectionFault(this.role, errorCode.enhanceYourCalm, detail);
  }

  /** Tells the peer why, and ends the session. */
  protected fail(thrown: unknown): void {
    if (this.isOver) return;
    const error = toProxyError(thrown);
    writeGoAway(this.out, this.lastStream(), error instanceof ConnectionFault ? error.reason : errorCode.internal);
    this.finish(error);
    this.close(error);
  }

  // --- StreamPort, SenderOwner -------------------------------------------------------------------------------------

  sendHead(stream: Http2Stream, status: number, text: string, ends: boolean): void {
    if (status >= 200) stream.started = true;
    writeHeaderBlock(this.out, { id: stream.id, ends, encoder: this.encoder, status, text });
    this.wake();
    if (!ends) return;
    stream.localEnded = true;
    this.localEnded(stream);
  }

  localEnded({ id }: Http2Stream): void {
    const stream = this.streams.get(id);
    if (stream !== undefined) this.messageSent(stream);
  }

  sendData(stream: Http2Stream, bytes: Uint8Array, ends: boolean): boolean {
    return this.sender.send(stream, bytes, ends);
  }

  sendEnd(stream: Http2Stream, trailers: string): void {
    this.sender.end(stream, trailers);
  }

  writeTrailers(stream: Http2Stream, text: string): void {
    writeHeaderBlock(this.out, { id: stream.id, ends: true, encoder: this.encoder, status: 0, text });
  }

  moved(): void {
    this.guard.useful();
  }

  consume(stream: Http2Stream, bytes: number): void {
    stream.unconsumed -= bytes;
    this.windows.giveStream(stream, bytes);
    if (this.out.at > 0) this.wake();
  }

  abandon({ id }: Http2Stream, reason: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    this.writeReset(id, reason);
    this.closeStream(stream, streamAbandoned(reason));
  }
}
