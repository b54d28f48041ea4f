// What the wire's tests share: a client, an HTTP/1.1 server and a transport joined in memory, and a clock moved by hand.

import type { ExchangeEnd, Http1Options, Http1Timeouts } from "../../../src/entrypoint/http1-server.ts";
import { Http1Server } from "../../../src/entrypoint/http1-server.ts";
import type { Handler } from "../../../src/http/handler.ts";
import type { ProxyRequest } from "../../../src/http/request.ts";
import { requestLimits } from "../../../src/http1/limits.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import { ProxyError } from "../../../src/net/error.ts";
import type { Dial, DialHandler, DialOptions } from "../../../src/net/runtime.ts";
import type { Http1TransportOptions } from "../../../src/service/http1-transport.ts";
import { defaultTransportOptions, Http1Transport } from "../../../src/service/http1-transport.ts";
import type { Target } from "../../../src/service/transport.ts";
import type { MemoryOptions } from "../../support/memory-connection.ts";
import { MemoryConnection, Peer, settled } from "../../support/memory-connection.ts";

export { settled };

export const target: Target = {
  url: "http://backend:80",
  host: "backend",
  port: 80,
  authority: "backend",
  pathPrefix: "",
  passHostHeader: true,
};

const timeouts: Http1Timeouts = {
  headMs: 10_000,
  bodyIdleMs: 60_000,
  writeIdleMs: 60_000,
  keepAliveMs: 180_000,
  readMs: 0,
  writeMs: 0,
  keepAliveMaxMs: 0,
  tunnelIdleMs: 3_600_000,
};

export interface Finished extends ExchangeEnd {
  readonly request: ProxyRequest;
}

export interface BenchOptions {
  readonly server?: Partial<Http1Options>;
  readonly timeouts?: Partial<Http1Timeouts>;
  readonly transport?: Partial<Http1TransportOptions>;
  /** Default: the transport. */
  readonly handler?: Handler;
}

/** A dial that waits for the script's answer. */
export interface PendingDial {
  readonly options: DialOptions;
  open(): void;
  fail(error: ProxyError): void;
  cancelled: boolean;
}

/** See the file's sentence. */
export class WireBench {
  time = 1_000_000;
  readonly deadlines = new Deadlines(() => this.time);
  readonly server: Http1Server;
  readonly transport: Http1Transport;
  readonly finished: Finished[] = [];
  readonly failed: ProxyError[] = [];
  readonly refused: ProxyError[] = [];
  readonly requests: ProxyRequest[] = [];
  /** The backend's ends of dialled connections, in order. */
  readonly backends: Peer[] = [];
  /** weir's ends of the same. */
  readonly upstreams: MemoryConnection[] = [];
  readonly dials: PendingDial[] = [];
  /** False: dials wait in `dials` for the script. */
  opens = true;
  upstreamOptions: MemoryOptions = {};

  constructor(options: BenchOptions = {}) {
    this.transport = new Http1Transport(
      { dial: (wanted, handler) => this.#dial(wanted, handler) },
      this.deadlines,
      { ...defaultTransportOptions, ...options.transport },
    );
    const handler = options.handler ?? ((request) => this.transport.send(request, target));
    this.server = new Http1Server(
      {
        entryPoint: "web",
        policy: { scheme: "http", limits: requestLimits, sanitizePath: true, encodedFilter: undefined },
        forwarded: { underscore: "keep", serverName: "weir", addSchemeHeaders: false },
        appendsForwardedFor: true,
        encodeQuerySemicolons: false,
        timeouts: { ...timeouts, ...options.timeouts },
        keepAliveMaxRequests: 0,
        upgrades: new Set(["websocket"]),
        trusts: () => false,
        finished: (request, end) => this.finished.push({ ...end, request }),
        failed: (error) => this.failed.push(error),
        refused: (error) => this.refused.push(error),
        ...options.server,
      },
      this.deadlines,
      (request) => {
        this.requests.push(request);
        return handler(request);
      },
    );
  }

  /** A client that has just connected. */
  connect(options: MemoryOptions = {}): Peer {
    const accepted = new MemoryConnection({ remote: { ip: "192.0.2.7", port: 50_000 }, ...options });
    const client = new Peer(accepted.pair());
    this.accepted.push(accepted);
    this.server.serve(accepted);
    return client;
  }

  /** weir's ends of client connections. */
  readonly accepted: MemoryConnection[] = [];

  /** The backend's end of the only, or the given, connection. */
  backend(index = this.backends.length - 1): Peer {
    const peer = this.backends[index];
    if (peer === undefined) throw new Error(`no connection ${index} to a backend; there are ${this.backends.length}`);
    return peer;
  }

  upstream(index = this.upstreams.length - 1): MemoryConnection {
    const connection = this.upstreams[index];
    if (connection === undefined) throw new Error(`no connection ${index} to a backend`);
    return connection;
  }

  /** weir's end of the last client. */
  get downstream(): MemoryConnection {
    const connection = this.accepted.at(-1);
    if (connection === undefined) throw new Error("no client has connected");
    return connection;
  }

  /** Lets time pass. */
  async advance(ms: number): Promise<void> {
    this.time += ms;
    this.deadlines.sweep();
    await settled();
  }

  /** Ends everything. @returns what is still being waited for: 0, unless something leaks */
  async close(): Promise<number> {
    this.server.destroy();
    this.transport.dispose();
    await settled();
    for (const backend of this.backends) backend.connection.destroy();
    await settled();
    return this.deadlines.size;
  }

  #dial(options: DialOptions, handler: DialHandler): Dial {
    const pending: PendingDial = {
      options,
      cancelled: false,
      open: () => {
        if (pending.cancelled) return;
        const upstream = new MemoryConnection({ local: { ip: "192.0.2.9", port: 1 }, ...this.upstreamOptions });
        this.upstreams.push(upstream);
        this.backends.push(new Peer(upstream.pair()));
        handler.open(upstream);
      },
      fail: (error) => {
        if (!pending.cancelled) handler.fail(error);
      },
    };
    this.dials.push(pending);
    if (this.opens) queueMicrotask(() => pending.open());
    return { cancel: () => void (pending.cancelled = true) };
  }
}

/** A `Date` header, which differs from run to run, cut out. */
export function undated(text: string): string {
  return text.replaceAll(/Date: [^\r]*\r\n/g, "");
}

export const refusedDial = new ProxyError("connection refused", {
  code: "connect-refused",
  source: "upstream",
  status: 502,
  retry: "unsent",
});

/** Runs a script on a bench of its own, and sees to it that nothing is left afterwards. */
export async function onBench(options: BenchOptions, script: (bench: WireBench) => Promise<void>): Promise<void> {
  const bench = new WireBench(options);
  let left = -1;
  try {
    await script(bench);
  } finally {
    left = await bench.close();
  }
  if (left !== 0) throw new Error(`${left} connections are still being waited for`);
  if (bench.server.connections !== 0) throw new Error("the server still counts connections");
}

export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A GET request. */
export function get(path = "/", ...lines: readonly string[]): string {
  return message(`GET ${path} HTTP/1.1`, "Host: a.test", ...lines);
}

/** A head with its empty line. */
export function message(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}
