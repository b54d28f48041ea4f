// What the tests of builds share: a runtime whose backends answer in memory, middlewares to order, and requests.

import type {
  DynamicConfiguration,
  HttpConfiguration,
  HttpMiddleware,
  HttpRouter,
  Weighted,
} from "../../../src/config/dynamic.ts";
import { emptyConfiguration } from "../../../src/config/dynamic.ts";
import type { TcpConfiguration } from "../../../src/config/dynamic-tcp.ts";
import { emptyTcp } from "../../../src/config/dynamic-tcp.ts";
import type { TlsConfiguration } from "../../../src/config/dynamic-tls.ts";
import { emptyTls } from "../../../src/config/dynamic-tls.ts";
import type { UdpConfiguration } from "../../../src/config/dynamic-udp.ts";
import { emptyUdp } from "../../../src/config/dynamic-udp.ts";
import { mergeConfigurations, MergeMemory } from "../../../src/config/merge.ts";
import { buildRoutingTable } from "../../../src/build/build.ts";
import type { RoutingTable } from "../../../src/build/build.ts";
import type { BuildContext, EntryPointFacts } from "../../../src/build/context.ts";
import { readWhole } from "../../../src/http/body.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { TlsInfo } from "../../../src/http/request.ts";
import { ProxyRequest } from "../../../src/http/request.ts";
import { textResponse } from "../../../src/http/response.ts";
import type { MiddlewareDefinition } from "../../../src/middleware/middleware.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import { ProxyError } from "../../../src/net/error.ts";
import type { DialHandler, DialOptions, Gap, Runtime } from "../../../src/net/runtime.ts";
import { StateStore } from "../../../src/net/state.ts";
import type { SecureSettings } from "../../../src/net/tls.ts";
import { defaultTransportOptions } from "../../../src/service/http1-transport.ts";
import { MemoryConnection } from "../../support/memory-connection.ts";
import { MemoryLogger } from "../service/fakes.ts";
import { fakeIdentity, fakeSecureServer, helloFor, identityOf } from "../tls/fakes.ts";

/** Backends that answer 200 with their `host:port`, unless told another status. Everything else is not there. */
export class FakeRuntime {
  readonly dialled: string[] = [];
  readonly dials: DialOptions[] = [];
  /** Connections to backends that are open. */
  readonly open = new Set<MemoryConnection>();
  /** `host:port path` of each request that reached a backend. */
  readonly received: string[] = [];
  readonly statuses = new Map<string, number>();

  readonly dial = (options: DialOptions, handler: DialHandler): { cancel(): void } => {
    const { host, port } = options;
    this.dials.push(options);
    const address = `${host}:${port}`;
    this.dialled.push(address);
    const ours = new MemoryConnection();
    const theirs = ours.pair();
    this.open.add(theirs);
    theirs.handle({
      data: (chunk) => this.#answer(address, new TextDecoder().decode(chunk), theirs),
      drain: () => undefined,
      end: () => theirs.end(),
      close: () => void this.open.delete(theirs),
    });
    queueMicrotask(() => handler.open(ours));
    return { cancel: () => undefined };
  };

  readonly name = "node";
  gaps: readonly Gap[] = [];
  /** Settings of all TLS servers made. */
  readonly secured: SecureSettings[] = [];
  readonly secureServer = fakeSecureServer(this.secured);
  readonly loadIdentity = fakeIdentity;

  get runtime(): Runtime {
    return this as unknown as Runtime;
  }

  #answer(address: string, request: string, connection: MemoryConnection): void {
    this.received.push(`${address} ${request.split(" ")[1]}`);
    const status = this.statuses.get(address) ?? 200;
    connection.write(`HTTP/1.1 ${status} -\r\nContent-Length: ${address.length}\r\n\r\n${address}`);
  }
}

function broken(): never {
  throw new ProxyError("the key can't be read", { code: "bad-key", source: "internal", status: 500 });
}

/** `text` answers its option; `tag` adds to X-Tag; `broken` and `broken-late` can't be built. */
const definitions: Readonly<Record<string, (options: string) => (next: Handler) => Handler>> = {
  text: (text) => () => () => textResponse(200, text),
  tag: (text) => (next) => (request) => {
    request.headers.append("X-Tag", text);
    return next(request);
  },
  broken: () => broken(),
  "broken-late": () => () => broken(),
};

export const middlewareKinds: ReadonlyMap<string, MiddlewareDefinition> = new Map(
  Object.entries(definitions).map(([kind, create]) => {
    const definition = { kind, summary: kind, create: (options: unknown) => create(String(options)) };
    return [kind, definition as unknown as MiddlewareDefinition];
  }),
);

/** Parts of a configuration: those of HTTP as they are, the others by protocol. The rest is empty. */
export interface Parts extends Partial<HttpConfiguration> {
  readonly tcp?: Partial<TcpConfiguration>;
  readonly udp?: Partial<UdpConfiguration>;
  readonly tls?: Partial<TlsConfiguration>;
}

