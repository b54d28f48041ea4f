// Who gets a connection of an entry point: TCP routers, HTTP or HTTPS, by what is known of its first bytes.

import type { TcpHandler } from "../net/tcp-session.ts";
import type { TcpSubject } from "../rule/tcp-matcher.ts";
import type { RouteEntry } from "./route.ts";
import { createTcpRouter, isCatchAll } from "./tcp-router.ts";
import type { TcpRouter } from "./tcp-router.ts";

/** A TCP router of an entry point. */
export interface TcpRoute extends RouteEntry {
  /** `name@provider`. */
  readonly name: string;
  /** Takes connections that speak TLS, as they are; else those that do not. */
  readonly isTls: boolean;
  /** Decrypts them itself. */
  readonly isTerminated?: boolean;
  readonly handler: TcpHandler;
}

/** The server names of HTTPS routers. `catch-all`: only routers that name no host may serve it. */
export interface HttpsNames {
  find(serverName: string | undefined): "specific" | "catch-all" | undefined;
}

/** The TCP routes of an entry point, and the HTTPS names beside them. */
export interface TcpTable {
  readonly plain: TcpRouter<TcpRoute>;
  readonly tls: TcpRouter<TcpRoute>;
  /** undefined: no router serves HTTPS. */
  readonly https: HttpsNames | undefined;
  /** Some connections are decrypted here. */
  readonly terminates: boolean;
}

/** What is known of a connection's first bytes. `postgres`: TLS was begun by PostgreSQL's own start. */
export type FirstBytesFacts =
  | { readonly kind: "unread" | "silent" | "plain" }
  | {
    readonly kind: "tls" | "postgres";
    readonly serverName: string | undefined;
    readonly alpn: readonly string[];
  };

/** What becomes of a connection. `read`: its first bytes must be seen. */
export type TcpVerdict =
  | { readonly kind: "tcp"; readonly route: TcpRoute }
  | { readonly kind: "read" }
  | { readonly kind: "http" }
  | { readonly kind: "https" }
  | { readonly kind: "close" };

/** @returns undefined when there is nothing to choose: all connections are HTTP */
export function createTcpTable(routes: readonly TcpRoute[], https?: HttpsNames): TcpTable | undefined {
  if (routes.length === 0 && https === undefined) return undefined;
  return {
    plain: createTcpRouter(routes.filter(({ isTls }) => !isTls)),
    tls: createTcpRouter(routes.filter(({ isTls }) => isTls)),
    https,
    terminates: https !== undefined || routes.some(({ isTerminated }) => isTerminated === true),
  };
}

/**
 * Traefik's precedence, with one addition: a client that stays silent (`silent`) may be waiting for a server that
 * speaks first, and then gets the plain route that would have it, also beside TLS. It may be slow as well: when it begins
 * TLS before that server has said a word, it is decided upon again.
 *
 * | first bytes | who gets the connection, in this order |
 * |---|---|
 * | unread | the plain TCP route, when nothing on the entry point needs TLS; HTTP when nothing there is TCP; else they are read |
 * | silent | the plain TCP route; else the wait goes on |
 * | not TLS | the plain TCP route; HTTP |
 * | TLS | HTTPS for that very name; the TCP route for that name; any HTTPS router; the TCP catch-all; HTTPS, for its 404 |
 * | PostgreSQL, then TLS | the TCP route of TLS |
 */
export function decideConnection(table: TcpTable, facts: FirstBytesFacts, remoteIp: string): TcpVerdict {
  switch (facts.kind) {
    case "unread":
      if (table.tls.size > 0 || table.https !== undefined) return READ;
      return findPlain(table, remoteIp) ?? HTTP;
    case "silent":
      return findPlain(table, remoteIp) ?? READ;
    case "plain":
      return findPlain(table, remoteIp) ?? HTTP;
    case "postgres":
      return toVerdict(table.tls.find(subjectOf(facts, remoteIp))) ?? CLOSE;
    case "tls":
      return decideTls(table, subjectOf(facts, remoteIp));
  }
}

const READ: TcpVerdict = { kind: "read" };
const HTTP: TcpVerdict = { kind: "http" };
const HTTPS: TcpVerdict = { kind: "https" };
const CLOSE: TcpVerdict = { kind: "close" };

function decideTls(table: TcpTable, subject: TcpSubject): TcpVerdict {
  const https = table.https?.find(subject.serverName);
  if (https === "specific") return HTTPS;
  const route = table.tls.find(subject);
  if (route !== undefined && !isCatchAll(route.rule)) return { kind: "tcp", route };
  return https === "catch-all" ? HTTPS : toVerdict(route) ?? HTTPS;
}

function findPlain(table: TcpTable, remoteIp: string): TcpVerdict | undefined {
  return table.plain.size === 0 ? undefined : toVerdict(table.plain.find({ remoteIp, alpn: [] }));
}

function subjectOf(
  facts: { readonly serverName: string | undefined; readonly alpn: readonly string[] },
  remoteIp: string,
): TcpSubject {
  return { serverName: facts.serverName, alpn: facts.alpn, remoteIp };
}

function toVerdict(route: TcpRoute | undefined): TcpVerdict | undefined {
  return route === undefined ? undefined : { kind: "tcp", route };
}
