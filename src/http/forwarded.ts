// The headers that tell a backend who asked: dropped from strangers, set by weir (traefik.md §2.6, rules S3).

import { ProxyError } from "../net/error.ts";
import type { HeaderList } from "./header-list.ts";
import { headerName, role } from "./header-name.ts";

/** What to do with header names that hold `_` or `.`, beyond those that look like weir's own (always dropped). */
export type UnderscoreStrategy = "keep" | "delete" | "reject";

/** Settings of one entry point. */
export interface ForwardedPolicy {
  readonly underscore: UnderscoreStrategy;
  /** Value of X-Forwarded-Server. */
  readonly serverName: string;
  /** Adds X-Forwarded-Scheme and X-Scheme. */
  readonly addSchemeHeaders: boolean;
}

/** What is known of the connection and the request line. */
export interface ForwardedFacts {
  readonly remoteIp: string;
  /** The peer may speak for others: its forwarded headers are believed. */
  readonly trusted: boolean;
  readonly secure: boolean;
  readonly authority: string;
  readonly upgrade: string | undefined;
}

/**
 * Cleans a request's headers of claims its sender may not make, then adds weir's own.
 * X-Forwarded-For is appended when the request is sent on, so that middlewares see what the client's side said.
 * @throws {ProxyError} 400 when names with `_` or `.` are to be rejected
 */
export function setForwardedHeaders(headers: HeaderList, facts: ForwardedFacts, policy: ForwardedPolicy): void {
  if ((headers.roles & (role.owned | role.folded)) !== 0) dropClaims(headers, facts.trusted, policy.underscore);
  const secure = facts.secure;
  const believed = facts.trusted && (headers.roles & role.owned) !== 0;
  setUnlessBelieved(headers, "X-Forwarded-Host", facts.authority, believed);
  setUnlessBelieved(headers, "X-Forwarded-Port", portOf(facts.authority, secure), believed);
  setUnlessBelieved(headers, "X-Forwarded-Proto", protocolOf(facts), believed);
  if (believed) headers.set("X-Forwarded-Server", policy.serverName);
  else headers.appendKnown("X-Forwarded-Server", "x-forwarded-server", policy.serverName);
  setUnlessBelieved(headers, "X-Real-Ip", facts.remoteIp, believed);
  if (!policy.addSchemeHeaders) return;
  setUnlessBelieved(headers, "X-Forwarded-Scheme", secure ? "https" : "http", believed);
  setUnlessBelieved(headers, "X-Scheme", secure ? "https" : "http", believed);
}

/** The X-Forwarded-For value to send on. @param prior lines the request has, in order */
export function appendForwardedFor(prior: readonly string[], remoteIp: string): string {
  return prior.length === 0 ? remoteIp : `${prior.join(", ")}, ${remoteIp}`;
}

function setUnlessBelieved(headers: HeaderList, name: string, value: string, believed: boolean): void {
  const { key } = headerName(name);
  if (believed && (headers.first(key) ?? "") !== "") return;
  if (believed) headers.set(name, value);
  else headers.appendKnown(name, key, value);
}

function dropClaims(headers: HeaderList, trusted: boolean, underscore: UnderscoreStrategy): void {
  headers.deleteWhere((_key, _value, name) => {
    const { roles } = headerName(name);
    if ((roles & role.folded) !== 0) {
      if ((roles & role.owned) !== 0 || underscore === "delete") return true;
      if (underscore === "keep") return false;
      throw new ProxyError(`the header name ${name} has a _ or .`, {
        code: "underscore-header",
        source: "downstream",
        status: 400,
      });
    }
    return !trusted && (roles & role.owned) !== 0;
  });
}

function protocolOf(facts: ForwardedFacts): string {
  if (facts.upgrade === "websocket") return facts.secure ? "wss" : "ws";
  return facts.secure ? "https" : "http";
}

function portOf(authority: string, secure: boolean): string {
  const colon = authority.lastIndexOf(":");
  if (colon > authority.lastIndexOf("]") && colon !== authority.length - 1) return authority.slice(colon + 1);
  return secure ? "443" : "80";
}
