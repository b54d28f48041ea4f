// The picture of the configuration in force that the API shows.

import type { ApiEntryPoint, ApiSnapshot } from "../api/snapshot.ts";
import type { RoutingTable } from "../build/build.ts";
import type { HttpService } from "../config/dynamic.ts";
import { formatRule } from "../rule/format.ts";
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
  if (table === undefined) return { ...base, routers: [], services: [], middlewares: [], problems: facts.problems() };
  const { status, problems } = table;
  const shown = new Map<string, string>(status.middlewares.map(({ key, name }) => [key, name]));
  const serviceNames = new Map<string, string>(status.services.map(({ key, name }) => [key, name]));
  return {
    ...base,
    problems: [...facts.problems(), ...problems],
    routers: status.routers.map(({ name, state, errors, using, priority, config }) => ({
      name,
      status: state,
      errors,
      using,
      priority,
      entryPoints: config.entryPoints === undefined || config.entryPoints.length === 0 ? using : config.entryPoints,
      middlewares: (config.middlewares ?? []).map((key) => shown.get(key) ?? key),
      service: serviceNames.get(config.service) ?? config.service,
      rule: typeof config.rule === "string" ? config.rule : formatRule(config.rule),
      ruleSyntax: config.ruleSyntax,
      tls: config.tls,
      observability: config.observability,
    })),
    services: status.services.map((service) => ({
      name: service.name,
      status: service.state,
      errors: service.errors,
      usedBy: service.usedBy,
      service: withShownNames(service.config, serviceNames),
      serverStatus: service.serverStatus(),
    })),
    middlewares: status.middlewares.map(({ name, state, errors, usedBy, config }) => ({
      name,
      status: state,
      errors,
      usedBy,
      kind: config.kind,
      options: config.options,
    })),
  };
}

/** Services refer to others by key; readers know them by the names they are listed under. */
function withShownNames(service: HttpService, names: ReadonlyMap<string, string>): HttpService {
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
