// The canonical request: parsed once, read by everybody, turned into a real `Request` only on demand (D2, D3).

import type { Address } from "../net/connection.ts";
import { ProxyError } from "../net/error.ts";
import type { TlsPeer } from "../net/tls.ts";
import type { Body } from "./body.ts";
import { HeaderList } from "./header-list.ts";
import { canonicalPath } from "./path.ts";
import type { Meter } from "./sample.ts";

/** What happened to a request, written along the way and read by access log and metrics. */
export interface ExchangeRecord {
  /** Milliseconds of a monotonic clock. */
  startedAt: number;
  routerName: string;
  serviceName: string;
  /** URL of the last server tried. */
  serverUrl: string;
  /** Status the backend answered; 0: none did. */
  originStatus: number;
  /** Milliseconds from handing the request to the service until the head of its answer. */
  originMs: number;
  /** Tries beyond the first. */
  retries: number;
  userName: string;
  /** Counters of the router and of the service that took it; undefined: not counted. */
  routerMeter: Meter | undefined;
  serviceMeter: Meter | undefined;
  /** False where the router asks for no access log. */
  logged: boolean;
  /** Code of the error that ended it, or empty. */
  errorCode: string;
  /** Copies for the access log: the request's headers before middlewares, the backend's before middlewares. */
  requestHeaders?: HeaderList | undefined;
  originHeaders?: HeaderList | undefined;
}

/** TLS facts of the connection a request came on. */
export interface TlsInfo {
  readonly serverName: string | undefined;
  readonly version: string;
  readonly cipher: string;
  readonly clientSubject: string | undefined;
  /** Key of the option set that the handshake was done with. */
  readonly optionsKey?: string | undefined;
  /** The client's certificate, where one was asked for. */
  readonly peer?: TlsPeer | undefined;
}

