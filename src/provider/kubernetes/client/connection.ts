// One connection to one API server, shared by everybody who asks it: credentials, gate, client and discovery.

import type { Logger } from "../../../telemetry/logger.ts";
import { type Clock, defaultClock } from "./clock.ts";
import { createCredentials, type KubeRuntime } from "./credentials.ts";
import { Discovery } from "./discovery.ts";
import { KubeClient } from "./kube-client.ts";
import { NamedReflectors, type NamedReflectorsOptions } from "./named-reflectors.ts";
import { Reflector, type ReflectorOptions } from "./reflector.ts";
import { RetryGate } from "./retry-gate.ts";
import type { ConnectionOptions } from "./target.ts";

/** What a connection works with. */
export interface ConnectionDependencies {
  readonly runtime: KubeRuntime;
  readonly logger: Logger;
  /** Default: the real waiting times. */
  readonly clock?: Partial<Clock>;
}

/** A connection. Nothing is read or asked before the first request. */
export interface KubeConnection {
  readonly client: KubeClient;
  readonly discovery: Discovery;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A list-and-watch loop; its `run` starts it. */
  reflector(options: Pick<ReflectorOptions, "selection" | "sink" | "changed">): Reflector;
  /** Loops for named objects only; `want` starts them. */
  named(options: Omit<NamedReflectorsOptions, "clock" | "reflector">): NamedReflectors;
  /** Requests that are still open end on their own; loops are stopped by their signals before. */
  close(): void;
}

/** Makes a connection. What is wrong with the options shows at the first request, as a `KubeError`. */
export function createKubeConnection(options: ConnectionOptions, dependencies: ConnectionDependencies): KubeConnection {
  const { runtime, logger } = dependencies;
  const clock: Clock = { ...defaultClock, ...dependencies.clock };
  const ended = new AbortController();
  const client = new KubeClient({
    access: createCredentials({ connection: options, runtime, now: clock.now }),
    gate: new RetryGate(clock, logger),
    clock,
  });
  const discovery = new Discovery(client, ended.signal);
  const reflector: KubeConnection["reflector"] = (own) => new Reflector({ client, discovery, logger, ...own });
  return {
    client,
    discovery,
    clock,
    logger,
    reflector,
    named: (own) => new NamedReflectors({ clock, reflector, ...own }),
    close: () => {
      ended.abort();
      client.close();
    },
  };
}

/** Connections by what they are made of: providers that read the same server share its gate, and ask it but once. */
export class KubeConnections {
  readonly #dependencies: ConnectionDependencies;
  readonly #open: Map<string, { readonly connection: KubeConnection; users: number }>;

  constructor(dependencies: ConnectionDependencies) {
    this.#dependencies = dependencies;
    this.#open = new Map();
  }

  /** The one connection of these options; it is closed when all who opened it have closed it. */
  open({ endpoint = "", token = "", certAuthFilePath = "" }: ConnectionOptions): KubeConnection {
    const options = { endpoint, token, certAuthFilePath };
    const key = JSON.stringify(options);
    const known = this.#open.get(key) ?? { connection: createKubeConnection(options, this.#dependencies), users: 0 };
    this.#open.set(key, known);
    known.users++;
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      if (--known.users > 0) return;
      this.#open.delete(key);
      known.connection.close();
    };
    return { ...known.connection, close };
  }
}
