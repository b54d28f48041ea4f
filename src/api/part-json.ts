// Routers, services and middlewares as Traefik's API writes them, secrets taken out.

import { redact } from "../telemetry/redact.ts";
import type { RouterTls } from "../config/dynamic-tls.ts";
import { toServiceJson } from "./service-json.ts";
import type { ApiEntryPoint, ApiMiddleware, ApiPart, ApiRouter, ApiService } from "./snapshot.ts";
import type { ApiRuledRouter } from "./snapshot.ts";

/** A part as `/api/rawdata` has it. */
export type PartJson = Readonly<Record<string, unknown>>;

/** A router with its status and the entry points it serves. */
export function toRouterJson(router: ApiRouter): PartJson {
  const observability = { accessLogs: true, metrics: true, tracing: true, ...router.observability };
  return shown(router, { ...ruledJson(router), ...tlsJson(router.tls), observability }, { using: router.using });
}

/** A service with its status, its servers' states and who uses it. */
export function toServicePartJson(service: ApiService): PartJson {
  const { usedBy, serverStatus } = service;
  return shown(service, toServiceJson(service.service), {
    ...(usedBy.length === 0 ? {} : { usedBy }),
    ...(Object.keys(serverStatus).length === 0 ? {} : { serverStatus }),
  });
}

/** A middleware with its status and who uses it. */
export function toMiddlewareJson(middleware: ApiMiddleware): PartJson {
  const { kind, options, usedBy } = middleware;
  return shown(middleware, { [kind]: options }, usedBy.length === 0 ? {} : { usedBy });
}

/** An entry point: its static configuration and its name. */
export function toEntryPointJson({ name, address, definition }: ApiEntryPoint): PartJson {
  return { ...asRecord(redact({ ...definition, address })), name };
}

/** What lists and single parts show besides: who made it and what it is. */
export function toListed(part: ApiPart, json: PartJson, extra: PartJson = {}): PartJson {
  return { ...json, name: part.name, provider: providerOf(part.name), ...extra };
}

/** @param name qualified */
export function providerOf(name: string): string {
  return name.slice(name.lastIndexOf("@") + 1);
}

/** The fields of all routers with rules. */
export function ruledJson(router: ApiRuledRouter): PartJson {
  const { entryPoints, middlewares, service, rule, ruleSyntax, priority } = router;
  return {
    entryPoints,
    ...(middlewares.length === 0 ? {} : { middlewares }),
    service,
    rule,
    ...(ruleSyntax === undefined ? {} : { ruleSyntax }),
    priority,
  };
}

/** Which certificates a router needs is between its provider and weir: Traefik's API has no field for it. */
export function tlsJson(tls: RouterTls | undefined): PartJson {
  if (tls === undefined) return {};
  const { certificates: _, certificatesPath: __, ...shownTls } = tls;
  return { tls: shownTls };
}

/** A definition without secrets, with what became of it. */
export function shown(part: ApiPart, definition: PartJson, links: PartJson): PartJson {
  const errors = part.errors.length === 0 ? {} : { error: part.errors };
  return { ...asRecord(redact(definition)), ...asRecord(redact(errors)), status: part.status, ...links };
}

function asRecord(value: unknown): PartJson {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
