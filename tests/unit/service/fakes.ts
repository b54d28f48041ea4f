// What the tests of services share: a scripted transport, a clock that is moved by hand, requests and bodies.

import type { HealthCheck, HttpService, LoadBalancer, Server, StickyCookie } from "../../../src/config/dynamic.ts";
import type { Body, BodyOwner } from "../../../src/http/body.ts";
import { PushBody } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { TlsInfo } from "../../../src/http/request.ts";
import { ProxyRequest } from "../../../src/http/request.ts";
import { ProxyResponse } from "../../../src/http/response.ts";
import type { Retry } from "../../../src/net/error.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { StateStore } from "../../../src/net/state.ts";
import type { MirrorDrop, ServiceContext } from "../../../src/service/context.ts";
import { createService } from "../../../src/service/create-service.ts";
import type { Service } from "../../../src/service/service.ts";
import type { Target, Transport } from "../../../src/service/transport.ts";
import type { LogFields, Logger } from "../../../src/telemetry/logger.ts";

/** One call of `send`. */
export interface Sent {
  readonly url: string;
  readonly request: ProxyRequest;
  readonly target: Target;
}

export type Script = (sent: Sent, index: number) => ProxyResponse | Promise<ProxyResponse>;

/** A transport that answers as its script says; a thrown error becomes a rejection. */
export class FakeTransport implements Transport {
  readonly sent: Sent[] = [];
  script: Script;

  constructor(script: Script = () => answer(200)) {
    this.script = script;
  }

  get urls(): string[] {
    return this.sent.map(({ url }) => url);
  }

  async send(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    const sent = { url: target.url, request, target };
    this.sent.push(sent);
    return await this.script(sent, this.sent.length - 1);
  }
}

export function answer(
  status: number,
  headers: readonly (readonly [string, string])[] = [],
  body?: Body,
): ProxyResponse {
  return new ProxyResponse(status, HeaderList.of(...headers), body);
}

export function failure(retry: Retry, status = 502): ProxyError {
  return new ProxyError(`failed: ${retry}`, { code: `fake-${retry}`, source: "upstream", status, retry });
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Body;
  readonly ip?: string;
  readonly tls?: TlsInfo;
}

export function request(options: RequestOptions = {}): ProxyRequest {
  return new ProxyRequest({
    method: options.method ?? "GET",
    scheme: "http",
    authority: "app.test",
    rawTarget: "/x?y=1",
    path: "/x",
    search: "?y=1",
    protocol: "HTTP/1.1",
    headers: HeaderList.of(["Host", "app.test"], ...(options.headers ?? [])),
    body: options.body,
    remote: { ip: options.ip ?? "192.0.2.1", port: 1234 },
    local: { ip: "127.0.0.1", port: 80 },
    entryPoint: "web",
    tls: options.tls,
    startedAt: 0,
  });
}

/** A body whose bytes the test pushes; remembers what its reader asked of the owner. */
export class FedBody implements BodyOwner {
  readonly body: PushBody;
  readonly calls: string[] = [];

  constructor(length?: number) {
    this.body = new PushBody(length, this);
  }

  pauseBody(): void {
    this.calls.push("pause");
  }

  resumeBody(): void {
    this.calls.push("resume");
  }

  cancelBody(): void {
    this.calls.push("cancel");
  }

  push(text: string): void {
    this.body.push(new TextEncoder().encode(text));
  }
}

/** A reader of a body: collects, and takes `credit` chunks before it says stop. */
export class Reader {
  text = "";
  ending: "end" | "fail" | undefined;
  error: ProxyError | undefined;
  credit: number;
  readonly body: Body;

  constructor(body: Body | undefined, credit = Infinity) {
    if (body === undefined) throw new Error("there is no body to read");
    this.body = body;
    this.credit = credit;
  }

  start(): this {
    const decoder = new TextDecoder("latin1");
    this.body.start({
      chunk: (bytes) => {
        this.text += decoder.decode(bytes);
        this.credit--;
        return this.credit > 0;
      },
      end: () => {
        this.ending = "end";
      },
      fail: (error) => {
        this.ending = "fail";
        this.error = error;
      },
    });
    return this;
  }
}

