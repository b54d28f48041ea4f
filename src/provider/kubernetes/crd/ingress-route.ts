// IngressRoute objects → routers, and the services that belong to them alone.

import type { HttpRouter, Observability } from "../../../config/dynamic.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { routerName } from "../names.ts";
import type { KubeObject } from "../store/object.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import { traefikServiceKey } from "./child-service.ts";
import { NO_SERVERS } from "../backend/behaviour.ts";
import { translateServiceRef } from "./load-balancer.ts";
import { resolveMiddlewares } from "./middleware-refs.ts";
import { hashOf, openRouteObject, RouteKeys, type RouteObject } from "./route-object.ts";
import { type TranslatedTls, translateRouteTls } from "./route-tls.ts";
import type { IngressRouteSpec, RouteSpec } from "./schema-ingress-route.ts";
import { childrenOf } from "./traefik-service.ts";
import type { Translation } from "./translation.ts";

/** Adds the routes of one object to the configuration, or what is wrong with them to the problems. */
export function translateIngressRoute(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const parse = translation.parser.traefik.IngressRoute;
  const opened = openRouteObject(translation, { kind: "IngressRoute", object, group, parse });
  if (opened === undefined) return;
  const { spec, referrer, name } = opened;
  if ((spec.parentRefs ?? []).length > 0) {
    // Served on its own, the route would skip its parent's middlewares.
    translation.report(referrer.source, ["spec", "parentRefs"], {
      code: "unsupported-field",
      message: '"parentRefs" is not served yet: this IngressRoute is left out',
    });
    return;
  }
  const tls = spec.tls === undefined ? undefined : translateRouteTls(translation, spec.tls, referrer);
  const keys = new RouteKeys(referrer);
  for (const [index, route] of spec.routes.entries()) {
    const hash = hashOf(route);
    const displayName = routerName(referrer.namespace, name, hash);
    translateRoute(opened, route, { key: keys.next(hash), displayName, path: ["spec", "routes", index], tls });
  }
}

/** A router's key, its name for people, where its route stands, and the TLS it shares with its siblings. */
interface Named {
  readonly key: string;
  readonly displayName: string;
  readonly path: FieldPath;
  readonly tls: TranslatedTls | undefined;
}

function translateRoute(opened: RouteObject<IngressRouteSpec>, route: RouteSpec, named: Named): void {
  const { translation, referrer } = opened;
  const { key, displayName, path, tls } = named;
  const { result, errors } = translation.errorsOf(() => {
    const refs = { kind: "Middleware", refs: route.middlewares, path: [...path, "middlewares"] } as const;
    const middlewares = resolveMiddlewares(translation, refs, referrer);
    const usable = middlewares !== undefined && (tls?.errors ?? []).length === 0;
    // A route that lost a middleware stays, and answers 503: dropped, its requests would fall to a wider route.
    const service = usable ? serviceOf(opened, route, named) : dead(opened, named);
    return { service, middlewares: usable ? middlewares : [] };
  });
  const defects = [...tls?.errors ?? [], ...errors];
  translation.sections.routers[key] = {
    ...plainFields(opened, route),
    rulePath: [...path, "match"],
    displayName,
    source: referrer.source,
    ...(result.middlewares.length > 0 && { middlewares: result.middlewares }),
    service: result.service,
    ...(defects.length > 0 && { defects }),
    ...(tls !== undefined && { tls: tls.tls }),
  };
}

/** What needs no looking up. */
function plainFields(
  { spec: { entryPoints = [] }, referrer }: RouteObject<IngressRouteSpec>,
  route: RouteSpec,
): Omit<HttpRouter, "service" | "rulePath"> {
  return {
    ...(entryPoints.length > 0 && { entryPoints }),
    rule: route.match,
    ruleSyntax: route.syntax ?? (referrer.group === "traefik.io" ? "v3" : "v2"),
    ...(route.priority !== undefined && { priority: route.priority }),
    ...(route.observability !== undefined && { observability: observabilityOf(route.observability) }),
  };
}

/** One Service: a load balancer under the router's name; one TraefikService: itself; several: weighted. */
function serviceOf(opened: RouteObject<IngressRouteSpec>, route: RouteSpec, named: Named): string {
  const { translation, referrer } = opened;
  const { key, displayName, path } = named;
  const refs = route.services ?? [];
  const [ref] = refs;
  const at = [...path, "services"];
  if (ref === undefined) {
    translation.report(referrer.source, at, {
      code: "missing-field",
      message: '"services" is empty: the route has nowhere to send requests, and answers 503',
    });
    return dead(opened, named);
  }
  if (refs.length > 1) {
    const services = childrenOf(translation, refs, at, referrer);
    translation.sections.services[key] = { kind: "weighted", services, displayName, source: referrer.source };
    return key;
  }
  const placed = { ref, path: [...at, 0], referrer };
  if (ref.kind === "TraefikService") return traefikServiceKey(translation, placed) ?? dead(opened, named);
  translation.sections.services[key] = { ...translateServiceRef(translation, placed).service, displayName };
  return key;
}

function dead({ translation, referrer }: RouteObject<IngressRouteSpec>, { key, displayName }: Named): string {
  translation.sections.services[key] = { ...NO_SERVERS, displayName, source: referrer.source };
  return key;
}

function observabilityOf(spec: NonNullable<RouteSpec["observability"]>): Observability {
  const { accessLogs, metrics, tracing } = spec;
  return {
    ...(accessLogs !== undefined && { accessLogs }),
    ...(metrics !== undefined && { metrics }),
    ...(tracing !== undefined && { tracing }),
  };
}
