// A backend's answer head, from text to facts, or refused.

import type { HeaderList } from "../http/header-list.ts";
import { badMessage } from "./bad-message.ts";
import { announcedLength, connectionTokens, framing } from "./framing.ts";
import type { HeaderBlock } from "./header-block.ts";
import { parseHeaderBlock } from "./header-block.ts";
import type { HeadLimits } from "./limits.ts";

/** Version, status with its first digit above 0, then nothing or a blank and the reason. */
const STATUS_LINE = /^HTTP\/1\.[01] [1-9][0-9]{2}(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const OK = "HTTP/1.1 200 OK";
const ONE = "1".charCodeAt(0);

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
  /** The protocol agreed to, lower case, when Connection lists `upgrade`. */
  readonly upgrade: string | undefined;
}

/**
 * Parses a head.
 * @param method of the request it answers
 * @throws {ProxyError} 502
 */
export function parseResponseHead(head: string, method: string, limits: HeadLimits): ResponseHead {
  const lineEnd = head.indexOf("\r\n");
  const line = head.slice(0, lineEnd);
  if (line !== OK && !STATUS_LINE.test(line)) {
    throw badMessage("upstream", "bad-status-line", "the backend's status line is malformed");
  }
  const status = Number(line.slice(9, 12));
  const block = parseHeaderBlock(head, lineEnd + 2, "upstream", limits);
  const announced = announcedLength(block, "upstream");
  const modern = line.charCodeAt(7) === ONE;
  if (!modern && announced === framing.chunked) {
    throw badMessage("upstream", "transfer-encoding-in-1.0", "the backend chunked an HTTP/1.0 answer");
  }
  const tokens = connectionTokens(block.connection);
  removeNominated(block, tokens);
  const bodyless = isBodyless(status, method);
  if (bodyless) keepLength(block, status);
  const length = bodyless ? 0 : announced ?? framing.untilClose;
  return {
    status,
    statusText: line.slice(13),
    headers: block.headers,
    length,
    keepAlive: isPersistent(modern, tokens) && isClean(status, announced) && length !== framing.untilClose,
    upgrade: tokens.includes("upgrade") ? block.upgrade?.toLowerCase() : undefined,
  };
}

/** Drops the headers that Connection names. */
function removeNominated(block: HeaderBlock, tokens: readonly string[]): void {
  for (const token of tokens) if (token !== "close" && token !== "keep-alive") block.headers.delete(token);
}

function isPersistent(modern: boolean, tokens: readonly string[]): boolean {
  return modern ? !tokens.includes("close") : tokens.includes("keep-alive");
}

/** False for a 204 that announces a body: a backend that gets this wrong may well send one, after its answer. */
function isClean(status: number, announced: number | undefined): boolean {
  return status !== 204 || announced === undefined || announced === 0;
}

/** Answers that have no body whatever they announce: RFC 9112 §6.3. */
export function isBodyless(status: number, method: string): boolean {
  return method === "HEAD" || status === 204 || status === 304 || status < 200;
}

/** HEAD and 304 announce the length that a GET would have had; 1xx and 204 may not: RFC 9110 §8.6. */
function keepLength(block: HeaderBlock, status: number): void {
  if (status < 200 || status === 204 || block.contentLength === undefined) return;
  block.headers.append("Content-Length", block.contentLength);
}