/** Time that passes only when told to. */
export class FakeClock {
  time = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  get pending(): number {
    return this.#timers.length;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and whatever promises wait for it. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await settled();
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = next.at;
      next.run();
    }
    this.time = end;
    await settled();
  }
}

/** Lets promise callbacks run until none is left, without waiting for time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** A logger that remembers. */
export class MemoryLogger implements Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }[] = [];

  enabled(): boolean {
    return true;
  }

  trace(message: string, fields?: LogFields): void {
    this.lines.push({ level: "trace", message, fields });
  }

  debug(message: string, fields?: LogFields): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields?: LogFields): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields?: LogFields): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields?: LogFields): void {
    this.lines.push({ level: "error", message, fields });
  }

  with(): Logger {
    return this;
  }

  at(level: string): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}

/** Everything around the services of one configuration. */
export class Bench {
  readonly transport: FakeTransport;
  readonly clock = new FakeClock();
  readonly logger = new MemoryLogger();
  readonly state = new StateStore();
  readonly statuses: string[] = [];
  readonly drops: MirrorDrop[] = [];
  random = 0.5;
  services: Readonly<Record<string, HttpService>> = {};

  constructor(script?: Script) {
    this.transport = new FakeTransport(script);
  }

  /** A child service made by hand. */
  readonly custom: Record<string, Service> = {};

  /** Builds as a reload does: what no build takes any more is dropped. */
  build(services: Readonly<Record<string, HttpService>>, name: string): ReturnType<typeof createService> {
    this.services = services;
    this.state.begin();
    const built = this.create(name);
    this.state.commit();
    return built;
  }

  create(name: string): ReturnType<typeof createService> {
    const config = this.services[name];
    if (config === undefined) throw missing(name);
    return createService(`file/${name}`, config, this.context(name));
  }

  context(name: string): ServiceContext {
    return {
      name: `${name}@file`,
      transport: this.transport,
      logger: this.logger,
      state: this.state,
      child: (child) => this.custom[child] ?? this.create(child).service,
      now: () => this.clock.time,
      random: () => this.random,
      after: (ms, run) => this.clock.after(ms, run),
      onServerStatus: (url, up) => this.statuses.push(`${url} ${up ? "up" : "down"}`),
      onMirrorDropped: (_mirror, reason) => this.drops.push(reason),
    };
  }
}

function missing(name: string): ProxyError {
  return new ProxyError(`the service "${name}" does not exist`, {
    code: "missing-service",
    source: "internal",
    status: 500,
  });
}

/** A service made by hand, that answers what it is told to. */
export function customService(
  name: string,
  handler: Service["handler"],
  available: () => boolean = () => true,
): Service {
  return { name: `${name}@file`, handler, available, serverStatus: () => ({}) };
}

export function server(url: string, more: Partial<Server> = {}): Server {
  return { url, weight: 1, preservePath: false, ...more };
}

export function loadBalancer(servers: readonly (string | Server)[], more: Partial<LoadBalancer> = {}): LoadBalancer {
  return {
    kind: "loadBalancer",
    servers: servers.map((each) => (typeof each === "string" ? server(each) : each)),
    strategy: "wrr",
    passHostHeader: true,
    ...more,
  };
}

export const cookie: StickyCookie = { secure: false, httpOnly: false, maxAge: 0, path: "/" };

export const healthCheck: HealthCheck = {
  mode: "http",
  path: "/health",
  method: "GET",
  status: 0,
  port: 0,
  intervalMs: 30_000,
  unhealthyIntervalMs: 30_000,
  timeoutMs: 5_000,
  followRedirects: true,
  headers: {},
};

/** Counts equal things. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** The text of an answer's body. */
export function textOf(response: ProxyResponse): string {
  const whole = response.body?.takeWhole();
  return whole === undefined ? "" : new TextDecoder().decode(whole);
}
