// A connection under test: its log, objects it delivered, and waiting for either.

import type { Clock } from "../../../../../src/provider/kubernetes/client/clock.ts";
import { createKubeConnection, type KubeConnection } from "../../../../../src/provider/kubernetes/client/connection.ts";
import type { Reflector, ReflectorSink } from "../../../../../src/provider/kubernetes/client/reflector.ts";
import type { Resource } from "../../../../../src/provider/kubernetes/client/resource.ts";
import type { ConnectionOptions } from "../../../../../src/provider/kubernetes/client/target.ts";
import type { KubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import type { Logger } from "../../../../../src/telemetry/logger.ts";
import { runtime } from "#runtime";
import { KubeServer, type Stored } from "./kube-server.ts";

const LIMIT_MS = 20_000; // a test that waits longer has failed

/** Kinds of the tests. */
export const secret: Resource = resource("", "v1", "Secret");
export const service: Resource = resource("", "v1", "Service");
export const route: Resource = resource("traefik.io", "v1alpha1", "IngressRoute");
export const ingress: Resource = {
  ...resource("networking.k8s.io", "v1", "Ingress"),
  plural: "ingresses",
  alternatives: [
    { group: "networking.k8s.io", version: "v1beta1" },
    { group: "extensions", version: "v1beta1" },
  ],
};

/** A kind with a regular plural. */
export function resource(group: string, version: string, kind: string): Resource {
  return { group, version, kind, plural: `${kind.toLowerCase()}s`, labelled: false };
}

/** An object. */
export function object(
  kind: Resource,
  namespace: string,
  name: string,
  extra: Readonly<Record<string, unknown>> = {},
): Stored {
  const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  return { apiVersion, kind: kind.kind, metadata: { namespace, name }, ...extra };
}

/** A connection and what it said. */
export interface Fixture {
  readonly connection: KubeConnection;
  readonly log: string[];
  /** Ends with the test; loops run until then. */
  readonly signal: AbortSignal;
  /** Resolves once the condition holds; looked at whenever something is delivered, logged or settled. */
  until(condition: () => boolean): Promise<void>;
  /** Have {@link until} look again. */
  look(): void;
  /** Starts a loop; what it delivers is in the map, by `namespace/name`. */
  follow(resource: Resource, namespace?: string): Followed;
}

/** A running loop. */
export interface Followed {
  readonly reflector: Reflector;
  readonly objects: Map<string, KubeObject>;
}

/** Runs with a server and a connection; both are closed afterwards. */
export async function withConnection(
  setup: {
    readonly kinds: Readonly<Record<string, string>>;
    readonly clock?: Partial<Clock>;
    readonly options?: ConnectionOptions;
    readonly prepare?: (server: KubeServer) => void;
  },
  body: (fixture: Fixture, server: KubeServer) => Promise<void>,
): Promise<void> {
  const server = new KubeServer(setup.kinds);
  setup.prepare?.(server);
  await server.listen();
  const waiting = new Set<() => void>();
  const look = () => {
    for (const each of [...waiting]) each();
  };
  const log: string[] = [];
  const connection = createKubeConnection({ endpoint: server.endpoint, ...setup.options }, {
    runtime: { ...runtime, env: {} },
    logger: memoryLogger((line) => {
      log.push(line);
      look();
    }),
    clock: setup.clock ?? {},
  });
  const ended = new AbortController();
  const loops: Promise<void>[] = [];
  const fixture: Fixture = {
    connection,
    log,
    signal: ended.signal,
    look,
    until: (condition) => wait(condition, waiting, log),
    follow: (kind, namespace) => {
      const objects = new Map<string, KubeObject>();
      const reflector = connection.reflector({
        selection: { resource: kind, namespace, labelSelector: "" },
        sink: mapSink(objects, look),
        changed: look,
      });
      loops.push(reflector.run(ended.signal));
      return { reflector, objects };
    },
  };
  try {
    await body(fixture, server);
  } finally {
    ended.abort();
    await Promise.all(loops);
    connection.close();
    await server.close();
  }
}

/** Delivers into a map. */
export function mapSink(objects: Map<string, KubeObject>, told: () => void): ReflectorSink {
  return {
    get isEmpty() {
      return objects.size === 0;
    },
    upsert: (each) => {
      objects.set(keyOf(each), each);
      told();
    },
    remove: (each) => {
      objects.delete(keyOf(each));
      told();
    },
    replace: (all) => {
      objects.clear();
      for (const each of all) objects.set(keyOf(each), each);
      told();
    },
  };
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function wait(condition: () => boolean, waiting: Set<() => void>, log: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(check);
      reject(new Error(`waited ${LIMIT_MS} ms; log: ${JSON.stringify(log)}`));
    }, LIMIT_MS);
    const check = () => {
      if (!condition()) return;
      waiting.delete(check);
      clearTimeout(timer);
      resolve();
    };
    waiting.add(check);
    check();
  });
}

/** A logger that writes `LEVEL message`. */
export function memoryLogger(write: (line: string) => void): Logger {
  const logger: Logger = {
    enabled: () => true,
    trace: (message) => write(`TRACE ${message}`),
    debug: (message) => write(`DEBUG ${message}`),
    info: (message) => write(`INFO ${message}`),
    warn: (message) => write(`WARN ${message}`),
    error: (message) => write(`ERROR ${message}`),
    with: () => logger,
  };
  return logger;
}
