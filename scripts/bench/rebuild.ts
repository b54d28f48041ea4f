// How long a new routing table takes when one router of thousands has changed: `node scripts/bench/rebuild.ts [routers]`.

import process from "node:process";
import { buildRoutingTable } from "../../src/build/build.ts";
import type { BuildContext } from "../../src/build/context.ts";
import type { DynamicConfiguration, HttpRouter, HttpService } from "../../src/config/dynamic.ts";
import { emptyConfiguration } from "../../src/config/dynamic.ts";
import { mergeConfigurations, MergeMemory } from "../../src/config/merge.ts";
import { createBuildMeters } from "../../src/control/metering.ts";
import { middlewareRegistry } from "../../src/middleware/registry.ts";
import { Deadlines } from "../../src/net/deadlines.ts";
import { StateStore } from "../../src/net/state.ts";
import { defaultTransportOptions } from "../../src/service/http1-transport.ts";
import { createLogger } from "../../src/telemetry/create-logger.ts";
import { MetricsRegistry } from "../../src/telemetry/metrics-registry.ts";
import { createProxyMetrics } from "../../src/telemetry/proxy-metrics.ts";
import { FakeRuntime } from "../../tests/unit/build/fakes.ts";

const ROUNDS = 40;
const DEFAULT_ROUTERS = 10_000;

/** As a provider gives it: tuples as keys, one service per router, one middleware for all. */
function createConfiguration(count: number): DynamicConfiguration {
  const routers: [string, HttpRouter][] = [];
  const services: [string, HttpService][] = [];
  for (let index = 0; index < count; index++) {
    const key = JSON.stringify(["IngressRoute", `namespace-${index % 50}`, `route-${index}`]);
    routers.push([key, createRouter(index, key)]);
    services.push([key, {
      kind: "loadBalancer",
      servers: [1, 2].map((each) => ({
        url: `http://10.${index >> 8}.${index & 255}.${each}:8080`,
        weight: 1,
        preservePath: false,
      })),
      strategy: "wrr",
      passHostHeader: true,
      displayName: `namespace-route-${index}`,
    }]);
  }
  return {
    http: {
      ...emptyConfiguration.http,
      routers: Object.fromEntries(routers),
      services: Object.fromEntries(services),
      middlewares: { strip: { kind: "stripPrefix", options: { prefixes: ["/a"], forceSlash: true } } },
    },
  };
}

function createRouter(index: number, service: string, path = "/"): HttpRouter {
  return {
    entryPoints: ["web"],
    rule: `Host(\`host-${index}.example\`) && PathPrefix(\`${path}\`)`,
    middlewares: ["strip"],
    service,
    displayName: `namespace-route-${index}`,
  };
}

function createContext(): BuildContext {
  const { runtime } = new FakeRuntime();
  const state = new StateStore();
  const metrics = createProxyMetrics(new MetricsRegistry(), {
    buckets: [0.1, 0.3, 1.2, 5],
    addEntryPointsLabels: true,
    addRoutersLabels: true,
    addServicesLabels: true,
  }, { version: "0", runtime: "none", runtimeVersion: "0", startDate: new Date(), residentBytes: () => 0 });
  return {
    runtime,
    logger: createLogger({ level: "PANIC", format: "json", write: () => undefined }),
    state,
    deadlines: new Deadlines(),
    entryPoints: () => [{ name: "web", isDefault: true, middlewares: [] }],
    defaultSyntax: "v3",
    middlewares: middlewareRegistry,
    internalServices: new Map(),
    transport: defaultTransportOptions,
    meters: createBuildMeters(metrics, state),
  };
}

/** One change: the record of routers is new, all routers but one are the same objects. */
function change(configuration: DynamicConfiguration, round: number): DynamicConfiguration {
  const { routers, services } = configuration.http;
  const keys = Object.keys(routers);
  const at = (round * 7919) % keys.length;
  const key = keys[at] ?? "";
  return {
    http: {
      ...configuration.http,
      routers: { ...routers, [key]: createRouter(at, key, `/${round}`) },
      services: { ...services },
    },
  };
}

/** Milliseconds; of the processor, as other work on the machine changes the time on the clock. */
function clock(): number {
  const { user, system } = process.cpuUsage();
  return process.env["WALL"] === undefined ? (user + system) / 1000 : performance.now();
}

interface Timing {
  readonly merge: number;
  readonly build: number;
  readonly total: number;
}

function rebuild(configuration: DynamicConfiguration, context: BuildContext): Timing {
  const start = clock();
  const merged = mergeConfigurations(new Map([["kubernetescrd", { configuration, problems: [] }]]), [], memory);
  const middle = clock();
  context.state.begin();
  const { problems } = buildRoutingTable(merged, context);
  context.state.commit();
  const end = clock();
  if (problems.length > 0) throw new Error(JSON.stringify(problems[0]));
  return { merge: middle - start, build: end - middle, total: end - start };
}

function format({ merge, build, total }: Timing): string {
  return `${total.toFixed(1)} ms (merge ${merge.toFixed(1)}, build ${build.toFixed(1)})`;
}

const count = Number(process.argv[2] ?? DEFAULT_ROUTERS);
let configuration = createConfiguration(count);
const context = createContext();
const memory = new MergeMemory();
console.log(`${count} routers, first table: ${format(rebuild(configuration, context))}`);
const timings: Timing[] = [];
for (let round = 0; round < ROUNDS; round++) {
  configuration = change(configuration, round);
  timings.push(rebuild(configuration, context));
}
timings.sort((a, b) => a.total - b.total);
const at = (share: number): Timing =>
  timings[Math.min(timings.length - 1, Math.floor(timings.length * share))] as Timing;
console.log(`one router changed: median ${format(at(0.5))}, p90 ${format(at(0.9))}, worst ${format(at(1))}`);
