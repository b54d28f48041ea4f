// How much of everything one HTTP/1.1 message may have.

/** Bounds of a message head and of chunked framing. */
export interface HeadLimits {
  /** Bytes of the whole head; 431 (502 for answers) beyond. */
  readonly headBytes: number;
  /** Bytes of one header line. */
  readonly lineBytes: number;
  /** Header lines. */
  readonly headers: number;
  /** Bytes of the request target; 414 beyond. */
  readonly targetBytes: number;
}

/** Defaults for requests; reliability over Traefik's 1 MiB (its own advice is 64 KiB). */
export const requestLimits: HeadLimits = { headBytes: 65_536, lineBytes: 16_384, headers: 100, targetBytes: 16_384 };

/** Defaults for answers of backends, which are trusted a little more. */
export const responseLimits: HeadLimits = { headBytes: 262_144, lineBytes: 65_536, headers: 200, targetBytes: 0 };

/** Hex digits of a chunk size: 13 hold every exact JavaScript integer below 2^52. */
export const CHUNK_SIZE_DIGITS = 13;
/** Bytes of one chunk-size line with its extensions. */
export const CHUNK_LINE_BYTES = 1024;
/** Bytes of all chunk extensions of one body. */
export const CHUNK_EXTENSION_BYTES = 4096;
/** Bytes of all trailers of one body. */
export const TRAILER_BYTES = 8192;
/** Interim answers before the final one. */
export const INTERIM_ANSWERS = 16;
