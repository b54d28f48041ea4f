// How much of everything one HTTP/2 connection may have.

import type { HeadLimits } from "../http1/limits.ts";
import { requestLimits, responseLimits } from "../http1/limits.ts";
import { DEFAULT_TABLE } from "./protocol.ts";

/** Settings of our side of a connection. */
export interface Http2Options {
  /** Streams the peer may have open at once (server), or a bound of our own on those we open (client). */
  readonly maxConcurrentStreams: number;
  /** Bytes of one message's body that are held for a reader who stalls. */
  readonly streamWindow: number;
  /** The same for all streams of a connection together. */
  readonly connectionWindow: number;
  /** Bytes of a frame's payload that we accept. */
  readonly maxFrameSize: number;
  /** Fields, cookie crumbs counted one by one; bytes of the decoded list as HPACK counts them; of `:path`. */
  readonly limits: HeadLimits;
  /** Bytes of the table for the peer's header fields. */
  readonly decoderTable: number;
  /** Bytes of the table for ours, if the peer allows as many. */
  readonly encoderTable: number;
  /** Accept extended CONNECT (RFC 8441). */
  readonly connectProtocol: boolean;
  /** Streams that may end before their answer within {@link EARLY_RESET_MS}; more, and the connection is closed. */
  readonly maxEarlyResets: number;
  /** Milliseconds for the peer to acknowledge our settings. */
  readonly settingsTimeoutMs: number;
  /** Milliseconds after which a stream that the peer gives no window to is reported. */
  readonly stallMs: number;
}

/** The time over which early resets are counted. */
export const EARLY_RESET_MS = 30_000;
/** CONTINUATION frames of one header block. */
export const MAX_CONTINUATIONS = 64;
/** Interim answers before the final one. */
export const MAX_INTERIM = 16;

/** For connections of clients. */
export const serverOptions: Http2Options = {
  maxConcurrentStreams: 100,
  streamWindow: 65_536,
  connectionWindow: 1_048_576,
  maxFrameSize: 16_384,
  limits: requestLimits,
  decoderTable: DEFAULT_TABLE,
  encoderTable: DEFAULT_TABLE,
  connectProtocol: false,
  maxEarlyResets: 100,
  settingsTimeoutMs: 10_000,
  stallMs: 30_000,
};

/** For connections to backends. */
export const clientOptions: Http2Options = { ...serverOptions, limits: responseLimits };
