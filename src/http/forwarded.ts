// The headers that tell a backend who asked: dropped from strangers, set by weir (traefik.md §2.6, rules S3).

import { detach } from "../net/bytes.ts";
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

/** What is known of the peer, for as long as it is connected. */
export interface Peer {
  readonly ip: string;
  /** It may speak for others: its forwarded headers are believed. */
  readonly trusted: boolean;
  readonly secure: boolean;
}

/** A header and its value. */
type Line = readonly [name: string, value: string];

/** Sets the forwarded headers of one connection's requests. */
export class ForwardedHeaders {
  readonly #peer: Peer;
  readonly #policy: ForwardedPolicy;
  /** The last request's text, and what it was made for: a connection's requests hardly ever need another. */
  #authority: string | undefined = undefined;
  #upgrade: string | undefined = undefined;
  #text = "";

  constructor(peer: Peer, policy: ForwardedPolicy) {
    this.#peer = peer;
    this.#policy = policy;
  }

  /**
   * Cleans a request's headers of claims its sender may not make, then adds weir's own.
   * X-Forwarded-For is appended when the request is sent on, so that middlewares see what the client's side said.
   * @param upgrade the protocol the request wants to change to, if any
   * @throws {ProxyError} 400 when names with `_` or `.` are to be rejected
   */
  apply(headers: HeaderList, authority: string, upgrade: string | undefined): void {
    const claims = (headers.roles & role.owned) !== 0;
    const { underscore } = this.#policy;
    if (claims || underscore !== "keep") dropClaims(headers, this.#peer.trusted, underscore);
    const { trusted, secure } = this.#peer;
    if (claims && trusted) addMissing(headers, this.#lines(authority, upgrade, isSecure(headers, secure)));
    else headers.appendText(this.#textFor(authority, upgrade), role.owned);
  }

  #textFor(authority: string, upgrade: string | undefined): string {
    if (authority === this.#authority && upgrade === this.#upgrade) return this.#text;
    const own = detach(authority);
    this.#authority = own;
    this.#upgrade = upgrade;
    this.#text = this.#lines(own, upgrade, this.#peer.secure).map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    return this.#text;
  }

  #lines(authority: string, upgrade: string | undefined, secure: boolean): readonly Line[] {
    const { ip } = this.#peer;
    const scheme = secure ? "https" : "http";
    const host: readonly Line[] = authority === "" ? [] : [["X-Forwarded-Host", authority]]; // HTTP/1.0 may name none
    const lines: readonly Line[] = [
      ...host,
      ["X-Forwarded-Port", portOf(authority, secure)],
      ["X-Forwarded-Proto", protocolOf(upgrade, secure)],
      ["X-Forwarded-Server", this.#policy.serverName],
      ["X-Real-Ip", ip],
    ];
    return this.#policy.addSchemeHeaders ? [...lines, ["X-Forwarded-Scheme", scheme], ["X-Scheme", scheme]] : lines;
  }
}

/** Whether the client's side is encrypted, as far as a trusted peer says: that decides the port it used. */
function isSecure(headers: HeaderList, fallback: boolean): boolean {
  const proto = headers.first("x-forwarded-proto") ?? "";
  return proto === "" ? fallback : proto === "https" || proto === "wss";
}

/** Keeps what a trusted peer said, except the name of the server that speaks. */
function addMissing(headers: HeaderList, lines: readonly Line[]): void {
  for (const [name, value] of lines) {
    if (name === "X-Forwarded-Server" || (headers.get(name) ?? "") === "") headers.set(name, value);
  }
}

/** The X-Forwarded-For value to send on. @param prior lines the request has, in order */
export function appendForwardedFor(prior: readonly string[], remoteIp: string): string {
  return prior.length === 0 ? remoteIp : `${prior.join(", ")}, ${remoteIp}`;
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

function protocolOf(upgrade: string | undefined, secure: boolean): string {
  if (upgrade === "websocket") return secure ? "wss" : "ws";
  return secure ? "https" : "http";
}

function portOf(authority: string, secure: boolean): string {
  const colon = authority.lastIndexOf(":");
  if (colon > authority.lastIndexOf("]") && colon !== authority.length - 1) return authority.slice(colon + 1);
  return secure ? "443" : "80";
}
