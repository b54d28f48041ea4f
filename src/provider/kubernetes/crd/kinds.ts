// The kinds that this provider lists and watches.

import { backendResources } from "../backend/resources.ts";
import type { Resource } from "../client/resource.ts";
import { traefikGroups } from "../traefik-group.ts";
import type { TraefikKind } from "./parser.ts";

const plurals: Readonly<Record<TraefikKind, string>> = {
  IngressRoute: "ingressroutes",
  IngressRouteTCP: "ingressroutetcps",
  IngressRouteUDP: "ingressrouteudps",
  TraefikService: "traefikservices",
  Middleware: "middlewares",
  MiddlewareTCP: "middlewaretcps",
  ServersTransport: "serverstransports",
  ServersTransportTCP: "serverstransporttcps",
  TLSOption: "tlsoptions",
  TLSStore: "tlsstores",
};

/** Traefik's kinds in both groups, which carry the label selector, and the built-in kinds they lead to. */
export const crdResources: readonly Resource[] = [
  ...traefikGroups.flatMap((group) =>
    Object.entries(plurals).map(([kind, plural]) => ({ group, version: "v1alpha1", kind, plural, labelled: true }))
  ),
  ...backendResources,
];
