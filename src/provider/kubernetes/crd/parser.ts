// Parsed objects, each parsed once: a change of one object must not cost the parsing of all the others.

import type { HttpMiddleware } from "../../../config/dynamic.ts";
import type * as z from "zod";
import type { KubeObject } from "../store/object.ts";
import { translateMiddleware } from "./middleware.ts";
import { type Parsed, parseWith, sourceOf } from "./parse.ts";
import { type EndpointSlice, endpointSlice, type ServiceSpec, serviceSpec } from "./schema-core.ts";
import { type IngressRouteSpec, ingressRouteSpec } from "./schema-ingress-route.ts";
import type { MiddlewareSchemas } from "./schema-middleware.ts";
import { type ServersTransportSpec, serversTransportSpec } from "./schema-servers-transport.ts";
import { type TraefikServiceSpec, traefikServiceSpec } from "./schema-traefik-service.ts";
import { oneOfTraefikService } from "./traefik-service-kind.ts";

/** Parses objects of one kind; the same object gives the same answer. */
export type ParseKind<T> = (object: KubeObject) => Parsed<T>;

/** Parsers of all kinds. */
export interface CrdParser {
  readonly ingressRoute: ParseKind<IngressRouteSpec>;
  readonly traefikService: ParseKind<TraefikServiceSpec>;
  readonly middleware: ParseKind<HttpMiddleware>;
  readonly serversTransport: ParseKind<ServersTransportSpec>;
  readonly service: ParseKind<ServiceSpec>;
  readonly endpointSlice: ParseKind<EndpointSlice>;
}

/** Objects are never changed in place, so what was parsed stays true as long as they live. */
export function createCrdParser(middlewares: MiddlewareSchemas): CrdParser {
  return {
    ingressRoute: remember(bySpec(ingressRouteSpec)),
    traefikService: remember(parseTraefikService),
    middleware: remember((object) => translateMiddleware(object, middlewares)),
    serversTransport: remember(bySpec(serversTransportSpec)),
    service: remember(bySpec(serviceSpec)),
    endpointSlice: remember((object) => parseWith(endpointSlice, object.raw, { path: [], source: sourceOf(object) })),
  };
}

function remember<T>(parse: ParseKind<T>): ParseKind<T> {
  const known = new WeakMap<KubeObject, Parsed<T>>();
  return (object) => {
    let parsed = known.get(object);
    if (parsed === undefined) known.set(object, parsed = parse(object));
    return parsed;
  };
}

function bySpec<T>(schema: z.ZodType<T>): ParseKind<T> {
  return (object) => parseWith(schema, object.raw["spec"], { path: ["spec"], source: sourceOf(object) });
}

const parseTraefikServiceSpec = bySpec(traefikServiceSpec);

function parseTraefikService(object: KubeObject): Parsed<TraefikServiceSpec> {
  const parsed = parseTraefikServiceSpec(object);
  if (parsed.value === undefined) return parsed;
  const { kind, problems } = oneOfTraefikService(object);
  return kind === undefined ? { problems: [...parsed.problems, ...problems] } : parsed;
}
