// Servers over TLS that may speak HTTP/2: the first handshake with each tells, and it is remembered.
//
// unknown ──dial, offering both──▶ h2         all requests share connections
//    ▲                         └─▶ http/1.1   a pool; asked again after RELEARN_MS
//    └──── a server known for h2 that no longer agrees on it goes to http/1.1 at once

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import type { Dial, DialHandler, DialOptions } from "../net/runtime.ts";
import type { TlsFacts } from "../net/tls.ts";
import type { PerAddress } from "./address-map.ts";
import { AddressMap } from "./address-map.ts";
import type { Dialler } from "./http1-transport.ts";
import { Http1Transport, toDialOptions } from "./http1-transport.ts";
import { NOT_HTTP2 } from "./http2-pool.ts";
import type { Http2TransportOptions } from "./http2-transport.ts";
import { Http2Transport } from "./http2-transport.ts";
import type { ServerTls } from "./server-tls.ts";
import type { Target, Transport } from "./transport.ts";

/** A server that spoke HTTP/1.1 may have been replaced by one that speaks HTTP/2. */
const RELEARN_MS = 600_000;

/** What is offered to servers, the preferred one first. */
export const BOTH_PROTOCOLS: readonly string[] = ["h2", "http/1.1"];
/** What is offered where it must not be HTTP/2. */
export const ONLY_HTTP1: readonly string[] = ["http/1.1"];

/** See the file's sentence. */
export class NegotiatedTransport implements Transport {
  readonly runtime: Dialler;
  readonly deadlines: Deadlines;
  readonly http1: Http1Transport;
  readonly http2: Http2Transport;
  readonly #origins: AddressMap<Origin>;

  constructor(runtime: Dialler, deadlines: Deadlines, options: Http2TransportOptions, tls: ServerTls) {
    this.runtime = runtime;
    this.deadlines = deadlines;
    this.http1 = new Http1Transport(runtime, deadlines, options, (host) => tls.of(host, ONLY_HTTP1));
    const both = (host: string) => tls.of(host, BOTH_PROTOCOLS);
    this.http2 = new Http2Transport(runtime, deadlines, options, { tls: both });
    this.#origins = new AddressMap(deadlines, (target) => {
      return new Origin(this, target, toDialOptions(target, options.dialTimeoutMs, both));
    });
  }

  send(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    // another protocol takes a connection over, which several requests may share in HTTP/2
    if (request.upgrade !== undefined) return this.http1.send(request, target);
    return this.#origins.get(target).send(request, target);
  }

  /** Closes connections when they have nothing more to do. */
  dispose(): void {
    this.#origins.retire();
    this.http1.dispose();
    this.http2.dispose();
  }
}

/** One server, and the dial that finds out what it speaks. */
class Origin implements DialHandler, PerAddress {
  usedAt = 0;
  readonly #transport: NegotiatedTransport;
  readonly #target: Target;
  readonly #dialOptions: DialOptions;
  readonly #waiting = new Set<Waiter>();
  #dial: Dial | undefined = undefined;
  #protocol: "h2" | "http/1.1" | undefined = undefined;
  #learntAt = 0;

  constructor(transport: NegotiatedTransport, target: Target, dialOptions: DialOptions) {
    this.#transport = transport;
    this.#target = target;
    this.#dialOptions = dialOptions;
  }

  /** Requests that wait to learn what the server speaks. */
  get size(): number {
    return this.#waiting.size;
  }

  retire(): void {
    // what waits is served as usual: its connections close behind it
  }

  send(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    if (this.#protocol === "h2") return this.#sendHttp2(request, target);
    if (this.#protocol === "http/1.1" && !this.#asksAgain()) return this.#transport.http1.send(request, target);
    return new Promise((resolve, reject) => {
      const waiter = new Waiter({ request, target }, { resolve, reject }, (gone) => this.#forget(gone));
      this.#waiting.add(waiter);
      request.onAbort(waiter);
      if (this.#dial !== undefined || request.aborted !== undefined) return;
      this.#dial = this.#transport.runtime.dial(this.#dialOptions, this);
    });
  }

  open(connection: Connection, facts?: TlsFacts): void {
    this.#learn(facts?.alpn === "h2" ? "h2" : "http/1.1");
    const waiting = this.#takeWaiting();
    const { http1, http2 } = this.#transport;
    if (this.#protocol === "h2") http2.adopt(connection, this.#target);
    else {
      const first = waiting.shift();
      if (first === undefined) return connection.destroy();
      first.settleBy(http1.sendOn(connection, first.request, first.target));
    }
    for (const waiter of waiting) waiter.settleBy(this.send(waiter.request, waiter.target));
  }

  fail(error: ProxyError): void {
    for (const waiter of this.#takeWaiting()) waiter.fail(error);
  }

  /** One request does, while others go on as before. */
  #asksAgain(): boolean {
    return this.#dial === undefined && this.#transport.deadlines.now - this.#learntAt > RELEARN_MS;
  }

  #sendHttp2(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    const { http1, http2 } = this.#transport;
    return http2.send(request, target).catch((thrown: unknown) => {
      const error = toProxyError(thrown);
      if (error.code !== NOT_HTTP2) throw error;
      this.#learn("http/1.1");
      if (request.body?.used === true || request.aborted !== undefined) throw error;
      return http1.send(request, target);
    });
  }

  #learn(protocol: "h2" | "http/1.1"): void {
    this.#protocol = protocol;
    this.#learntAt = this.#transport.deadlines.now;
  }

  #takeWaiting(): Waiter[] {
    this.#dial = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }

  /** A client is gone. */
  #forget(waiter: Waiter): void {
    if (!this.#waiting.delete(waiter) || this.#waiting.size > 0) return;
    this.#dial?.cancel();
    this.#dial = undefined;
  }
}

interface Settling {
  resolve(answer: ProxyResponse | Promise<ProxyResponse>): void;
  reject(error: ProxyError): void;
}

/** A request that waits to learn what its server speaks. */
class Waiter {
  readonly request: ProxyRequest;
  readonly target: Target;
  readonly #settling: Settling;
  readonly #leave: (waiter: Waiter) => void;

  constructor(
    { request, target }: { readonly request: ProxyRequest; readonly target: Target },
    settling: Settling,
    leave: (waiter: Waiter) => void,
  ) {
    this.request = request;
    this.target = target;
    this.#settling = settling;
    this.#leave = leave;
  }

  /** It goes on to the server. */
  settleBy(sent: Promise<ProxyResponse>): void {
    this.#settling.resolve(sent);
  }

  fail(error: ProxyError): void {
    this.#settling.reject(error);
  }

  /** The client is gone. Once the request is on its way, this settles nothing more. */
  abort(reason: ProxyError): void {
    this.#leave(this);
    this.#settling.reject(reason);
  }
}
