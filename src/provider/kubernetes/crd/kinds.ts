// The kinds that this provider lists and watches.

import type { Resource } from "../client/resource.ts";
import { traefikGroups } from "./schemas.ts";

const traefikKinds: readonly (readonly [kind: string, plural: string])[] = [
  ["IngressRoute", "ingressroutes"],
  ["TraefikService", "traefikservices"],
  ["Middleware", "middlewares"],
  ["ServersTransport", "serverstransports"],
];

/** Traefik's kinds in both groups, which carry the label selector, and the built-in kinds they lead to. */
export const crdResources: readonly Resource[] = [
  ...traefikGroups.flatMap((group) =>
    traefikKinds.map(([kind, plural]) => ({ group, version: "v1alpha1", kind, plural, labelled: true }))
  ),
  { group: "", version: "v1", kind: "Service", plural: "services", labelled: false },
  { group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices", labelled: false },
];
