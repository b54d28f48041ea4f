// The header lines of a head: validated by one expression, then read only as far as framing and forwarding need.

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

/** Roles whose value is needed here. */
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
  let text = "";
  let roles = 0;
  let run = 0; // where the lines begin that go on as they are
  let count = 0;
  for (let at = 0, end = 0; at < lines.length; at = end + 2) {
    const colon = lines.indexOf(":", at);
    end = lines.indexOf("\r\n", colon);
    if (end - at > limits.lineBytes) throw badMessage(side, "header-too-large", "a header line is too long", 431);
    if (++count > limits.headers) throw badMessage(side, "too-many-headers", "there are too many headers", 431);
    const found = rolesAt(lines, at, colon);
    const isTaken = (found & SPECIAL) !== 0 && takeSpecial(block, found, trim(lines, colon + 1, end), side);
    if (!isTaken) {
      roles |= found;
      if (isRegular(lines, colon, end)) continue;
    }
    text += lines.slice(run, at);
    if (!isTaken) text += `${lines.slice(at, colon)}: ${trim(lines, colon + 1, end)}\r\n`;
    run = end + 2;
  }
  block.headers.appendText(run === 0 ? lines : text + lines.slice(run), roles);
  return block;
}

/** Names that have a role, as they are mostly spelt. */
const usual = [
  ...["Host", "Date", "Content-Length", "Connection", "Transfer-Encoding", "Keep-Alive", "Upgrade", "TE", "Trailer"],
  ...["Expect", "Proxy-Connection", "Proxy-Authorization", "Forwarded"],
];
const LONGEST = 63;
const X = "x".charCodeAt(0) & 31;

/** By first letter (its low 5 bits) and length: 0 where no name has a role, else 1 + the index in `usual`. */
const places = new Uint8Array(32 * (LONGEST + 1));
for (const [index, name] of usual.entries()) places[placeOf(name.charCodeAt(0), name.length)] = index + 1;

function placeOf(letter: number, length: number): number {
  return (letter & 31) * (LONGEST + 1) + Math.min(length, LONGEST);
}

/** The roles of the name from `at` to `colon`; most names have none, which is seen without cutting them out. */
function rolesAt(lines: string, at: number, colon: number): number {
  const letter = lines.charCodeAt(at);
  const place = places[placeOf(letter, colon - at)] ?? 0;
  if (place === 0) return (letter & 31) === X ? headerName(lines.slice(at, colon)).roles : 0;
  const name = usual[place - 1] ?? "";
  return lines.startsWith(name, at) ? headerName(name).roles : headerName(lines.slice(at, colon)).roles;
}

/** True for `Name: value`, the form that is written. */
function isRegular(lines: string, colon: number, end: number): boolean {
  return end > colon + 2 && lines.charCodeAt(colon + 1) === SPACE && !isBlank(lines.charCodeAt(colon + 2)) &&
    !isBlank(lines.charCodeAt(end - 1));
}

/** Notes a header that concerns this hop. @returns false when it goes on to the other side all the same */
function takeSpecial(block: Block, roles: number, value: string, side: Side): boolean {
  if ((roles & role.host) !== 0) {
    if (block.host !== undefined) throw badMessage(side, "repeated-host", "there is more than one Host header");
    block.host = value;
    return false;
  }
  if ((roles & role.contentLength) !== 0) {
    if (block.contentLength !== undefined) {
      throw badMessage(side, "repeated-length", "there is more than one Content-Length header");
    }
    block.contentLength = value;
    return true;
  }
  if ((roles & role.transferEncoding) !== 0) {
    if (block.transferEncoding !== undefined) {
      throw badMessage(side, "repeated-transfer-encoding", "there is more than one Transfer-Encoding header");
    }
    block.transferEncoding = value;
    return true;
  }
  return takeHop(block, roles, value);
}

function takeHop(block: Block, roles: number, value: string): boolean {
  if ((roles & role.connection) !== 0) block.connection = join(block.connection, value);
  else if ((roles & role.upgrade) !== 0) block.upgrade = join(block.upgrade, value);
  else if ((roles & role.te) !== 0) block.te = join(block.te, value);
  else if ((roles & role.expect) !== 0) block.expect = join(block.expect, value);
  return true;
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
