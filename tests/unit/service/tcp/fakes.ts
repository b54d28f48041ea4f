// What the tests of TCP services share: servers that are dialled in memory, clients, and everything around them.

import { test } from "node:test";
import type { TcpService as TcpServiceConfig } from "../../../../src/config/dynamic-tcp.ts";
import { Deadlines } from "../../../../src/net/deadlines.ts";
import { ProxyError } from "../../../../src/net/error.ts";
import type { DialHandler, DialOptions, Runtime } from "../../../../src/net/runtime.ts";
import { StateStore } from "../../../../src/net/state.ts";
import { TcpSession } from "../../../../src/net/tcp-session.ts";
import type { TcpSessionFacts } from "../../../../src/net/tcp-session.ts";
import { createTcpService } from "../../../../src/service/tcp/create-tcp-service.ts";
import type { BuiltTcpService, TcpService } from "../../../../src/service/tcp/tcp-service.ts";
import { createIdleMeter, defaultTcpTransport } from "../../../../src/service/tcp/tcp-transport.ts";
import type { TcpTransport } from "../../../../src/service/tcp/tcp-transport.ts";
import { MemoryConnection, Peer, settled } from "../../../support/memory-connection.ts";
import { MemoryLogger } from "../fakes.ts";

/** A connection that a server was dialled for. */
export interface Dialled {
  readonly address: string;
  readonly options: DialOptions;
  readonly server: Peer;
}

const scenes = new Set<{ end(): Promise<void> }>();

/** A test whose scenes end with it, so that nothing waits for time to pass any more. */
export function sceneTest(title: string, run: () => void | Promise<void>): void {
  test(title, async () => {
    try {
      await run();
    } finally {
      for (const scene of scenes) await scene.end();
      scenes.clear();
    }
  });
}

/** Has a scene end with its test. */
export function endLater(scene: { end(): Promise<void> }): void {
  scenes.add(scene);
}

/** Services over servers in memory; time stands still until it is moved. */
export class TcpScene {
  now = 0;
  readonly deadlines = new Deadlines(() => this.now);
  readonly state = new StateStore();
  readonly logger = new MemoryLogger();
  readonly meter = createIdleMeter();
  /** Servers that refuse, and servers that never answer, by address. */
  readonly dead = new Set<string>();
  readonly deaf = new Set<string>();
  readonly tried: DialOptions[] = [];
  readonly dialled: Dialled[] = [];
  cancelled = 0;
  /** What waits to be run, and when. */
  readonly waiting: { readonly at: number; readonly run: () => void }[] = [];
  readonly status: string[] = [];
  readonly #clients: Peer[] = [];

  constructor() {
    endLater(this);
  }

  /** Cuts what is open. */
  async end(): Promise<void> {
    for (const { connection } of [...this.#clients, ...this.dialled.map(({ server }) => server)]) connection.reset();
    await settled();
  }

  /** Builds a service, and others it may refer to by name. */
  build(
    config: TcpServiceConfig,
    transport: Partial<TcpTransport> = {},
    others: Readonly<Record<string, TcpServiceConfig>> = {},
  ): BuiltTcpService {
    const create = (key: string, one: TcpServiceConfig): BuiltTcpService =>
      createTcpService(key, one, {
        name: `${key}@test`,
        logger: this.logger,
        state: this.state,
        runtime: { dial: this.#dial } as unknown as Runtime,
        deadlines: this.deadlines,
        transport: { ...defaultTcpTransport, ...transport },
        meter: this.meter,
        now: () => this.now,
        random: () => 0.5,
        after: (ms, run) => {
          const entry = { at: this.now + ms, run };
          this.waiting.push(entry);
          return () => void this.waiting.splice(this.waiting.indexOf(entry) >>> 0, 1);
        },
        onServerStatus: (address, up) => this.status.push(`${address} ${up ? "UP" : "DOWN"}`),
        child: (name): TcpService => {
          const child = others[name];
          if (child !== undefined) return create(name, child).service;
          throw new ProxyError(`no ${name}`, { code: "missing-service", source: "internal", status: 503 });
        },
      });
    return create("app", config);
  }

  /** A client that connects; what it gets is its `text`. */
  connect(service: TcpService, facts: Partial<TcpSessionFacts> & { readonly ip?: string } = {}): Peer {
    const ours = new MemoryConnection({ remote: { ip: facts.ip ?? "192.0.2.1", port: 40_000 } });
    const client = new Peer(ours.pair());
    this.#clients.push(client);
    service.handler(new TcpSession(ours, { entryPoint: "raw", idleMs: 0, ...facts }));
    return client;
  }

  /** Runs what is due after that time. */
  async pass(ms: number): Promise<void> {
    this.now += ms;
    for (const entry of this.waiting.filter(({ at }) => at <= this.now)) {
      this.waiting.splice(this.waiting.indexOf(entry), 1);
      entry.run();
    }
    this.deadlines.sweep();
    await settled();
  }

  readonly #dial = (options: DialOptions, handler: DialHandler): { cancel(): void } => {
    const address = `${options.host}:${options.port}`;
    let isOpen = true;
    this.tried.push(options);
    if (!this.deaf.has(address)) {
      queueMicrotask(() => {
        if (!isOpen) return;
        if (this.dead.has(address)) return handler.fail(refusal(address));
        const ours = new MemoryConnection();
        this.dialled.push({ address, options, server: new Peer(ours.pair()) });
        handler.open(ours);
      });
    }
    return {
      cancel: () => {
        isOpen = false;
        this.cancelled++;
      },
    };
  };
}

function refusal(address: string): ProxyError {
  const retry = "unsent";
  return new ProxyError(`${address} refuses`, { code: "connect-refused", source: "upstream", status: 502, retry });
}

/** A load balancer over addresses. */
export function balance(
  addresses: readonly string[],
  more: Partial<TcpServiceConfig & { kind: "loadBalancer" }> = {},
): TcpServiceConfig {
  return { kind: "loadBalancer", servers: addresses.map((address) => ({ address, tls: false })), ...more };
}
