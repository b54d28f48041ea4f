// Reads an HTTP/2 connection: every frame is checked against RFC 9113 and becomes a call to a stream, or an error.

import { toProxyError } from "../net/error.ts";
import type { Role } from "./fault.ts";
import { streamReset } from "./fault.ts";
import { FieldBlock } from "./field-block.ts";
import type { Clock } from "./flood-guard.ts";
import type { FrameHeader, FrameSink } from "./frame-reader.ts";
import { FrameReader } from "./frame-reader.ts";
import { checkFrame } from "./frame-rules.ts";
import { dependencyAt, HeaderGatherer } from "./header-gatherer.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import type { Http2Options } from "./options.ts";
import { errorCode, flag, frameType } from "./protocol.ts";
import type { SessionHandler } from "./session.ts";
import { Session } from "./session.ts";
import { readUint32, writeSettingsAck } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";

/** What both roles do with what comes in; they add what requests and answers mean. */
export abstract class InboundSession<S extends Http2Stream> extends Session<S> implements FrameSink {
  protected readonly decoder: HpackDecoder;
  protected readonly block: FieldBlock;
  readonly #reader: FrameReader;
  readonly #gatherer: HeaderGatherer;
  /** The stream of the DATA frame being read; undefined: its bytes are discarded. */
  #dataStream: S | undefined = undefined;
  /** Until when the peer may leave our SETTINGS unacknowledged; 0: it has acknowledged them. */
  #settingsDeadline: number;
  /** The peer's first SETTINGS are here. */
  #greeted = false;

  protected constructor(role: Role, handler: SessionHandler, options: Http2Options, clock: Clock) {
    super(role, handler, options, clock);
    this.decoder = new HpackDecoder(role, options.decoderTable);
    this.block = new FieldBlock(options.limits);
    this.#reader = new FrameReader(role, this);
    this.#gatherer = new HeaderGatherer(role, options.limits.headBytes);
    this.#settingsDeadline = clock.now + options.settingsTimeoutMs;
  }

  /** Takes bytes of the peer. What they cause to be sent is written before it returns. */
  receive(chunk: Uint8Array): void {
    if (this.isOver) return;
    this.reading = true;
    try {
      this.#reader.push(chunk);
      this.settle();
    } catch (thrown) {
      this.fail(toProxyError(thrown));
    }
    this.reading = false;
    this.flush();
  }

  /** Looks at the clock; to be called about once a second, for as long as the connection lasts. */
  tick(): void {
    if (this.isOver) return;
    const { now } = this.clock;
    if (this.#settingsDeadline !== 0 && now > this.#settingsDeadline) {
      return this.fail(this.fault(errorCode.settingsTimeout, "our settings are not acknowledged"));
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

  // --- for the roles -----------------------------------------------------------------------------------------------

  /** Decodes a header block and takes its fields; the decoder's table must not miss one. */
  protected abstract takeBlock(id: number, bytes: Uint8Array, start: number, end: number): void;
  /** A stream that nobody has opened yet. */
  protected abstract isIdle(id: number): boolean;
  /** The peer sent GOAWAY. */
  protected abstract takeGoAway(lastStream: number, reason: number): void;
  /** The peer acknowledged a PING of ours. */
  protected abstract takePong(): void;
  /** Hands data on. */
  protected abstract deliver(stream: S, bytes: Uint8Array): void;
  /** Hands the end of a message on. */
  protected abstract deliverEnd(stream: S): void;

  /** DATA of some length came on a closed stream, or HEADERS of none. The connection's window is paid already. */
  protected takeLate(id: number, bytes: number, _ends: boolean): void {
    this.ignoreClosed(id, bytes);
  }

  /** RST_STREAM came on a closed stream. */
  protected takeLateReset(_id: number): void {
    this.payIdle();
  }

  /** The block being taken ends the peer's message. */
  protected get ends(): boolean {
    return this.#gatherer.ends;
  }

  /** Decodes into `block`. */
  protected decode(bytes: Uint8Array, start: number, end: number): void {
    this.block.clear();
    this.decoder.decode(bytes, start, end, this.block);
  }

  /** A message is complete, if it is as long as announced. */
  protected endMessage(stream: S): void {
    if (stream.expected > 0) {
      return this.resetFor(stream, errorCode.protocol, "there is less DATA than content-length");
    }
    stream.remoteEnded = true;
    this.deliverEnd(stream);
    if (stream.localEnded) this.closeStream(stream, undefined);
  }

  // --- FrameSink ---------------------------------------------------------------------------------------------------

  header(frame: FrameHeader): void {
    const { type, flags, stream, length } = frame;
    if (!this.#greeted && (type !== frameType.settings || (flags & flag.ack) !== 0)) {
      throw this.fault(errorCode.protocol, "the first frame is not SETTINGS");
    }
    const gathering = this.#gatherer.stream;
    if (
      (gathering !== 0 || type === frameType.continuation) && (type !== frameType.continuation || stream !== gathering)
    ) {
      throw this.fault(errorCode.protocol, "a header block is interrupted, or continued where there is none");
    }
    if (length > this.options.maxFrameSize) throw this.fault(errorCode.frameSize, "a frame is larger than allowed");
    if (type > frameType.continuation) return this.payIdle();
    checkFrame(frame, this.role);
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
    if (isEmpty) this.payDear();
    this.#dataStream = undefined;
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.isIdle(id)) throw this.fault(errorCode.protocol, `DATA came on stream ${id}, which is not open`);
      return this.takeLate(id, length, (flags & flag.endStream) !== 0);
    }
    if (stream.remoteEnded) {
      return this.resetFor(stream, errorCode.streamClosed, "DATA came after the end of a message");
    }
    stream.receiveWindow -= length;
    if (stream.receiveWindow < 0) return this.resetFor(stream, errorCode.flowControl, "a stream's window is exceeded");
    this.#dataStream = stream;
  }

