// The query string as matchers see it: decoded as Go decodes it, without building a map of it.

import type { Predicate } from "./predicate.ts";

const SEPARATOR = /[&;]/g;

/**
 * Tells whether a parameter is there with a value that passes.
 * Keys and values are strings of bytes (latin1), since a query may hold any. `;` separates like `&`, as Traefik
 * has it by default; a pair with a broken percent-encoding is skipped, as in Go's `url.ParseQuery`.
 * @param search with its `?`, or empty
 */
export function queryHas(search: string, key: string, test: Predicate<string>): boolean {
  let start = 1;
  while (start < search.length) {
    const end = pairEnd(search, start);
    const equals = search.indexOf("=", start);
    const keyEnd = equals === -1 || equals > end ? end : equals;
    if (keyEnd > start || equals === start) {
      const isKey = unescapeQuery(search.slice(start, keyEnd)) === key;
      if (isKey && passes(keyEnd === end ? "" : search.slice(keyEnd + 1, end), test)) return true;
    }
    start = end + 1;
  }
  return false;
}

function pairEnd(search: string, start: number): number {
  SEPARATOR.lastIndex = start;
  return SEPARATOR.exec(search)?.index ?? search.length;
}

function passes(encoded: string, test: Predicate<string>): boolean {
  const value = unescapeQuery(encoded);
  return value !== undefined && test(value);
}

/** @returns bytes as latin1 characters, or undefined for a broken percent-encoding */
function unescapeQuery(text: string): string | undefined {
  if (!text.includes("%") && !text.includes("+")) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replaceAll("+", " ").replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
