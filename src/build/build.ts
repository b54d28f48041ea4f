// Pure: a merged configuration becomes a routing table and the status of each of its parts.

import type { MergedConfiguration } from "../config/merge.ts";
import { keysOf } from "../config/patched-record.ts";
import type { Handler } from "../http/handler.ts";
import type { UdpHandler } from "../net/udp-handler.ts";
import { createTcpTable } from "../router/tcp-table.ts";
import type { TcpRoute, TcpTable } from "../router/tcp-table.ts";
import type { Problem } from "../schema/problem.ts";
import { BuildMemory, isBuildMemory } from "./build-memory.ts";
import { describeCertificate } from "./certificate-status.ts";
import type { BuildContext } from "./context.ts";
import { protocolOf } from "./entry-points.ts";
import { buildTcp } from "./l4-tcp.ts";
import { buildUdp } from "./l4-udp.ts";
import type { LookUp, PartMemory } from "./memory.ts";
import { MiddlewareBuilder } from "./middleware-builder.ts";
import type { Route } from "./route.ts";
import { buildRouter } from "./router-builder.ts";
import type { RouterBuildParts, RouterOutcome } from "./router-builder.ts";
import { isRuleCache, RuleCache } from "./rule-cache.ts";
import { buildSecureTables, type SecureTable, type SecureTables } from "./secure-tables.ts";
import { ServiceBuilder } from "./service-builder.ts";
import type { ShadowFinder } from "./shadowed.ts";
import type { RouterStatus, RoutingStatus, TcpStatus, UdpStatus } from "./status.ts";
import { TlsParts } from "./tls-parts.ts";
import { Usage } from "./usage.ts";

/** The compiled configuration: immutable, swapped whole. */
export interface RoutingTable {
  /** What answers on each entry point. */
  readonly entryPoints: ReadonlyMap<string, Handler>;
  /** HTTPS of the entry points that have routers for it. */
  readonly secure: ReadonlyMap<string, SecureTable>;
  /** TCP routes of entry points; those that are not in it serve HTTP in clear only. */
  readonly tcp: ReadonlyMap<string, TcpTable>;
  /** What has the sessions of UDP entry points. */
  readonly udp: ReadonlyMap<string, UdpHandler>;
  readonly status: RoutingStatus;
  /** The providers' problems and the build's own. */
  readonly problems: readonly Problem[];
}

/**
 * Builds a routing table. Parts that can't be built are disabled, each on its own. Parts that are the same objects as
 * in the last build, and depend on nothing that has changed, are not made again.
 * What outlives the table is taken from `context.state`, whose build the caller begins and commits.
 */
export function buildRoutingTable(config: MergedConfiguration, context: BuildContext): RoutingTable {
  const memory = takeMemory(context);
  const rules = context.state.take("rules", isRuleCache, () => new RuleCache());
  rules.turn(keysOf(config.http.routers).length + keysOf(config.tcp.routers).length);
  const middlewares = new MiddlewareBuilder(config.http.middlewares, context, memory.middlewares);
  const services = new ServiceBuilder(config.http, context, middlewares, memory.services);
  const tls = new TlsParts(config.tls, context);
  const all = context.entryPoints().map((entryPoint) => ({
    ...entryPoint,
    middlewares: entryPoint.middlewares.map((reference) => middlewares.resolve(reference)),
  }));
  const entryPoints = all.filter((entryPoint) => protocolOf(entryPoint) === "tcp");
  const { shadows } = memory;
  const parts = { context, entryPoints, rules, middlewares, services, tls, shadows };
  const outcomes = buildRouters(config.http.routers, parts, memory.turn(entryPoints));
  const names = entryPoints.map(({ name }) => name);
  const { routes, secureRoutes } = routesOf(outcomes, names);
  const shadowed = shadows.find(new Map([...routes, ...underTlsNames(secureRoutes)]));
  const handlers = memory.handlers(routes);
  const secure = buildSecureTables(secureRoutes, tls, context);
  const l4 = { config, context, entryPoints: all, rules, tls };
  const tcp = buildTcp(l4);
  const udp = buildUdp(l4);
  memory.settle();
  return {
    entryPoints: handlers,
    secure: secure.tables,
    tcp: tcpTables(tcp.routes, secure.tables),
    udp: udp.handlers,
    status: new TableStatus({
      config,
      outcomes,
      shadowed,
      middlewares,
      services,
      tls,
      tcp: tcp.status,
      udp: udp.status,
    }),
    problems: [
      ...config.problems,
      ...problemsOf(outcomes),
      ...[...shadowed.values()].map(({ problem }) => problem),
      ...middlewares.problems,
      ...services.problems,
      ...tls.problems,
      ...secure.problems,
      ...tcp.problems,
      ...udp.problems,
    ],
  };
}

