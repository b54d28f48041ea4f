// What the access log is told of one finished request, and the small facts both formats derive from it.

import { role } from "../http/header-name.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest } from "../http/request.ts";

/** One finished request. */
export interface AccessEntry {
  /** Its `record` tells what happened on the way. */
  readonly request: ProxyRequest;
  /** Status sent to the client; 499 when it left before. */
  readonly status: number;
  /** Headers sent to the client. */
  readonly responseHeaders?: HeaderList | undefined;
  /** Bytes of the request's body. */
  readonly requestBytes: number;
  /** Bytes of the answer's body, as sent to the client. */
  readonly responseBytes: number;
  /** From the first byte of the request to the last of the answer. */
  readonly durationMs: number;
  /** Bytes of the body the backend sent. Default: `responseBytes`, when a backend answered. */
  readonly originBytes?: number | undefined;
  /** Headers the backend sent, before middlewares. */
  readonly originHeaders?: HeaderList | undefined;
  /** The client's headers before middlewares changed them; needed only if the log says `needsRequestHeaders`. */
  readonly requestHeaders?: HeaderList | undefined;
  /** X-Forwarded-For as the entry point let it pass. Default: what `requestHeaders` or the request holds now. */
  readonly forwardedFor?: string | undefined;
}

/** Traefik's ClientHost: the whole X-Forwarded-For when there is one, else the peer's address. */
export function clientHost(entry: AccessEntry): string {
  const headers = entry.requestHeaders ?? entry.request.headers;
  const forwarded = entry.forwardedFor ??
    ((headers.roles & role.forwardedFor) === 0 ? undefined : headers.get("x-forwarded-for"));
  return forwarded === undefined || forwarded === "" ? entry.request.remote.ip : forwarded;
}

/** The target as the client sent it, without scheme and authority of an absolute one. */
export function requestPath(entry: AccessEntry, keepQuery: boolean): string {
  let target = entry.request.rawTarget;
  if (!target.startsWith("/")) target = originForm(target);
  if (keepQuery) return target;
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}

/** A header value for people: bytes that are UTF-8 are shown as such. */
export function toReadable(value: string): string {
  if (!/[\x80-\xff]/.test(value)) return value;
  try {
    return utf8.decode(Uint8Array.from(value, (character) => character.charCodeAt(0)));
  } catch {
    return value; // not UTF-8: each byte stays one character
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function originForm(target: string): string {
  const scheme = target.indexOf("://");
  if (scheme === -1) return target; // `*`, or the authority of a CONNECT
  const path = target.slice(scheme + 3).search(/[/?]/);
  return path === -1 ? "/" : target.slice(scheme + 3 + path);
}
