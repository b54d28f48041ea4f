// The header lines of a head: validated by one expression, then cut at their colons.

import { headerName, role } from "../http/header-name.ts";
import { HeaderList } from "../http/header-list.ts";
import type { Side } from "./bad-message.ts";
import { badMessage } from "./bad-message.ts";
import type { HeadLimits } from "./limits.ts";

/** RFC 9110 §5: token, colon, visible bytes with blanks; no folding, no control bytes, CRLF only. */
const HEADER_BLOCK = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/;

const SPACE = 32;
const TAB = 9;

/** Header lines with those that concern this hop only taken out and told apart. */
export interface HeaderBlock {
  /** Everything meant for the other side, in order. */
  readonly headers: HeaderList;
  readonly contentLength: string | undefined;
  readonly transferEncoding: string | undefined;
  /** All Connection values joined with commas. */
  readonly connection: string | undefined;
  readonly upgrade: string | undefined;
  readonly te: string | undefined;
  readonly expect: string | undefined;
  readonly host: string | undefined;
}

/** Mutable while it is filled. */
class Block implements HeaderBlock {
  readonly headers = new HeaderList();
  contentLength: string | undefined = undefined;
  transferEncoding: string | undefined = undefined;
  connection: string | undefined = undefined;
  upgrade: string | undefined = undefined;
  te: string | undefined = undefined;
  expect: string | undefined = undefined;
  host: string | undefined = undefined;
}

/** Roles that take a header out of the list, or allow it only once. */
const SPECIAL = role.hopByHop | role.contentLength | role.transferEncoding | role.host | role.expect;

/**
 * Parses the lines from `start` to the end of `head`.
 * @param head ends with the CRLF of its last line
 * @throws {ProxyError} for anything RFC 9110 doesn't allow, and for repeated framing headers
 */
export function parseHeaderBlock(head: string, start: number, side: Side, limits: HeadLimits): HeaderBlock {
  const lines = head.slice(start);
  if (!HEADER_BLOCK.test(lines)) throw badMessage(side, "bad-header", "a header line is malformed");
  const block = new Block();
  const { headers } = block;
  let count = 0;
  for (let at = 0; at < lines.length;) {
    const colon = lines.indexOf(":", at);
    const end = lines.indexOf("\r\n", colon);
    if (end - at > limits.lineBytes) throw badMessage(side, "header-too-large", "a header line is too long", 431);
    if (++count > limits.headers) throw badMessage(side, "too-many-headers", "there are too many headers", 431);
    const spelling = lines.slice(at, colon);
    const name = headerName(spelling);
    const value = trim(lines, colon + 1, end);
    headers.roles |= name.roles;
    if ((name.roles & SPECIAL) === 0) headers.appendKnown(spelling, name.key, value);
    else takeSpecial(block, name.roles, spelling, value, side);
    at = end + 2;
  }
  return block;
}

function takeSpecial(block: Block, roles: number, spelling: string, value: string, side: Side): void {
  if (roles & role.host) {
    if (block.host !== undefined) throw badMessage(side, "repeated-host", "there is more than one Host header");
    block.host = value;
    block.headers.append(spelling, value);
  } else if (roles & role.contentLength) {
    if (block.contentLength !== undefined) {
      throw badMessage(side, "repeated-length", "there is more than one Content-Length header");
    }
    block.contentLength = value;
  } else if (roles & role.transferEncoding) {
    if (block.transferEncoding !== undefined) {
      throw badMessage(side, "repeated-transfer-encoding", "there is more than one Transfer-Encoding header");
    }
    block.transferEncoding = value;
  } else takeHop(block, roles, spelling, value);
}

function takeHop(block: Block, roles: number, spelling: string, value: string): void {
  if (roles & role.connection) block.connection = join(block.connection, value);
  else if (roles & role.upgrade) block.upgrade = join(block.upgrade, value);
  else if (roles & role.te) block.te = join(block.te, value);
  else if (roles & role.expect) block.expect = join(block.expect, value);
  else if (keepsHop(spelling)) block.headers.append(spelling, value);
}

/** A proxy's own challenge headers pass: a backend may itself ask for them, as Go's proxy lets it. */
function keepsHop(spelling: string): boolean {
  return spelling.toLowerCase() === "proxy-authenticate";
}

function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

function trim(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
