// A request head, from text to facts, or refused.

import { canonicalPath } from "../http/path.ts";
import type { HeaderList } from "../http/header-list.ts";
import { ownedHeaders } from "../http/header-name.ts";
import { badMessage } from "./bad-message.ts";
import { announcedLength, connectionTokens } from "./framing.ts";
import type { HeaderBlock } from "./header-block.ts";
import { parseHeaderBlock } from "./header-block.ts";
import type { HeadLimits } from "./limits.ts";
import { checkHost, parseTarget } from "./target.ts";
import type { RequestTarget } from "./target.ts";

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VERSION = /^HTTP\/[0-9]\.[0-9]$/;

/** How heads of one entry point are read. */
export interface RequestPolicy {
  readonly scheme: "http" | "https";
  readonly limits: HeadLimits;
  /** Remove dot segments and double slashes. */
  readonly sanitizePath: boolean;
  /** Matches refused percent-encodings of a raw path. */
  readonly encodedFilter: RegExp | undefined;
  /** Lower-case names of headers that a client's Connection may not remove. */
  readonly kept?: ReadonlySet<string>;
}

/** What a request head says. */
export interface RequestHead {
  readonly method: string;
  readonly rawTarget: string;
  readonly authority: string;
  readonly path: string;
  readonly search: string;
  readonly protocol: "HTTP/1.0" | "HTTP/1.1";
  /** Without hop-by-hop and framing headers. */
  readonly headers: HeaderList;
  /** Body bytes; `framing.chunked`; 0: none. */
  readonly length: number;
  /** True when the message announces a body, even an empty one. */
  readonly hasBody: boolean;
  readonly keepAlive: boolean;
  readonly expectContinue: boolean;
  /** The wanted protocol, lower case, when Connection lists `upgrade`. */
  readonly upgrade: string | undefined;
  /** `TE: trailers` was there. */
  readonly teTrailers: boolean;
}

/**
 * Parses a head.
 * @param head ends with the CRLF of its last line
 * @throws {ProxyError} with the status to answer
 */
export function parseRequestHead(head: string, policy: RequestPolicy): RequestHead {
  const lineEnd = head.indexOf("\r\n");
  const methodEnd = head.indexOf(" ");
  const targetEnd = head.indexOf(" ", methodEnd + 1);
  if (methodEnd <= 0 || targetEnd === -1 || targetEnd > lineEnd) {
    throw badMessage("downstream", "bad-request-line", "the request line is malformed");
  }
  const method = head.slice(0, methodEnd);
  const rawTarget = head.slice(methodEnd + 1, targetEnd);
  const protocol = parseVersion(head.slice(targetEnd + 1, lineEnd));
  if (!METHOD.test(method)) throw badMessage("downstream", "bad-method", "the method is not a token");
  if (rawTarget.length > policy.limits.targetBytes) {
    throw badMessage("downstream", "target-too-long", "the request target is too long", 414);
  }
  const target = parseTarget(method, rawTarget, policy.scheme);
  const block = parseHeaderBlock(head, lineEnd + 2, "downstream", policy.limits);
  const authority = authorityOf(target, block, protocol);
  const announced = bodyLength(block, protocol);
  const tokens = connectionTokens(block.connection);
  removeNominated(block, tokens, policy.kept);
  return {
    method,
    rawTarget,
    authority,
    path: pathOf(target, policy),
    search: target.search,
    protocol,
    headers: block.headers,
    length: announced ?? 0,
    hasBody: announced !== undefined && announced !== 0,
    keepAlive: protocol === "HTTP/1.1" ? !tokens.includes("close") : tokens.includes("keep-alive"),
    expectContinue: wantsContinue(block, protocol),
    upgrade: upgradeOf(block, tokens),
    teTrailers: block.te !== undefined && /(?:^|[\s,])trailers(?:$|[\s,;])/i.test(block.te),
  };
}

function parseVersion(version: string): "HTTP/1.0" | "HTTP/1.1" {
  if (version === "HTTP/1.1" || version === "HTTP/1.0") return version;
  if (VERSION.test(version)) {
    throw badMessage("downstream", "version-not-supported", `${version} is not served here`, 505);
  }
  throw badMessage("downstream", "bad-request-line", "the request line names no HTTP version");
}

function authorityOf(target: RequestTarget, block: HeaderBlock, protocol: string): string {
  const { host } = block;
  if (host === undefined) {
    if (protocol === "HTTP/1.1") throw badMessage("downstream", "missing-host", "HTTP/1.1 needs a Host header");
    return target.authority ?? "";
  }
  checkHost(host);
  if (target.authority === undefined) return host;
  if (target.authority.toLowerCase() === host.toLowerCase()) return host;
  throw badMessage("downstream", "host-mismatch", "the Host header differs from the request target's");
}

function bodyLength(block: HeaderBlock, protocol: string): number | undefined {
  if (protocol === "HTTP/1.0" && block.transferEncoding !== undefined) {
    throw badMessage("downstream", "transfer-encoding-in-1.0", "HTTP/1.0 has no Transfer-Encoding");
  }
  return announcedLength(block, "downstream");
}

function pathOf(target: RequestTarget, policy: RequestPolicy): string {
  if (target.path === "*") return "*";
  if (policy.encodedFilter?.test(target.path)) {
    throw badMessage("downstream", "encoded-character", "the path has an encoded character that is not allowed");
  }
  const path = canonicalPath(target.path, policy.sanitizePath);
  if (path === undefined) throw badMessage("downstream", "bad-target", "the path has a broken percent-encoding");
  return path;
}

function wantsContinue(block: HeaderBlock, protocol: string): boolean {
  if (block.expect === undefined || protocol === "HTTP/1.0") return false;
  if (block.expect.toLowerCase() === "100-continue") return true;
  throw badMessage("downstream", "bad-expectation", "the Expect header asks for something unknown", 417);
}

function upgradeOf(block: HeaderBlock, tokens: readonly string[]): string | undefined {
  return block.upgrade !== undefined && tokens.includes("upgrade") ? block.upgrade.toLowerCase() : undefined;
}

/** Drops the headers that Connection names, but never those weir owns: a client must not be able to unset them. */
function removeNominated(
  block: HeaderBlock,
  tokens: readonly string[],
  kept: ReadonlySet<string> | undefined,
): void {
  for (const token of tokens) {
    if (token === "close" || token === "keep-alive" || token === "upgrade" || token === "host") continue;
    if (!ownedHeaders.has(token) && kept?.has(token) !== true) block.headers.delete(token);
  }
}
