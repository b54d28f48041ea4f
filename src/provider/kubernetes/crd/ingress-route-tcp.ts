// IngressRouteTCP objects → TCP routers, and the services that belong to them alone.

import type { TcpLoadBalancer } from "../../../config/dynamic-tcp.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { displayName as joined } from "../names.ts";
import type { KubeObject } from "../store/object.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import { addRouteService } from "./l4-backend.ts";
import { resolveMiddlewares } from "./middleware-refs.ts";
import { hashOf, openRouteObject, RouteKeys, type RouteObject } from "./route-object.ts";
import { type TranslatedTls, translateRouteTls } from "./route-tls.ts";
import type { IngressRouteTcpSpec, TcpRouteSpec, TcpServiceRef } from "./schema-ingress-route-tcp.ts";
import { NO_TCP_SERVERS, translateTcpService } from "./tcp-service.ts";
import type { Translation } from "./translation.ts";

/** Adds the routes of one object to the configuration, or what is wrong with them to the problems. */
export function translateIngressRouteTcp(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const parse = translation.parser.traefik.IngressRouteTCP;
  const opened = openRouteObject(translation, { kind: "IngressRouteTCP", object, group, parse });
  if (opened === undefined) return;
  const { spec, referrer, name } = opened;
  const tls = spec.tls === undefined ? undefined : translateRouteTls(translation, spec.tls, referrer);
  const keys = new RouteKeys(referrer);
  for (const [index, route] of spec.routes.entries()) {
    const hash = hashOf(route);
    // Traefik does not normalise these names.
    const displayName = joined(joined(referrer.namespace, name), hash);
    translateRoute(opened, route, { key: keys.next(hash), displayName, path: ["spec", "routes", index], tls });
  }
}

interface Named {
  readonly key: string;
  readonly displayName: string;
  readonly path: FieldPath;
  readonly tls: TranslatedTls | undefined;
}

function translateRoute(opened: RouteObject<IngressRouteTcpSpec>, route: TcpRouteSpec, named: Named): void {
  const { translation, referrer, spec: { entryPoints = [], tls: tlsSpec } } = opened;
  const { key, displayName, path, tls } = named;
  const { result, errors } = translation.errorsOf(() => {
    const refs = { kind: "MiddlewareTCP", refs: route.middlewares, path: [...path, "middlewares"] } as const;
    const middlewares = resolveMiddlewares(translation, refs, referrer);
    const usable = middlewares !== undefined && (tls?.errors ?? []).length === 0;
    addService(opened, usable ? route.services : undefined, named);
    if (usable && (route.services ?? []).length === 0) reportEmpty(opened, path);
    return usable ? middlewares : [];
  });
  const defects = [...tls?.errors ?? [], ...errors];
  translation.sections.tcpRouters[key] = {
    ...(entryPoints.length > 0 && { entryPoints }),
    rule: route.match,
    rulePath: [...path, "match"],
    ruleSyntax: route.syntax ?? (referrer.group === "traefik.io" ? "v3" : "v2"),
    ...(route.priority !== undefined && { priority: route.priority }),
    displayName,
    source: referrer.source,
    ...(result.length > 0 && { middlewares: result }),
    service: key,
    ...(defects.length > 0 && { defects }),
    ...(tls !== undefined && { tls: { ...tls.tls, passthrough: tlsSpec?.passthrough ?? false } }),
  };
}

function addService(
  { translation, referrer }: RouteObject<IngressRouteTcpSpec>,
  refs: readonly TcpServiceRef[] = [],
  { key, displayName, path }: Named,
): void {
  const children = refs.map((ref, index) => {
    const placed = { ref, path: [...path, "services", index], referrer, protocol: "TCP" } as const;
    return { weight: ref.weight ?? 1, ...translateTcpService(translation, placed) };
  });
  const named = { key, displayName, source: referrer.source, noServers: NO_TCP_SERVERS };
  addRouteService<TcpLoadBalancer>(translation.sections.tcpServices, children, named);
}

function reportEmpty({ translation, referrer }: RouteObject<IngressRouteTcpSpec>, path: FieldPath): void {
  translation.report(referrer.source, [...path, "services"], {
    code: "missing-field",
    message: '"services" is empty: the route has nowhere to send connections, and closes them',
  });
}