  dataPiece(bytes: Uint8Array): void {
    const stream = this.#dataStream;
    if (stream === undefined || stream.closed) return this.windows.give(bytes.length);
    this.guard.useful();
    stream.unconsumed += bytes.length;
    if (stream.expected >= 0) {
      stream.expected -= bytes.length;
      if (stream.expected < 0) {
        return this.resetFor(stream, errorCode.protocol, "there is more DATA than content-length");
      }
    }
    this.deliver(stream, bytes);
  }

  dataEnd(frame: FrameHeader, padding: number): void {
    const stream = this.#dataStream?.closed === false ? this.#dataStream : undefined;
    const ends = (frame.flags & flag.endStream) !== 0;
    if (padding > 0 && padding === frame.length && !ends) this.payDear(); // padding of nothing
    if (padding > 0 && stream !== undefined) this.windows.giveStream(stream, padding);
    else if (padding > 0) this.windows.give(padding);
    if (stream !== undefined && ends) this.endMessage(stream);
    this.#dataStream = undefined;
  }

  #takeHeaders(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const gatherer = this.#gatherer;
    gatherer.fragment(frame, bytes, start, end);
    if ((frame.flags & flag.endHeaders) === 0) return gatherer.begin(frame, bytes);
    this.#takeWhole(frame.stream, bytes, gatherer.start, gatherer.end);
  }

  #takeContinuation(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    if (start === end) this.payDear();
    const whole = this.#gatherer.add(frame, bytes, start, end);
    if (whole !== undefined) this.#takeWhole(frame.stream, whole, 0, whole.length);
  }

  #takeWhole(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#gatherer.dependsOn === id) throw this.fault(errorCode.protocol, `stream ${id} depends on itself`);
    this.takeBlock(id, bytes, start, end);
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
      if (this.isIdle(id)) {
        throw this.fault(errorCode.protocol, `WINDOW_UPDATE came on stream ${id}, which is not open`);
      }
      return;
    }
    if (bytes === 0) return this.resetFor(stream, errorCode.protocol, "a WINDOW_UPDATE gives nothing");
    if (!this.sender.grow(stream, bytes)) this.resetFor(stream, errorCode.flowControl, "a stream's window overflows");
  }

  #takeReset(id: number, reason: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.isIdle(id)) throw this.fault(errorCode.protocol, `RST_STREAM came on stream ${id}, which is not open`);
      return this.takeLateReset(id);
    }
    const isEarly = this.role === "server" && !stream.started;
    const isOrderly = reason === errorCode.none && stream.remoteEnded;
    this.closeStream(stream, isOrderly ? undefined : streamReset(this.role, reason));
    if (isEarly && this.guard.reset(stream.handler !== undefined)) this.flood("too many streams were reset early");
  }

  #takeSettings({ flags }: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    if ((flags & flag.ack) !== 0) {
      if (this.#settingsDeadline === 0) return this.payDear();
      this.#settingsDeadline = 0;
      this.decoder.acknowledged();
      return this.windows.acknowledged(this.streams.values());
    }
    if (this.#greeted) this.payDear();
    this.#greeted = true;
    const before = this.peer.initialWindow;
    this.peer.apply(bytes, start, end);
    this.encoder.resize(this.peer.smallestTableSize);
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
