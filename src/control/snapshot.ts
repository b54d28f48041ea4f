// The picture of the configuration in force that the API shows.

import type { ApiEntryPoint, ApiMiddleware, ApiPart, ApiRoutingPart, ApiRuledRouter } from "../api/snapshot.ts";
import type { ApiSnapshot } from "../api/snapshot.ts";
import type { RoutingTable } from "../build/build.ts";
import type { PartStatus, RoutingPartStatus, UsedPartStatus } from "../build/status.ts";
import type { HttpService } from "../config/dynamic.ts";
import type { KindAndOptions, RuledRouter } from "../config/dynamic-part.ts";
import type { TcpService } from "../config/dynamic-tcp.ts";
import type { RouterTls } from "../config/dynamic-tls.ts";
import type { UdpRouter, UdpService } from "../config/dynamic-udp.ts";
import type { MiddlewareSchema } from "../middleware/middleware.ts";
import { middlewareSchemas } from "../middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../middleware/tcp/schemas.ts";
import { formatRule } from "../rule/format.ts";
import { showOptions } from "../schema/show.ts";
import type { Problem } from "../schema/problem.ts";

/** What does not change with the configuration. */
export interface SnapshotFacts {
  readonly entryPoints: () => readonly ApiEntryPoint[];
  readonly providers: readonly string[];
  readonly features: ApiSnapshot["features"];
  /** Problems that neither providers nor the build know of. */
  readonly problems: () => readonly Problem[];
}

/** Takes the picture. */
export function takeSnapshot(table: RoutingTable | undefined, facts: SnapshotFacts): ApiSnapshot {
  const { providers, features } = facts;
  const base = { entryPoints: facts.entryPoints(), providers, features };
  if (table === undefined) return { ...base, ...nothing, problems: facts.problems() };
  const { status, problems } = table;
  const serviceNames = namesOf(status.services);
  const ruled = { services: serviceNames, middlewares: namesOf(status.middlewares), tlsOptions: status.tlsOptionsName };
  return {
    ...base,
    certificates: status.certificates,
    problems: [...facts.problems(), ...problems],
    routers: status.routers.map((router) => ({
      ...toRuledRouter(router, ruled),
      tls: shownTls(router.config.tls, status.tlsOptionsName),
      observability: router.config.observability,
    })),
    services: status.services.map((service) => ({
      ...toUsedPart(service),
      service: withShownNames(service.config, serviceNames),
      serverStatus: service.serverStatus(),
    })),
    middlewares: status.middlewares.map((middleware) => toMiddleware(middleware, middlewareSchemas)),
    tcp: takeTcp(status),
    udp: takeUdp(status),
  };
}

const nothing = {
  routers: [],
  services: [],
  middlewares: [],
  certificates: [],
  tcp: { routers: [], services: [], middlewares: [] },
  udp: { routers: [], services: [] },
};

function takeTcp({ tcp, tlsOptionsName }: RoutingTable["status"]): ApiSnapshot["tcp"] {
  const names = { services: namesOf(tcp.services), middlewares: namesOf(tcp.middlewares), tlsOptions: tlsOptionsName };
  return {
    routers: tcp.routers.map((router) => ({
      ...toRuledRouter(router, names),
      tls: shownTls(router.config.tls, tlsOptionsName),
    })),
    services: tcp.services.map((service) => ({
      ...toUsedPart(service),
      service: withShownChildren(service.config, names.services),
      serverStatus: service.serverStatus(),
    })),
    middlewares: tcp.middlewares.map((middleware) => toMiddleware(middleware, tcpMiddlewareSchemas)),
  };
}

function takeUdp({ udp }: RoutingTable["status"]): ApiSnapshot["udp"] {
  const names = namesOf(udp.services);
  return {
    routers: udp.routers.map((router) => toRoutingPart(router, names)),
    services: udp.services.map((service) => ({
      ...toUsedPart(service),
      service: withShownChildren(service.config, names),
    })),
  };
}

/** Key → name that people know a part by. */
type Names = ReadonlyMap<string, string>;

interface RouterNames {
  readonly services: Names;
  readonly middlewares: Names;
  readonly tlsOptions: (key: string) => string;
}

function namesOf(parts: readonly { readonly key: string; readonly name: string }[]): Names {
  return new Map(parts.map(({ key, name }) => [key, name]));
}

function toPart({ name, state, errors }: PartStatus<unknown>): ApiPart {
  return { name, status: state, errors };
}

function toUsedPart(status: UsedPartStatus<unknown>) {
  return { ...toPart(status), usedBy: status.usedBy };
}

function toRoutingPart(status: RoutingPartStatus<UdpRouter>, services: Names): ApiRoutingPart {
  const { using, config: { entryPoints, service } } = status;
  return {
    ...toPart(status),
    using,
    entryPoints: entryPoints === undefined || entryPoints.length === 0 ? using : entryPoints,
    service: services.get(service) ?? service,
  };
}

function toRuledRouter(status: RoutingPartStatus<RuledRouter>, names: RouterNames): ApiRuledRouter {
  const { config, priority } = status;
  const { middlewares = [], rule, ruleSyntax } = config;
  return {
    ...toRoutingPart(status, names.services),
    priority,
    middlewares: middlewares.map((key) => names.middlewares.get(key) ?? key),
    rule: typeof rule === "string" ? rule : formatRule(rule),
    ruleSyntax,
  };
}

function shownTls<T extends RouterTls>(tls: T | undefined, nameOf: RouterNames["tlsOptions"]): T | undefined {
  return tls?.options === undefined ? tls : { ...tls, options: nameOf(tls.options) };
}

function toMiddleware(
  status: UsedPartStatus<KindAndOptions>,
  schemas: ReadonlyMap<string, MiddlewareSchema>,
): ApiMiddleware {
  const { kind, options } = status.config;
  const schema = schemas.get(kind)?.schema;
  return { ...toUsedPart(status), kind, options: schema === undefined ? options : showOptions(schema, options) };
}

function withShownChildren<T extends TcpService | UdpService>(service: T, names: Names): T {
  if (service.kind !== "weighted") return service;
  return {
    ...service,
    services: service.services.map((child) => ({ ...child, name: names.get(child.name) ?? child.name })),
  };
}

/** Services refer to others by key; readers know them by the names they are listed under. */
function withShownNames(service: HttpService, names: Names): HttpService {
  const shown = (key: string): string => names.get(key) ?? key;
  const named = <T extends { readonly name: string }>(child: T): T => ({ ...child, name: shown(child.name) });
  switch (service.kind) {
    case "loadBalancer":
      return service;
    case "weighted":
    case "highestRandomWeight":
      return { ...service, services: service.services.map(named) };
    case "mirroring":
      return { ...service, service: shown(service.service), mirrors: service.mirrors.map(named) };
    case "failover":
      return { ...service, service: shown(service.service), fallback: shown(service.fallback) };
  }
}
