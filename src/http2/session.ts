// One HTTP/2 connection, pure: bytes in, calls out. What both roles share; see `server-session.ts`, `client-session.ts`.

import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import type { Role } from "./fault.ts";
import { ConnectionFault, streamAbandoned, streamFault, streamReset } from "./fault.ts";
import { FieldBlock } from "./field-block.ts";
import type { Clock } from "./flood-guard.ts";
import { FloodGuard } from "./flood-guard.ts";
import type { FrameHeader, FrameSink } from "./frame-reader.ts";
import { FrameReader } from "./frame-reader.ts";
import { checkFrame } from "./frame-rules.ts";
import { dependencyAt, HeaderGatherer } from "./header-gatherer.ts";
import { writeHeaderBlock } from "./header-writer.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { HpackEncoder } from "./hpack-encoder.ts";
import type { Http2Options } from "./options.ts";
import { Output } from "./output.ts";
import { errorCode, flag, frameType } from "./protocol.ts";
import { ReceiveWindows } from "./receive-windows.ts";
import type { SenderOwner } from "./sender.ts";
import { Sender } from "./sender.ts";
import { PeerSettings, readUint32, writeGoAway, writeReset, writeSettings, writeSettingsAck } from "./settings.ts";
import type { Http2Stream, StreamPort } from "./stream.ts";

/** Streams that we reset are remembered for a while, because the peer may have sent more for them. */
const REMEMBERED_RESETS = 1024;

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

/** See the file's sentence. */
export abstract class Session implements FrameSink, StreamPort, SenderOwner {
  protected readonly options: Http2Options;
  protected readonly clock: Clock;
  protected readonly streams = new Map<number, Http2Stream>();
  protected readonly out = new Output();
  protected readonly encoder = new HpackEncoder();
  protected readonly decoder: HpackDecoder;
  protected readonly block: FieldBlock;
  protected readonly peer: PeerSettings;
  protected readonly guard: FloodGuard;
  protected readonly sender: Sender;
  protected readonly windows: ReceiveWindows;
  /** `over` was told. */
  protected isOver = false;
  readonly #role: Role;
  readonly #handler: SessionHandler;
  readonly #reader: FrameReader;
  readonly #gatherer: HeaderGatherer;
  readonly #resets = new Set<number>();
  /** The stream of the DATA frame being read; undefined: its bytes are discarded. */
  #dataStream: Http2Stream | undefined = undefined;
  /** Our first SETTINGS: until when the peer may leave them unacknowledged; 0: it has. */
  #settingsDeadline: number;
  #greeted = false;
  #reading = false;
  #awake = false;

  protected constructor(role: Role, handler: SessionHandler, options: Http2Options, clock: Clock) {
    this.#role = role;
    this.#handler = handler;
    this.options = options;
    this.clock = clock;
    this.decoder = new HpackDecoder(role);
    this.block = new FieldBlock(options.limits);
    this.peer = new PeerSettings(role);
    this.guard = new FloodGuard(clock, options.maxEarlyResets);
    this.sender = new Sender(this.out, clock, this);
    this.windows = new ReceiveWindows(this.out, options);
    this.#reader = new FrameReader(role, this);
    this.#gatherer = new HeaderGatherer(role, options.limits.headBytes);
    this.#settingsDeadline = clock.now + options.settingsTimeoutMs;
  }

  /** Streams that are open. */
  get size(): number {
    return this.streams.size;
  }

  /** Takes bytes of the peer. Answers are written before it returns. */
  receive(chunk: Uint8Array): void {
    if (this.isOver) return;
    this.#reading = true;
    try {
      this.#reader.push(chunk);
      this.settle();
    } catch (thrown) {
      this.#fail(thrown);
    }
    this.#reading = false;
    this.flush();
  }

