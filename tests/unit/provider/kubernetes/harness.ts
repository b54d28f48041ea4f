// A provider under test: its states, its log, and waiting for either.

import assert from "node:assert/strict";
import type { HttpService } from "../../../../src/config/dynamic.ts";
import type { Clock } from "../../../../src/provider/kubernetes/client/clock.ts";
import {
  createKubernetesCrdProvider,
  type KubernetesCrdOptions,
} from "../../../../src/provider/kubernetes/crd/kubernetes-crd.ts";
import { crdResources } from "../../../../src/provider/kubernetes/crd/kinds.ts";
import type { Provider, ProviderState } from "../../../../src/provider/provider.ts";
import type { Logger, LogLevel } from "../../../../src/telemetry/logger.ts";
import { ApiServer, type Fault, type Manifest } from "./api-server.ts";
import { runtime } from "#runtime";
import { testMiddlewares } from "./objects.ts";

const LIMIT_MS = 20_000; // a test that waits longer has failed

/** What {@link startProvider} gives. */
export interface Harness {
  readonly provider: Provider;
  readonly states: ProviderState[];
  readonly log: { readonly level: LogLevel; readonly message: string }[];
  /** Contents of files by path; may be changed. */
  readonly files: Map<string, string>;
  /** Resolves with the first state, past or future, that fits. */
  state(fits: (state: ProviderState) => boolean): Promise<ProviderState>;
  logged(fits: (message: string) => boolean): Promise<void>;
}

/** Starts a provider against a test server. The caller stops it. */
export function startProvider(
  server: Pick<ApiServer, "endpoint">,
  options: KubernetesCrdOptions = {},
  clock: Partial<Clock> = {},
): Harness {
  const states: ProviderState[] = [];
  const log: { level: LogLevel; message: string }[] = [];
  const files = new Map<string, string>();
  const waiting = new Set<() => void>();
  const look = () => {
    for (const each of [...waiting]) each();
  };
  const until = (holds: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(check);
        reject(new Error(`waited ${LIMIT_MS} ms for ${what}; log: ${JSON.stringify(log)}`));
      }, LIMIT_MS);
      const check = () => {
        if (!holds()) return;
        waiting.delete(check);
        clearTimeout(timer);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const provider = createKubernetesCrdProvider({ endpoint: server.endpoint, ...options }, {
    runtime: { env: {}, files: fakeFiles(files), createFetch: runtime.createFetch, run: runtime.run },
    logger: memoryLogger((level, message) => {
      log.push({ level, message });
      look();
    }),
    middlewares: testMiddlewares,
    clock,
  });
  provider.start((state) => {
    states.push(state);
    look();
  });
  return {
    provider,
    states,
    log,
    files,
    async state(fits) {
      await until(() => states.some(fits), "a state");
      const found = states.find(fits);
      if (found === undefined) throw new Error("unreachable");
      return found;
    },
    logged: (fits) => until(() => log.some(({ message }) => fits(message)), "a log line"),
  };
}

/** What a test starts with. */
export interface Setup {
  readonly options?: KubernetesCrdOptions;
  readonly clock?: Partial<Clock>;
  readonly fault?: Fault;
  readonly prepare?: (server: ApiServer) => void;
  /** Nothing is routed, which is no fault of the provider. */
  readonly isEmpty?: true;
}

/** A server with one route to one endpoint, and a provider; both are stopped at the end. */
export async function withProvider(
  setup: Setup,
  body: (server: ApiServer, harness: Harness) => Promise<void>,
): Promise<void> {
  const server = new ApiServer();
  server.fault = setup.fault;
  server.apply(web, slice("10.0.0.1"), route("a"));
  setup.prepare?.(server);
  await server.listen();
  const harness = startProvider(server, setup.options, setup.clock);
  try {
    await body(server, harness);
    if (setup.isEmpty) return;
    assert.deepEqual(harness.states.filter((state) => hostsOf(state).length === 0), [], "never an empty configuration");
  } finally {
    await harness.provider.stop();
    await server.close();
  }
}
/** Resolves when all kinds are watched. */
export function allWatching(server: ApiServer): Promise<void> {
  return server.until(() => server.openWatches === crdResources.length);
}

/** Hosts that a state routes, sorted: the rules of the tests are one Host each. */
export function hostsOf(state: ProviderState | undefined): string[] {
  const rules = Object.values(state?.configuration.http.routers ?? {}).map(({ rule }) => String(rule));
  return rules.map((rule) => /`(.*)`/.exec(rule)?.[1] ?? rule).sort();
}

/** URLs of the servers of all load balancers. */
export function serversOf(state: ProviderState | undefined): string[] {
  const services: readonly HttpService[] = Object.values(state?.configuration.http.services ?? {});
  return services.flatMap((service) => service.kind === "loadBalancer" ? service.servers.map(({ url }) => url) : [])
    .sort();
}

/** An IngressRoute that sends one host to the Service `web`. */
export function route(host: string, extra: Readonly<Record<string, unknown>> = {}): Manifest {
  return {
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    metadata: { name: host, ...extra },
    spec: { routes: [{ match: `Host(\`${host}\`)`, kind: "Rule", services: [{ name: "web", port: 80 }] }] },
  };
}

/** The Service `web`, and a slice of it with one address. */
export const web: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { ports: [{ port: 80 }] },
};

/** An EndpointSlice of the Service `web`. */
export function slice(...addresses: readonly string[]): Manifest {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-x", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    endpoints: addresses.length === 0 ? [] : [{ addresses }],
    ports: [{ port: 8080 }],
  };
}

function fakeFiles(texts: ReadonlyMap<string, string>) {
  const refuse = (): never => {
    throw new Error("not used here");
  };
  return {
    readText: (path: string) => {
      const text = texts.get(path);
      return text === undefined ? Promise.reject(new Error("ENOENT")) : Promise.resolve(text);
    },
    exists: (path: string) => Promise.resolve(texts.has(path)),
    list: refuse,
    watch: refuse,
    append: refuse,
  };
}

function memoryLogger(write: (level: LogLevel, message: string) => void): Logger {
  const logger: Logger = {
    enabled: () => true,
    trace: (message) => write("TRACE", message),
    debug: (message) => write("DEBUG", message),
    info: (message) => write("INFO", message),
    warn: (message) => write("WARN", message),
    error: (message) => write("ERROR", message),
    with: () => logger,
  };
  return logger;
}
