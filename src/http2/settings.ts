// SETTINGS: what the peer told us of itself, and what we tell it.

import type { Role } from "./fault.ts";
import { ConnectionFault } from "./fault.ts";
import type { Http2Options } from "./options.ts";
import type { Output } from "./output.ts";
import {
  DEFAULT_FRAME_SIZE,
  DEFAULT_TABLE,
  DEFAULT_WINDOW,
  errorCode,
  flag,
  frameType,
  LARGEST_FRAME_SIZE,
  MAX_31,
  setting,
} from "./protocol.ts";

/** Bytes of one setting. */
const ENTRY = 6;
/** What we assume before the peer's first SETTINGS tells more: most servers allow as many. */
const ASSUMED_STREAMS = 100;

/** The settings of the peer. */
export class PeerSettings {
  headerTableSize = DEFAULT_TABLE;
  /** The smallest it was in the last frame: a table must shrink that far, even if it may grow again. */
  smallestTableSize = DEFAULT_TABLE;
  maxConcurrentStreams = ASSUMED_STREAMS;
  initialWindow = DEFAULT_WINDOW;
  connectProtocol = false;
  readonly #role: Role;
  #isFirst = true;

  /** @param role ours */
  constructor(role: Role) {
    this.#role = role;
  }

  /** Takes a frame's payload. @throws {ConnectionFault} */
  apply(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isFirst) this.maxConcurrentStreams = MAX_31;
    this.#isFirst = false;
    this.smallestTableSize = this.headerTableSize;
    for (let at = start; at < end; at += ENTRY) {
      const id = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      this.#set(id, readUint32(bytes, at + 2));
    }
  }

  #set(id: number, value: number): void {
    switch (id) {
      case setting.headerTableSize:
        this.headerTableSize = value;
        this.smallestTableSize = Math.min(value, this.smallestTableSize);
        return;
      case setting.enablePush:
        this.#check(value <= (this.#role === "client" ? 0 : 1), "ENABLE_PUSH", errorCode.protocol);
        return;
      case setting.maxConcurrentStreams:
        this.maxConcurrentStreams = value;
        return;
      case setting.initialWindowSize:
        this.#check(value <= MAX_31, "INITIAL_WINDOW_SIZE", errorCode.flowControl);
        this.initialWindow = value;
        return;
      case setting.maxFrameSize: // we send frames of the smallest allowed size, which is the default
        this.#check(isBetween(value, DEFAULT_FRAME_SIZE, LARGEST_FRAME_SIZE), "MAX_FRAME_SIZE", errorCode.protocol);
        return;
      case setting.enableConnectProtocol:
        this.#check(isBetween(value, this.connectProtocol ? 1 : 0, 1), "ENABLE_CONNECT_PROTOCOL", errorCode.protocol);
        this.connectProtocol = value === 1;
        return;
      default:
        return; // unknown settings are ignored, and MAX_HEADER_LIST_SIZE is advice
    }
  }

  #check(isAllowed: boolean, name: string, reason: number): void {
    if (isAllowed) return;
    throw new ConnectionFault(this.#role, reason, `the setting ${name} has a value that is not allowed`);
  }
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

/** Four bytes as a number from 0 to 2^32-1. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 0x1000000 +
    (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
}

/** Writes our SETTINGS, and the connection's window beyond the default. */
export function writeSettings(out: Output, role: Role, options: Http2Options): void {
  const entries: [number, number][] = [[setting.initialWindowSize, options.streamWindow]];
  entries.push([setting.maxHeaderListSize, options.limits.headBytes]);
  if (role === "client") entries.push([setting.enablePush, 0]);
  else entries.push([setting.maxConcurrentStreams, options.maxConcurrentStreams]);
  if (role === "server" && options.connectProtocol) entries.push([setting.enableConnectProtocol, 1]);
  if (options.decoderTable !== DEFAULT_TABLE) entries.push([setting.headerTableSize, options.decoderTable]);
  if (options.maxFrameSize !== DEFAULT_FRAME_SIZE) entries.push([setting.maxFrameSize, options.maxFrameSize]);
  out.frame(frameType.settings, 0, 0, entries.length * ENTRY);
  for (const [id, value] of entries) {
    out.uint16(id);
    out.uint32(value);
  }
  const more = options.connectionWindow - DEFAULT_WINDOW;
  if (more > 0) writeWindowUpdate(out, 0, more);
}

/** Says that the peer's settings are in force. */
export function writeSettingsAck(out: Output): void {
  out.frame(frameType.settings, flag.ack, 0, 0);
}

/** Gives the peer more window. @param stream 0: the connection's */
export function writeWindowUpdate(out: Output, stream: number, bytes: number): void {
  out.frame(frameType.windowUpdate, 0, stream, 4);
  out.uint32(bytes);
}

/** Resets a stream. */
export function writeReset(out: Output, stream: number, reason: number): void {
  out.frame(frameType.reset, 0, stream, 4);
  out.uint32(reason);
}

/** Tells the peer to open no more streams. */
export function writeGoAway(out: Output, lastStream: number, reason: number): void {
  out.frame(frameType.goAway, 0, 0, 8);
  out.uint32(lastStream);
  out.uint32(reason);
}
