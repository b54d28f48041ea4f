// The numbers of RFC 9113.

/** Frame types, §6. */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Frame flags, §6; `ack` and `endStream` share a bit. */
export const flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** Error codes, §7. */
export const errorCode = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  connect: 10,
  enhanceYourCalm: 11,
  inadequateSecurity: 12,
  http11Required: 13,
} as const;

/** Identifiers of settings, §6.5.2 and RFC 8441 §3. */
export const setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  enableConnectProtocol: 8,
} as const;

/** What a client sends first, §3.4. */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** Bytes of a frame's header. */
export const FRAME_HEADER = 9;
/** Bytes of a window nobody changed, §6.9.2. */
export const DEFAULT_WINDOW = 65_535;
/** The largest window, and the largest stream identifier. */
export const MAX_31 = 2_147_483_647;
/** Bytes of the header table unless a setting says otherwise, §6.5.2. */
export const DEFAULT_TABLE = 4096;
/** Bytes of a frame's payload unless a setting allows more, §4.2. */
export const DEFAULT_FRAME_SIZE = 16_384;
/** The most that setting may allow. */
export const LARGEST_FRAME_SIZE = 16_777_215;

const names: readonly string[] = [
  ...["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED"],
  ...["FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM"],
  ...["INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
];

/** The name of an error code, for messages. */
export function errorName(code: number): string {
  return names[code] ?? `error ${code}`;
}

/**
 * Tells whether a connection begins with HTTP/2's preface.
 * @param bytes the first bytes, as many as there are
 * @returns undefined: need more
 */
export function matchPreface(bytes: Uint8Array): boolean | undefined {
  const length = Math.min(bytes.length, PREFACE.length);
  for (let at = 0; at < length; at++) if (bytes[at] !== PREFACE.charCodeAt(at)) return false;
  return length === PREFACE.length ? true : undefined;
}
