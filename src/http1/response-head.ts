// A backend's answer head, from text to facts, or refused.

import type { HeaderList } from "../http/header-list.ts";
import { badMessage } from "./bad-message.ts";
import { announcedLength, connectionTokens, framing } from "./framing.ts";
import type { HeaderBlock } from "./header-block.ts";
import { parseHeaderBlock } from "./header-block.ts";
import type { HeadLimits } from "./limits.ts";

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

/** What an answer head says. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Without hop-by-hop and framing headers; a bodyless answer keeps its Content-Length. */
  readonly headers: HeaderList;
  /** Body bytes, `framing.chunked` or `framing.untilClose`. */
  readonly length: number;
  /** The connection may serve another request when the body is through. */
  readonly keepAlive: boolean;
  /** The protocol agreed to, lower case, for 101. */
  readonly upgrade: string | undefined;
}

/**
 * Parses a head.
 * @param method of the request it answers
 * @throws {ProxyError} 502
 */
export function parseResponseHead(head: string, method: string, limits: HeadLimits): ResponseHead {
  const lineEnd = head.indexOf("\r\n");
  const match = STATUS_LINE.exec(head.slice(0, lineEnd));
  if (match === null) throw badMessage("upstream", "bad-status-line", "the backend's status line is malformed");
  const status = Number(match[2]);
  const block = parseHeaderBlock(head, lineEnd + 2, "upstream", limits);
  const announced = announcedLength(block, "upstream");
  const modern = match[1] === "1";
  if (!modern && announced === framing.chunked) {
    throw badMessage("upstream", "transfer-encoding-in-1.0", "the backend chunked an HTTP/1.0 answer");
  }
  const tokens = connectionTokens(block.connection);
  for (const token of tokens) if (token !== "close" && token !== "keep-alive") block.headers.delete(token);
  const bodyless = isBodyless(status, method);
  if (bodyless) keepLength(block);
  const length = bodyless ? 0 : announced ?? framing.untilClose;
  const persistent = modern ? !tokens.includes("close") : tokens.includes("keep-alive");
  return {
    status,
    statusText: match[3] ?? "",
    headers: block.headers,
    length,
    keepAlive: persistent && length !== framing.untilClose,
    upgrade: block.upgrade?.toLowerCase(),
  };
}

/** Answers that have no body whatever they announce: RFC 9112 §6.3. */
export function isBodyless(status: number, method: string): boolean {
  return method === "HEAD" || status === 204 || status === 304 || status < 200;
}

/** HEAD and 304 announce the length that a GET would have had. */
function keepLength(block: HeaderBlock): void {
  if (block.contentLength !== undefined) block.headers.append("Content-Length", block.contentLength);
}
