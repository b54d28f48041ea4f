// What a header name means to the proxy, worked out once per spelling and remembered.

import { detach } from "../net/bytes.ts";

/** Roles of header names, as bits: a message's set of roles tells at a glance what needs care. */
export const role = {
  host: 1,
  connection: 2,
  contentLength: 4,
  transferEncoding: 8,
  /** Dropped on both sides of a proxy: RFC 9110 §7.6.1, and the de-facto ones. Go's proxy drops the same. */
  hopByHop: 16,
  upgrade: 32,
  te: 64,
  expect: 128,
  /** A header weir sets itself; a client's copy, however it is spelt, is dropped unless the peer is trusted. */
  owned: 256,
  /** Spelt with `_` or `.`, so that a backend may read it as another header. */
  folded: 512,
  forwardedFor: 1024,
  date: 2048,
} as const;

/** A header name, as it was spelt and as it is compared. */
export interface HeaderName {
  /** Lower case. */
  readonly key: string;
  /** Bits of {@link role}. */
  readonly roles: number;
}

/** Headers weir sets; Traefik's `XHeadersSet` and `Forwarded`. */
export const ownedHeaders: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-method",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-proto",
  "x-forwarded-scheme",
  "x-forwarded-server",
  "x-forwarded-tls-client-cert",
  "x-forwarded-tls-client-cert-info",
  "x-forwarded-uri",
  "x-real-ip",
  "x-scheme",
]);

const roleByKey = new Map<string, number>([
  ["host", role.host],
  ["connection", role.connection | role.hopByHop],
  ["content-length", role.contentLength],
  ["transfer-encoding", role.transferEncoding | role.hopByHop],
  ["keep-alive", role.hopByHop],
  ["proxy-connection", role.hopByHop],
  ["proxy-authenticate", role.hopByHop],
  ["proxy-authorization", role.hopByHop],
  ["te", role.te | role.hopByHop],
  ["trailer", role.hopByHop],
  ["upgrade", role.upgrade | role.hopByHop],
  ["expect", role.expect],
  ["date", role.date],
]);

const REMEMBERED = 4096; // distinct spellings kept; a hostile client can't grow it further
const LONGEST = 64; // characters of a remembered spelling
const names = new Map<string, HeaderName>();

/** @param spelling a valid token, in any case */
export function headerName(spelling: string): HeaderName {
  const known = names.get(spelling);
  if (known !== undefined) return known;
  if (names.size >= REMEMBERED || spelling.length > LONGEST) return nameOf(spelling);
  const own = detach(spelling);
  const name = nameOf(own);
  names.set(own, name);
  return name;
}

function nameOf(spelling: string): HeaderName {
  const key = spelling.toLowerCase();
  return { key, roles: rolesOf(key) };
}

/** Lower case with `_` and `.` as `-`: what a careless backend may make of a name. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[_.]/g, "-");
}

function rolesOf(key: string): number {
  const folds = /[_.]/.test(key);
  const folded = folds ? foldName(key) : key;
  let roles = roleByKey.get(key) ?? 0;
  if (folds) roles |= role.folded;
  if (ownedHeaders.has(folded)) roles |= role.owned;
  if (key === "x-forwarded-for") roles |= role.forwardedFor;
  return roles;
}