/** An entry point that serves HTTPS needs a table even without TCP routes: TLS must be told from plain HTTP. */
function tcpTables(
  routes: ReadonlyMap<string, readonly TcpRoute[]>,
  secure: SecureTables["tables"],
): Map<string, TcpTable> {
  const tables = new Map<string, TcpTable>();
  for (const name of new Set([...routes.keys(), ...secure.keys()])) {
    const table = createTcpTable(routes.get(name) ?? [], secure.get(name)?.names);
    if (table !== undefined) tables.set(name, table);
  }
  return tables;
}

function takeMemory(context: BuildContext): BuildMemory {
  const isOurs = (value: unknown): value is BuildMemory => isBuildMemory(value) && value.isOf(context);
  return context.state.take("build memory", isOurs, () => new BuildMemory(context));
}

function buildRouters(
  routers: MergedConfiguration["http"]["routers"],
  parts: RouterBuildParts,
  memory: PartMemory<RouterOutcome>,
): readonly RouterOutcome[] {
  const { context: { state }, middlewares, services, tls } = parts;
  const lookUp: LookUp = (kind, key) => {
    if (kind === "service") return services.outcome(key);
    if (kind === "middleware") return middlewares.outcome(key);
    return kind === "certificate" ? tls.certificate(key) : tls.options(key);
  };
  const outcomes: RouterOutcome[] = [];
  for (const key of keysOf(routers)) {
    const router = routers[key];
    if (router === undefined) continue;
    outcomes.push(
      memory.recall(key, router, state, lookUp) ??
        memory.make(key, router, state, (dependencies) => buildRouter(key, router, parts, dependencies)),
    );
  }
  return outcomes;
}

function problemsOf(outcomes: readonly RouterOutcome[]): Problem[] {
  const all: Problem[] = [];
  for (const { problems } of outcomes) if (problems.length > 0) all.push(...problems);
  return all;
}

/** By entry point. */
type Routes = ReadonlyMap<string, readonly Route[]>;

function routesOf(
  outcomes: readonly RouterOutcome[],
  entryPoints: readonly string[],
): { readonly routes: Routes; readonly secureRoutes: Routes } {
  const routes = new Map<string, Route[]>(entryPoints.map((name) => [name, []]));
  const secureRoutes = new Map<string, Route[]>(entryPoints.map((name) => [name, []]));
  for (const outcome of outcomes) {
    for (const { entryPoint, route } of outcome.routes) {
      (route.tls === undefined ? routes : secureRoutes).get(entryPoint)?.push(route);
    }
  }
  return { routes, secureRoutes };
}

/** The same rule may exist once for TLS and once without. */
function underTlsNames(routes: Routes): [string, readonly Route[]][] {
  return [...routes].map(([name, list]) => [`${name} (TLS)`, list]);
}

/** What the status of a table is made of. */
interface StatusParts {
  readonly config: MergedConfiguration;
  readonly outcomes: readonly RouterOutcome[];
  readonly shadowed: ReturnType<ShadowFinder["find"]>;
  readonly middlewares: MiddlewareBuilder;
  readonly services: ServiceBuilder;
  readonly tls: TlsParts;
  readonly tcp: TcpStatus;
  readonly udp: UdpStatus;
}

/** Made when somebody looks at it: most tables are replaced unseen. */
class TableStatus implements RoutingStatus {
  readonly tcp: TcpStatus;
  readonly udp: UdpStatus;
  readonly tlsOptionsName: (key: string) => string;
  readonly #parts: StatusParts;
  #usage: Usage | undefined = undefined;
  #routers: readonly RouterStatus[] | undefined = undefined;
  #services: RoutingStatus["services"] | undefined = undefined;
  #middlewares: RoutingStatus["middlewares"] | undefined = undefined;

  constructor(parts: StatusParts) {
    const { tls, tcp, udp } = parts;
    this.#parts = parts;
    this.tcp = tcp;
    this.udp = udp;
    this.tlsOptionsName = (key) => tls.optionsName(key);
  }

  get routers(): RoutingStatus["routers"] {
    const { outcomes, shadowed } = this.#parts;
    this.#routers ??= outcomes.map(({ status }) => shadowed.get(status)?.status ?? status);
    return this.#routers;
  }

  get certificates(): RoutingStatus["certificates"] {
    return this.#parts.tls.served.map(describeCertificate);
  }

  get services(): RoutingStatus["services"] {
    this.#services ??= this.#parts.services.statuses(this.#used);
    return this.#services;
  }

  get middlewares(): RoutingStatus["middlewares"] {
    this.#middlewares ??= this.#parts.middlewares.statuses(this.#used);
    return this.#middlewares;
  }

  get #used(): Usage {
    const { config, outcomes } = this.#parts;
    this.#usage ??= new Usage(
      config.http.services,
      outcomes.map(({ uses }) => uses).filter((each) => each !== undefined),
    );
    return this.#usage;
  }
}
