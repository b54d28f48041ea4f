// The sticky cookie on the wire: read from a request, written to an answer.

import type { StickyCookie } from "../config/dynamic.ts";
import type { HeaderList } from "../http/header-list.ts";

const SPACE = 32;
const TAB = 9;
const sameSiteText = { none: "None", lax: "Lax", strict: "Strict" } as const;

/**
 * The value of the first cookie of that name, quotes around it removed.
 * @param name a token; cookie names are compared with their case
 */
export function readCookie(headers: HeaderList, name: string): string | undefined {
  for (let index = 0; index < headers.size; index++) {
    if (headers.keyAt(index) !== "cookie") continue;
    const value = findPair(headers.valueAt(index), name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The value of a Set-Cookie header, attributes in the order in which Go, and so Traefik, writes them. */
export function setCookieLine(cookie: StickyCookie, name: string, value: string): string {
  const parts = [`${name}=${value}`];
  if (cookie.path !== "") parts.push(`Path=${cookie.path}`);
  if (cookie.domain !== undefined && cookie.domain !== "") parts.push(`Domain=${cookie.domain.replace(/^\./, "")}`);
  if (cookie.maxAge !== 0) parts.push(`Max-Age=${Math.max(0, cookie.maxAge)}`);
  if (cookie.httpOnly) parts.push("HttpOnly");
  if (cookie.secure) parts.push("Secure");
  if (cookie.sameSite !== undefined) parts.push(`SameSite=${sameSiteText[cookie.sameSite]}`);
  return parts.join("; ");
}

/** Looks for `name=` at the start of a pair; no array of pairs is made, as this runs for every request. */
function findPair(line: string, name: string): string | undefined {
  let at = line.indexOf(name);
  while (at !== -1) {
    const after = at + name.length;
    if (line.charAt(after) === "=" && startsPair(line, at)) return unquote(pairValue(line, after + 1));
    at = line.indexOf(name, after);
  }
  return undefined;
}

function startsPair(line: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (line.charCodeAt(before) === SPACE || line.charCodeAt(before) === TAB)) before--;
  return before < 0 || line.charAt(before) === ";";
}

function pairValue(line: string, start: number): string {
  const end = line.indexOf(";", start);
  return (end === -1 ? line.slice(start) : line.slice(start, end)).trim();
}

function unquote(value: string): string {
  const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  return quoted ? value.slice(1, -1) : value;
}
