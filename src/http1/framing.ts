// Where a message's body ends: decided once, from exactly one header, or refused.

import type { Side } from "./bad-message.ts";
import { badMessage } from "./bad-message.ts";
import type { HeaderBlock } from "./header-block.ts";

/** Body length in bytes, or one of these. */
export const framing = {
  /** Chunked transfer coding. */
  chunked: -1,
  /** The body ends with the connection (answers only). */
  untilClose: -2,
} as const;

/** 15 digits stay below 2^53. */
const LENGTH = /^[0-9]{1,15}$/;
const KNOWN_CODING =
  /^[\t ,]*(?:x-)?(?:gzip|compress|deflate|identity|chunked)(?:[\t ]*,[\t ]*(?:x-)?(?:gzip|compress|deflate|identity|chunked))*$/i;

/** Body length that a header block announces; undefined when it announces nothing. */
export function announcedLength(block: HeaderBlock, side: Side): number | undefined {
  const { contentLength, transferEncoding } = block;
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) {
      throw badMessage(side, "ambiguous-length", "both Content-Length and Transfer-Encoding are present");
    }
    if (transferEncoding.toLowerCase() === "chunked") return framing.chunked;
    const status = KNOWN_CODING.test(transferEncoding) ? 501 : 400;
    throw badMessage(side, "bad-transfer-encoding", "Transfer-Encoding is not exactly chunked", status);
  }
  if (contentLength === undefined) return undefined;
  if (!LENGTH.test(contentLength)) throw badMessage(side, "bad-length", "Content-Length is not a whole number");
  return Number(contentLength);
}

const NO_TOKENS: readonly string[] = [];
const KEEP_ALIVE: readonly string[] = ["keep-alive"];
const CLOSE: readonly string[] = ["close"];

/** The tokens of a Connection value, in lower case. */
export function connectionTokens(connection: string | undefined): readonly string[] {
  if (connection === undefined) return NO_TOKENS;
  if (connection === "keep-alive" || connection === "Keep-Alive") return KEEP_ALIVE;
  if (connection === "close") return CLOSE;
  const lower = connection.toLowerCase();
  return lower.split(",").map((token) => token.trim()).filter((token) => token !== "");
}