/** Everything that is known of a request when its head has been read. */
export interface RequestParts {
  readonly method: string;
  readonly scheme: "http" | "https";
  /** `host[:port]` as sent; the target's authority when the target is absolute. */
  readonly authority: string;
  /** The request target as sent. */
  readonly rawTarget: string;
  /** Canonical path, begins with `/`; or `*` for OPTIONS. */
  readonly path: string;
  /** Raw query with its `?`, or empty. */
  readonly search: string;
  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2.0`. */
  readonly protocol: string;
  readonly headers: HeaderList;
  readonly body: Body | undefined;
  readonly remote: Address;
  readonly local: Address;
  readonly entryPoint: string;
  readonly tls: TlsInfo | undefined;
  readonly startedAt: number;
}

/** Told when an exchange is given up: a function, or an object that exists anyway (no closure per request). */
export type AbortListener = ((reason: ProxyError) => void) | { abort(reason: ProxyError): void };

/** Sends an interim (1xx) answer to the client. */
export type Inform = (status: number, headers: HeaderList) => void;

/** One request on its way from entry point to service. Middlewares change it in place; nobody else does. */
export class ProxyRequest {
  method: string;
  scheme: "http" | "https";
  readonly authority: string;
  /** Host name in lower case, without port and trailing dot; IPv6 without brackets. */
  readonly host: string;
  readonly rawTarget: string;
  #path: string;
  search: string;
  readonly protocol: string;
  readonly headers: HeaderList;
  body: Body | undefined;
  readonly remote: Address;
  readonly local: Address;
  readonly entryPoint: string;
  readonly tls: TlsInfo | undefined;
  readonly record: ExchangeRecord;
  /** The peer's address is added to X-Forwarded-For when the request is sent on. */
  appendsForwardedFor: boolean;
  /** The token of a wanted protocol change (`websocket`), in lower case. */
  upgrade: string | undefined;
  /** Tells the client of a 1xx; undefined where the client can't take one. */
  inform: Inform | undefined;
  /** Why the exchange was given up: the client is gone, or a deadline passed. */
  aborted: ProxyError | undefined;
  #abortListener: AbortListener | undefined;
  #moreAbortListeners: AbortListener[] | undefined;
  #controller: AbortController | undefined;

  constructor(parts: RequestParts) {
    this.method = parts.method;
    this.scheme = parts.scheme;
    this.authority = parts.authority;
    this.host = hostOf(parts.authority);
    this.rawTarget = parts.rawTarget;
    this.#path = parts.path;
    this.search = parts.search;
    this.protocol = parts.protocol;
    this.headers = parts.headers;
    this.body = parts.body;
    this.remote = parts.remote;
    this.local = parts.local;
    this.entryPoint = parts.entryPoint;
    this.tls = parts.tls;
    this.record = newRecord(parts.startedAt);
    this.appendsForwardedFor = true;
    this.upgrade = undefined;
    this.inform = undefined;
    this.aborted = undefined;
    this.#abortListener = undefined;
    this.#moreAbortListeners = undefined;
    this.#controller = undefined;
  }

  /** Canonical path, reserved characters still encoded. */
  get path(): string {
    return this.#path;
  }

  /** Absolute URL of the canonical request. */
  get url(): string {
    return `${this.scheme}://${this.authority}${this.#path}${this.search}`;
  }

  /** Aborted when the client goes away; made when first asked for. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      this.onAbort((reason) => controller.abort(reason));
    }
    return this.#controller.signal;
  }

  /**
   * Gives the request another path. The result is made canonical again, and must have been canonical
   * already: a rewrite may not smuggle in dot segments or encodings that no rule has seen (D3).
   * @throws {ProxyError} `unsafe-path`, 400
   */
  rewritePath(path: string): void {
    const rooted = path.startsWith("/") ? path : `/${path}`;
    if (canonicalPath(rooted) !== rooted) {
      throw new ProxyError(`rewriting ${this.#path} gave the unsafe path ${rooted}`, {
        code: "unsafe-path",
        source: "downstream",
        status: 400,
      });
    }
    this.#path = rooted;
  }

  /** Calls back once if the exchange is given up; at once if it was already. */
  onAbort(listener: AbortListener): void {
    if (this.aborted !== undefined) tell(listener, this.aborted);
    else if (this.#abortListener === undefined) this.#abortListener = listener;
    else (this.#moreAbortListeners ??= []).push(listener);
  }

  /** Gives the exchange up. Called by the connection the request came on. */
  abort(reason: ProxyError): void {
    if (this.aborted !== undefined) return;
    this.aborted = reason;
    if (this.#abortListener !== undefined) tell(this.#abortListener, reason);
    for (const listener of this.#moreAbortListeners ?? []) tell(listener, reason);
  }

  /**
   * A copy to send somewhere else (a mirror, a fallback): own headers, the given body, its own record.
   * Abort and interim answers of the original do not reach it.
   */
  copy(body: Body | undefined): ProxyRequest {
    const { method, scheme, authority, rawTarget, search, protocol, remote, local, entryPoint, tls } = this;
    const startedAt = this.record.startedAt;
    const headers = this.headers.clone();
    const path = this.#path;
    const copy = new ProxyRequest({
      ...{ method, scheme, authority, rawTarget, path, search, protocol, headers, body },
      ...{ remote, local, entryPoint, tls, startedAt },
    });
    copy.appendsForwardedFor = this.appendsForwardedFor;
    return copy;
  }

  /** A real `Request`; its body, if any, is read through it from then on. */
  toRequest(): Request {
    const hasBody = this.body !== undefined && this.method !== "GET" && this.method !== "HEAD";
    const init: RequestInit & { duplex?: "half" } = {
      method: this.method,
      headers: this.headers.toHeaders(),
      signal: this.signal,
    };
    if (hasBody && this.body !== undefined) {
      init.body = this.body.stream;
      init.duplex = "half";
    }
    return new Request(this.url, init);
  }
}

function tell(listener: AbortListener, reason: ProxyError): void {
  if (typeof listener === "function") listener(reason);
  else listener.abort(reason);
}

/** @param authority `host[:port]`, validated */
export function hostOf(authority: string): string {
  let host = authority;
  if (host.startsWith("[")) host = host.slice(1, host.indexOf("]"));
  else {
    const colon = host.lastIndexOf(":");
    if (colon !== -1) host = host.slice(0, colon);
  }
  if (host.endsWith(".")) host = host.slice(0, -1);
  return host.toLowerCase();
}

function newRecord(startedAt: number): ExchangeRecord {
  return {
    startedAt,
    routerName: "",
    serviceName: "",
    serverUrl: "",
    originStatus: 0,
    originMs: 0,
    retries: 0,
    userName: "",
    routerMeter: undefined,
    serviceMeter: undefined,
    logged: true,
    errorCode: "",
    requestHeaders: undefined,
    originHeaders: undefined,
  };
}
