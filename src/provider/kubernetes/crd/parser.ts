// Parsed objects of Traefik's kinds, each parsed once: a change of one must not cost the parsing of all the others.

import type * as z from "zod";
import { type BackendParser, byField, createBackendParser, type ParseKind, remember } from "../backend/parser.ts";
import type { Parsed } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import type { Judge } from "../store/snapshot.ts";
import { oneKindOf, type OneMiddleware } from "./one-middleware.ts";
import { ingressRouteSpec } from "./schema-ingress-route.ts";
import { ingressRouteTcpSpec } from "./schema-ingress-route-tcp.ts";
import { ingressRouteUdpSpec } from "./schema-ingress-route-udp.ts";
import type { MiddlewareSchemas } from "../backend/middleware-schemas.ts";
import { serversTransportSpec, serversTransportTcpSpec } from "./schema-servers-transport.ts";
import { tlsOptionSpec, tlsStoreSpec } from "./schema-tls.ts";
import { type TraefikServiceSpec, traefikServiceSpec } from "./schema-traefik-service.ts";
import { oneOfTraefikService } from "./traefik-service-kind.ts";

/** Kinds whose `spec` a schema describes alone. */
const specs = {
  IngressRoute: ingressRouteSpec,
  IngressRouteTCP: ingressRouteTcpSpec,
  IngressRouteUDP: ingressRouteUdpSpec,
  TLSOption: tlsOptionSpec,
  TLSStore: tlsStoreSpec,
  ServersTransport: serversTransportSpec,
  ServersTransportTCP: serversTransportTcpSpec,
};

/** Parsers of Traefik's kinds, by kind. */
export type TraefikParser =
  & { readonly [Kind in keyof typeof specs]: ParseKind<z.output<(typeof specs)[Kind]>> }
  & {
    readonly TraefikService: ParseKind<TraefikServiceSpec>;
    readonly Middleware: ParseKind<OneMiddleware>;
    readonly MiddlewareTCP: ParseKind<OneMiddleware>;
  };

/** One of Traefik's kinds. */
export type TraefikKind = keyof TraefikParser;

/** Parsers of all kinds. */
export interface CrdParser extends BackendParser {
  readonly traefik: TraefikParser;
}

/**
 * Objects are never changed in place, so what was parsed stays true as long as they live.
 * @param middlewares kinds that a Middleware may have
 * @param tcpMiddlewares kinds that a MiddlewareTCP may have
 */
export function createCrdParser(middlewares: MiddlewareSchemas, tcpMiddlewares: MiddlewareSchemas): CrdParser {
  return {
    ...createBackendParser(),
    traefik: {
      IngressRoute: bySpec(specs.IngressRoute),
      IngressRouteTCP: bySpec(specs.IngressRouteTCP),
      IngressRouteUDP: bySpec(specs.IngressRouteUDP),
      TLSOption: bySpec(specs.TLSOption),
      TLSStore: bySpec(specs.TLSStore),
      ServersTransport: bySpec(specs.ServersTransport),
      ServersTransportTCP: bySpec(specs.ServersTransportTCP),
      TraefikService: remember(parseTraefikService),
      Middleware: remember((object) => oneKindOf(object, middlewares)),
      MiddlewareTCP: remember((object) => oneKindOf(object, tcpMiddlewares)),
    },
  };
}

/** What makes an object of a kind usable to those who refer to it: it can be parsed. */
export function judgeOf(parser: CrdParser, kind: TraefikKind): Judge {
  const parse: ParseKind<unknown> = parser.traefik[kind];
  return (object) => parse(object).value !== undefined;
}

function bySpec<T>(schema: z.ZodType<T>): ParseKind<T> {
  return remember(byField("spec", schema));
}

const parseTraefikServiceSpec = byField("spec", traefikServiceSpec);

function parseTraefikService(object: KubeObject): Parsed<TraefikServiceSpec> {
  const parsed = parseTraefikServiceSpec(object);
  if (parsed.value === undefined) return parsed;
  const { kind, problems } = oneOfTraefikService(object);
  return kind === undefined ? { problems: [...parsed.problems, ...problems] } : parsed;
}