export function configuration({ tcp, udp, tls, ...http }: Parts): DynamicConfiguration {
  return {
    http: { ...emptyConfiguration.http, ...http },
    ...(tcp !== undefined && { tcp: { ...emptyTcp, ...tcp } }),
    ...(udp !== undefined && { udp: { ...emptyUdp, ...udp } }),
    ...(tls !== undefined && { tls: { ...emptyTls, ...tls } }),
  };
}

/** A router for a host, or with other options. */
export function router(host: string, service: string, more: Partial<HttpRouter> = {}): HttpRouter {
  return { rule: `Host(\`${host}\`)`, service, ...more };
}

export function middleware(kind: string, options: unknown = ""): HttpMiddleware {
  return { kind, options };
}

/** A weighted service of equal shares. */
export function weighted(...names: readonly string[]): Weighted {
  return { kind: "weighted", services: names.map((name) => ({ name, weight: 1 })) };
}

export const web: EntryPointFacts = { name: "web", isDefault: true, middlewares: [] };
export const admin: EntryPointFacts = { name: "admin", isDefault: false, middlewares: [] };

/** Stands for the generated certificate. */
export const selfSigned = identityOf(["self.signed"]);

/** Everything around builds. */
export class Workshop {
  readonly fake = new FakeRuntime();
  readonly logger = new MemoryLogger();
  readonly state = new StateStore();
  readonly deadlines = new Deadlines();
  readonly memory = new MergeMemory();
  readonly context: BuildContext;
  table: RoutingTable;

  constructor(over: Partial<BuildContext> = {}) {
    this.context = {
      runtime: this.fake.runtime,
      logger: this.logger,
      state: this.state,
      deadlines: this.deadlines,
      entryPoints: () => [web, admin],
      defaultSyntax: "v3",
      middlewares: middlewareKinds,
      internalServices: new Map([["api@internal", () => textResponse(200, "api")]]),
      transport: defaultTransportOptions,
      meters: undefined,
      defaultIdentity: () => selfSigned,
      ...over,
    };
    this.table = buildRoutingTable(mergeConfigurations(new Map()), this.context);
  }

  /** Builds as a reload does. */
  build(parts: Parts, others: Readonly<Record<string, Parts>> = {}): RoutingTable {
    const states = new Map(
      Object.entries({ file: parts, ...others }).map(([name, each]) => [
        name,
        { configuration: configuration(each), problems: [] },
      ]),
    );
    this.state.begin();
    this.table = buildRoutingTable(mergeConfigurations(states, [], this.memory), this.context);
    this.state.commit();
    return this.table;
  }

  /** What a request gets: `200 text`. */
  async ask(url: string, entryPoint = "web"): Promise<string> {
    const { status, body } = await this.exchange(url, entryPoint);
    return `${status} ${body}`.trim();
  }

  async exchange(url: string, entryPoint = "web"): Promise<{ status: number; body: string; request: ProxyRequest }> {
    const request = get(url, entryPoint);
    const handler = this.table.entryPoints.get(entryPoint);
    if (handler === undefined) throw new Error(`no entry point ${entryPoint}`);
    const response = await handler(request);
    const bytes = response.body === undefined ? undefined : await readWhole(response.body, 1_000);
    return { status: response.status, body: new TextDecoder().decode(bytes).trim(), request };
  }

  /**
   * What a client gets that does a handshake for one name, and asks for a host: `200 text`, or why it is refused.
   * @param after what happens between handshake and request
   */
  async askSecure(serverName: string, url: string, after: () => void = () => undefined): Promise<string> {
    const choice = this.table.secure.get("web")?.choose(helloFor(serverName), "127.0.0.1");
    if (choice === undefined) return "no HTTPS";
    if ("alert" in choice) return `alert ${choice.alert}`;
    if (choice.identity === undefined) return "no certificate";
    after();
    const request = get(url, "web", {
      serverName,
      version: "1.3",
      cipher: "",
      clientSubject: undefined,
      optionsKey: choice.optionsKey,
    });
    const response = await this.table.secure.get("web")?.handler(request);
    if (response === undefined) return "no HTTPS";
    const bytes = response.body === undefined ? undefined : await readWhole(response.body, 1_000);
    return `${response.status} ${new TextDecoder().decode(bytes).trim()}`;
  }

  /** Frees what a build has opened. */
  close(): void {
    this.state.begin();
    this.state.commit();
  }

  /** `severity code` of each problem. */
  get codes(): string[] {
    return this.table.problems.map(({ severity, code }) => `${severity} ${code}`);
  }
}

function get(url: string, entryPoint: string, tls?: TlsInfo): ProxyRequest {
  const { host, pathname, search } = new URL(`http://${url}`);
  return new ProxyRequest({
    method: "GET",
    scheme: "http",
    authority: host,
    rawTarget: pathname,
    path: pathname,
    search,
    protocol: "HTTP/1.1",
    headers: HeaderList.of(["Host", host]),
    body: undefined,
    remote: { ip: "192.0.2.1", port: 1234 },
    local: { ip: "127.0.0.1", port: 80 },
    entryPoint,
    tls,
    startedAt: 0,
  });
}