  /** Writes what waits. */
  flush(): void {
    this.#awake = false;
    if (this.out.at === 0) return;
    if (!this.#handler.write(this.out.take())) this.sender.blocked = true;
  }

  /** The socket takes bytes again. */
  drained(): void {
    this.sender.drained();
    this.settle();
    this.flush();
  }

  /** Looks at the clock; to be called about once a second, while the connection lasts. */
  tick(): void {
    if (this.isOver) return;
    const { now } = this.clock;
    if (this.#settingsDeadline !== 0 && now > this.#settingsDeadline) {
      return this.#fail(new ConnectionFault(this.#role, errorCode.settingsTimeout, "our settings are not acknowledged"));
    }
    if (!this.sender.blocked) {
      for (const stream of [...this.sender.waiting]) {
        if (now - stream.blockedAt <= this.options.stallMs) continue;
        stream.blockedAt = now;
        stream.handler?.stalled();
      }
    }
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
    if (!this.isOver) this.#fail(new ConnectionFault(this.#role, reason, detail));
  }

  wake(): void {
    if (this.#awake || this.#reading) return;
    this.#awake = true;
    this.#handler.wake();
  }

  // --- for the roles -----------------------------------------------------------------------------------------------

  /** Takes the fields in `block`. */
  protected abstract takeFields(id: number, ends: boolean): void;
  /** A stream that nobody has opened yet. */
  protected abstract isIdle(id: number): boolean;
  /** The last stream of the peer that we looked at. */
  protected abstract lastStream(): number;
  /** Something changed: does what was put off. */
  protected abstract settle(): void;
  /** The peer sent GOAWAY. */
  protected abstract takeGoAway(lastStream: number, reason: number): void;
  /** The peer acknowledged a PING of ours. */
  protected abstract takePong(): void;
  /** A stream was closed. */
  protected abstract streamClosed(stream: Http2Stream): void;
  /** Our message on a stream is complete. */
  abstract localEnded(stream: Http2Stream): void;

  /** Writes our settings, behind whatever the role begins with. */
  protected greet(): void {
    writeSettings(this.out, this.#role, this.options);
  }

  /** Decodes a block; the table must not miss one. */
  protected decode(bytes: Uint8Array, start: number, end: number): void {
    this.block.clear();
    this.decoder.decode(bytes, start, end, this.block);
  }

  /** The peer's message on a stream is complete. */
  protected remoteEnded(stream: Http2Stream): void {
    stream.remoteEnded = true;
    if (stream.localEnded) this.closeStream(stream, undefined);
  }

  /** Ends a stream for something the peer did. */
  protected resetFor(stream: Http2Stream, reason: number, detail: string): void {
    this.refuseStream(stream.id, reason);
    this.closeStream(stream, streamFault(this.#role, reason, detail));
  }

  /** Resets a stream for something the peer did, and counts that. */
  protected refuseStream(id: number, reason: number, wasHandedOver = this.streams.has(id)): void {
    this.writeReset(id, reason);
    if (this.guard.reset(wasHandedOver)) this.#flood("too many streams ended early");
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
  protected ignoreClosed(id: number): void {
    if (this.#resets.has(id)) return this.payIdle();
    throw new ConnectionFault(this.#role, errorCode.streamClosed, `a frame came on stream ${id}, which is closed`);
  }

  protected closeStream(stream: Http2Stream, error: ProxyError | undefined): void {
    if (stream.closed) return;
    stream.closed = true;
    this.streams.delete(stream.id);
    this.sender.forget(stream);
    if (stream.unconsumed > 0) {
      this.windows.give(stream.unconsumed);
      this.wake();
    }
    if (this.#dataStream === stream) this.#dataStream = undefined;
    this.streamClosed(stream);
    stream.handler?.closed(error);
  }

  /** Tells the owner that the session is over. */
  protected finish(error: ProxyError | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.flush();
    this.#handler.over(error);
  }

  protected fault(reason: number, detail: string): ConnectionFault {
    return new ConnectionFault(this.#role, reason, detail);
  }

  protected payIdle(): void {
    if (this.guard.idle()) this.#flood("too many frames without use");
  }

  #payDear(): void {
    if (this.guard.dear()) this.#flood("too many frames without use");
  }

  #flood(detail: string): never {
    throw new ConnectionFault(this.#role, errorCode.enhanceYourCalm, detail);
  }

  #fail(thrown: unknown): void {
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

  abandon(stream: Http2Stream, reason: number): void {
    this.writeReset(stream.id, reason);
    this.closeStream(stream, streamAbandoned(reason));
  }

  // --- FrameSink ---------------------------------------------------------------------------------------------------

  header(frame: FrameHeader): void {
    const { type, flags, stream, length } = frame;
    if (!this.#greeted && (type !== frameType.settings || (flags & flag.ack) !== 0)) {
      throw this.fault(errorCode.protocol, "the first frame is not SETTINGS");
    }
    const gathering = this.#gatherer.stream;
    if ((gathering !== 0 || type === frameType.continuation) && (type !== frameType.continuation || stream !== gathering)) {
      throw this.fault(errorCode.protocol, "a header block is interrupted, or continued where there is none");
    }
    if (length > this.options.maxFrameSize) throw this.fault(errorCode.frameSize, "a frame is larger than allowed");
    if (type > frameType.continuation) return this.payIdle();
    checkFrame(frame, this.#role);
    if (type === frameType.data) this.#beginData(frame);
  }

  payload(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    switch (frame.type) {
      case frameType.headers:
        return this.#takeHeaders(frame, bytes, start, end);
      case frameType.continuation:
        return this.#takeContinuation(frame, bytes, start, end);
      case frameType.windowUpdate:
        return this.#takeWindowUpdate(frame.stream, readUint32(bytes, start) % 2 ** 31);
      case frameType.reset:
        return this.#takeReset(frame.stream, readUint32(bytes, start));
      case frameType.settings:
        return this.#takeSettings(frame, bytes, start, end);
      case frameType.ping:
        return this.#takePing(frame, bytes, start, end);
      case frameType.goAway:
        return this.takeGoAway(readUint32(bytes, start) % 2 ** 31, readUint32(bytes, start + 4));
      default:
        return this.#takePriority(frame.stream, dependencyAt(bytes, start));
    }
  }

  #beginData({ stream: id, length, flags }: FrameHeader): void {
    if (!this.windows.take(length)) throw this.fault(errorCode.flowControl, "the connection's window is exceeded");
    const isEmpty = length === 0 && (flags & flag.endStream) === 0;
    if (isEmpty) this.#payDear();
    this.#dataStream = undefined;
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.isIdle(id)) throw this.fault(errorCode.protocol, `DATA came on stream ${id}, which is not open`);
      return this.ignoreClosed(id);
    }
    if (stream.remoteEnded) return this.resetFor(stream, errorCode.streamClosed, "DATA came after the end of a message");
    stream.receiveWindow -= length;
    if (stream.receiveWindow < 0) return this.resetFor(stream, errorCode.flowControl, "a stream's window is exceeded");
    this.#dataStream = stream;
  }

  dataPiece(bytes: Uint8Array): void {
    const stream = this.#dataStream;
    if (stream === undefined) return this.windows.give(bytes.length);
    this.guard.useful();
    stream.unconsumed += bytes.length;
    if (stream.expected >= 0) {
      stream.expected -= bytes.length;
      if (stream.expected < 0) return this.resetFor(stream, errorCode.protocol, "there is more DATA than content-length");
    }
    this.deliver(stream, bytes);
  }

  dataEnd(frame: FrameHeader, padding: number): void {
    const stream = this.#dataStream;
    if (padding > 0 && stream !== undefined) this.windows.giveStream(stream, padding);
    else if (padding > 0) this.windows.give(padding);
    if (stream !== undefined && (frame.flags & flag.endStream) !== 0) this.endMessage(stream);
    this.#dataStream = undefined;
  }

  /** Hands data on. */
  protected abstract deliver(stream: Http2Stream, bytes: Uint8Array): void;
  /** Hands the end of a message on. */
  protected abstract deliverEnd(stream: Http2Stream): void;

  /** A message is complete, if it is as long as announced. */
  protected endMessage(stream: Http2Stream): void {
    if (stream.expected > 0) {
      return this.resetFor(stream, errorCode.protocol, "there is less DATA than content-length");
    }
    stream.remoteEnded = true;
    this.deliverEnd(stream);
    if (stream.localEnded) this.closeStream(stream, undefined);
  }

  #takeHeaders(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const gatherer = this.#gatherer;
    gatherer.fragment(frame, bytes, start, end);
    if ((frame.flags & flag.endHeaders) === 0) return gatherer.begin(frame, bytes);
    this.#takeBlock(frame.stream, bytes, gatherer.start, gatherer.end);
  }

  #takeContinuation(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    if (start === end) this.#payDear();
    const whole = this.#gatherer.add(frame, bytes, start, end);
    if (whole !== undefined) this.#takeBlock(frame.stream, whole, 0, whole.length);
  }

  #takeBlock(id: number, bytes: Uint8Array, start: number, end: number): void {
    this.decode(bytes, start, end);
    const { dependsOn, ends } = this.#gatherer;
    if (dependsOn === id) throw this.fault(errorCode.protocol, `stream ${id} depends on itself`);
    this.takeFields(id, ends);
  }

  #takeWindowUpdate(id: number, bytes: number): void {
    this.payIdle();
    if (id === 0) {
      if (bytes === 0) throw this.fault(errorCode.protocol, "a WINDOW_UPDATE gives nothing");
      if (!this.sender.growAll(bytes)) throw this.fault(errorCode.flowControl, "the connection's window overflows");
      return;
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.isIdle(id)) throw this.fault(errorCode.protocol, `WINDOW_UPDATE came on stream ${id}, which is not open`);
      return;
    }
    if (bytes === 0) return this.resetFor(stream, errorCode.protocol, "a WINDOW_UPDATE gives nothing");
    if (!this.sender.grow(stream, bytes)) this.resetFor(stream, errorCode.flowControl, "a stream's window overflows");
  }

  #takeReset(id: number, reason: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.isIdle(id)) throw this.fault(errorCode.protocol, `RST_STREAM came on stream ${id}, which is not open`);
      return this.payIdle();
    }
    const isEarly = this.#role === "server" && !stream.started;
    const isOrderly = reason === errorCode.none && stream.remoteEnded;
    this.closeStream(stream, isOrderly ? undefined : streamReset(this.#role, reason));
    if (isEarly && this.guard.reset(stream.handler !== undefined)) this.#flood("too many streams were reset early");
  }

  #takeSettings({ flags }: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    if ((flags & flag.ack) !== 0) {
      if (this.#settingsDeadline === 0) return this.#payDear();
      this.#settingsDeadline = 0;
      return this.windows.acknowledged(this.streams.values());
    }
    if (this.#greeted) this.#payDear();
    this.#greeted = true;
    const before = this.peer.initialWindow;
    this.peer.apply(bytes, start, end);
    this.encoder.resize(this.peer.headerTableSize);
    writeSettingsAck(this.out);
    const more = this.peer.initialWindow - before;
    if (more === 0) return;
    for (const stream of [...this.streams.values()]) {
      if (!this.sender.grow(stream, more)) throw this.fault(errorCode.flowControl, "a setting lets a window overflow");
    }
  }

  #takePing({ flags }: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    if ((flags & flag.ack) !== 0) return this.takePong();
    this.payIdle();
    this.out.frame(frameType.ping, flag.ack, 0, end - start);
    this.out.copy(bytes.subarray(start, end));
  }

  #takePriority(id: number, dependsOn: number): void {
    this.payIdle();
    if (dependsOn === id) throw this.fault(errorCode.protocol, `stream ${id} depends on itself`);
  }
}
