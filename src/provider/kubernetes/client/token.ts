// The bearer token: given as a value, or in a file that the kubelet rewrites before the token expires.

import type { Files } from "../../../net/runtime.ts";

const REREAD_MS = 60_000; // as client-go does: a bound token lives an hour and is renewed at 80 % of it

/** Where tokens come from. */
export interface TokenSource {
  /** @returns undefined: send no Authorization header */
  read(): Promise<string | undefined>;
  /** The server refused the token: read the file again before the next request. */
  invalidate(): void;
}

/**
 * @param valueOrPath a path when a file of that name exists, as with Traefik; empty: no token
 * @param now milliseconds that never go back
 */
export function createTokenSource(valueOrPath: string, files: Files, now: () => number): TokenSource {
  if (valueOrPath === "") return { read: () => Promise.resolve(undefined), invalidate: () => {} };
  return new FileOrValue(valueOrPath, files, now);
}

class FileOrValue implements TokenSource {
  readonly #valueOrPath: string;
  readonly #files: Files;
  readonly #now: () => number;
  #token: string | undefined;
  #readAt: number;

  constructor(valueOrPath: string, files: Files, now: () => number) {
    this.#valueOrPath = valueOrPath;
    this.#files = files;
    this.#now = now;
    this.#token = undefined;
    this.#readAt = -Infinity;
  }

  async read(): Promise<string | undefined> {
    if (this.#token !== undefined && this.#now() - this.#readAt < REREAD_MS) return this.#token;
    this.#readAt = this.#now();
    try {
      // A value that is no path (they hold dots and may exceed a path's length) fails to open, and is the token.
      this.#token = (await this.#files.readText(this.#valueOrPath)).trim();
    } catch {
      // A file that was there and is not now is being replaced: the last token is the best one there is.
      this.#token ??= this.#valueOrPath.startsWith("/") ? undefined : this.#valueOrPath.trim();
    }
    return this.#token;
  }

  invalidate(): void {
    this.#readAt = -Infinity;
  }
}
