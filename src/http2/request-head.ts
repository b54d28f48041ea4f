// A request's fields, from a decoded block to facts, or refused.

import { HeaderList } from "../http/header-list.ts";
import { role } from "../http/header-name.ts";
import { canonicalPath } from "../http/path.ts";
import { badMessage } from "../http1/bad-message.ts";
import type { RequestPolicy } from "../http1/request-head.ts";
import { checkHost, parseTarget } from "../http1/target.ts";
import type { FieldBlock } from "./field-block.ts";

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible ASCII: what else a target may not have is {@link readRequest}'s to say. */
const VISIBLE = /^[\x21-\x7e]+$/;
const SCHEME = /^https?$/;
/** 15 digits stay below 2^53. */
const LENGTH = /^[0-9]{1,15}$/;
const PLAIN_PATH = /^\/[A-Za-z0-9\-_~!$&'()*+,;=:@]*$/;

/** What a request's fields say. Immutable: equal blocks of a connection may share one. */
export interface Http2RequestHead {
  readonly method: string;
  /** As the client calls it; whether the connection is secure is the entry point's to know. */
  readonly scheme: string;
  /** `host[:port]`. */
  readonly authority: string;
  readonly rawTarget: string;
  /** Canonical. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly search: string;
  /** Body bytes announced; undefined: unknown until the body ends. */
  readonly length: number | undefined;
  readonly expectContinue: boolean;
  /** `te: trailers` was there. */
  readonly teTrailers: boolean;
  /** What an extended CONNECT asks for, lower case; undefined for all other requests. */
  readonly protocol: string | undefined;
  /** Lines of a `HeaderList`, the host's first; without those that concern this hop or frame the body. */
  readonly text: string;
  /** Bits of `role` of their names. */
  readonly roles: number;
}

/** A list of its own for each request: middlewares change it. */
export function toHeaderList(head: { readonly text: string; readonly roles: number }): HeaderList {
  const headers = new HeaderList();
  headers.appendText(head.text, head.roles);
  return headers;
}

/**
 * Why a request is malformed, which its stream is reset for: RFC 9113 §8.1.1, §8.2 and §8.3.
 * @returns undefined: it isn't
 */
export function requestFault(block: FieldBlock, connectProtocol: boolean): string | undefined {
  if (block.fault !== undefined) return block.fault;
  if (block.excess !== undefined) return undefined; // what is missing may be what was too much
  const { method, te, contentLength } = block;
  if (block.status !== undefined) return "a request has :status";
  if (method === undefined || !METHOD.test(method)) return ":method is missing or malformed";
  if (te !== undefined && te.toLowerCase() !== "trailers") return "te has another value than trailers";
  if (contentLength !== undefined && !LENGTH.test(contentLength)) return "content-length is not a whole number";
  return block.protocol === undefined ? targetFault(block, method) : protocolFault(block, method, connectProtocol);
}

function targetFault(block: FieldBlock, method: string): string | undefined {
  const { scheme, path, authority } = block;
  if (method === "CONNECT") {
    const isComplete = scheme === undefined && path === undefined && authority !== undefined;
    return isComplete ? undefined : "CONNECT needs :authority and neither :scheme nor :path";
  }
  if (scheme === undefined || !SCHEME.test(scheme)) return ":scheme is missing, or neither http nor https";
  return authorityFault(authority) ?? pathFault(path, method);
}

function pathFault(path: string | undefined, method: string): string | undefined {
  if (path === undefined || path === "") return ":path is missing or empty";
  if (!VISIBLE.test(path)) return ":path has a blank, or a byte that is not ASCII";
  const isAbsolute = path.charCodeAt(0) === 47 || (path === "*" && method === "OPTIONS");
  return isAbsolute ? undefined : ":path does not begin with a slash";
}

function authorityFault(authority: string | undefined): string | undefined {
  if (authority === undefined || VISIBLE.test(authority)) return undefined;
  return ":authority is empty, or has a blank or a byte that is not ASCII";
}

function protocolFault(block: FieldBlock, method: string, isEnabled: boolean): string | undefined {
  if (!isEnabled) return ":protocol is not enabled here";
  if (method !== "CONNECT") return ":protocol needs the method CONNECT";
  if (!METHOD.test(block.protocol ?? "")) return ":protocol is malformed";
  if (block.authority === undefined) return ":authority is missing";
  return targetFault(block, "GET");
}

/**
 * The facts of a well-formed request.
 * @throws {ProxyError} with the status to answer: what is well-formed may still be too much, or not allowed here
 */
export function readRequest(block: FieldBlock, policy: RequestPolicy): Http2RequestHead {
  const { method = "", path: rawTarget = "", protocol } = block;
  if (block.excess !== undefined) throw badMessage("downstream", "header-too-large", block.excess, 431);
  if (rawTarget.length > policy.limits.targetBytes) {
    throw badMessage("downstream", "target-too-long", "the request target is too long", 414);
  }
  const target = parseTarget(protocol === undefined ? method : "GET", rawTarget, policy.scheme);
  const authority = authorityOf(block);
  const cookie = block.cookie === undefined ? "" : `cookie: ${block.cookie}\r\n`;
  return {
    method,
    scheme: block.scheme ?? "",
    authority,
    rawTarget,
    path: pathOf(target.path, policy),
    search: target.search,
    length: block.contentLength === undefined ? undefined : Number(block.contentLength),
    expectContinue: wantsContinue(block),
    teTrailers: block.te !== undefined,
    protocol: protocol?.toLowerCase(),
    text: `host: ${authority}\r\n${block.text}${cookie}`,
    roles: block.roles | role.host,
  };
}

/** `:authority` wins, and a `host` that says otherwise is refused: nobody behind weir may see another host than it. */
function authorityOf({ authority, host }: FieldBlock): string {
  const name = authority ?? host;
  if (name === undefined) throw badMessage("downstream", "missing-host", "the request names no host");
  checkHost(name);
  if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase()) {
    throw badMessage("downstream", "host-mismatch", "the host field differs from :authority");
  }
  return name;
}

function pathOf(raw: string, policy: RequestPolicy): string {
  if (raw === "*" || PLAIN_PATH.test(raw)) return raw;
  if (policy.encodedFilter?.test(raw)) {
    throw badMessage("downstream", "encoded-character", "the path has an encoded character that is not allowed");
  }
  const path = canonicalPath(raw, policy.sanitizePath);
  if (path === undefined) throw badMessage("downstream", "bad-target", "the path has a broken percent-encoding");
  return path;
}

function wantsContinue({ expect }: FieldBlock): boolean {
  if (expect === undefined) return false;
  if (expect.toLowerCase() === "100-continue") return true;
  throw badMessage("downstream", "bad-expectation", "the Expect header asks for something unknown", 417);
}
