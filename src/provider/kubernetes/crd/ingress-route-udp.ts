// IngressRouteUDP objects → UDP routers, and the services that belong to them alone.

import type { UdpLoadBalancer } from "../../../config/dynamic-udp.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { displayName as joined, keyOf } from "../names.ts";
import type { KubeObject } from "../store/object.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import {
  addRouteService,
  childNames,
  deadChildKey,
  l4ServersOf,
  type PlacedL4Ref,
  serviceSource,
} from "./l4-backend.ts";
import { openRouteObject, type RouteObject } from "./route-object.ts";
import type { IngressRouteUdpSpec, UdpServiceRef } from "./schema-ingress-route-udp.ts";
import type { Translation } from "./translation.ts";

/** Adds the routes of one object to the configuration, or what is wrong with them to the problems. */
export function translateIngressRouteUdp(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const parse = translation.parser.traefik.IngressRouteUDP;
  const opened = openRouteObject(translation, { kind: "IngressRouteUDP", object, group, parse });
  if (opened === undefined) return;
  const { spec, referrer, name } = opened;
  const entryPoints = spec.entryPoints ?? [];
  for (const [index, { services }] of spec.routes.entries()) {
    // Datagrams have no rule to name a route by.
    const key = keyOf(referrer.key, index);
    const displayName = joined(joined(referrer.namespace, name), String(index));
    const path = ["spec", "routes", index];
    const { errors } = translation.errorsOf(() => addService(opened, services, { key, displayName, path }));
    translation.sections.udpRouters[key] = {
      ...(entryPoints.length > 0 && { entryPoints }),
      displayName,
      source: referrer.source,
      service: key,
      ...(errors.length > 0 && { defects: errors }),
    };
  }
}

interface Named {
  readonly key: string;
  readonly displayName: string;
  readonly path: FieldPath;
}

const NO_UDP_SERVERS: UdpLoadBalancer = { kind: "loadBalancer", servers: [] };

function addService(
  { translation, referrer }: RouteObject<IngressRouteUdpSpec>,
  refs: readonly UdpServiceRef[] = [],
  { key, displayName, path }: Named,
): void {
  const children = refs.map((ref, index) =>
    translateService(translation, { ref, path: [...path, "services", index], referrer, protocol: "UDP" })
  );
  if (children.length === 0) {
    translation.report(referrer.source, [...path, "services"], {
      code: "missing-field",
      message: '"services" is empty: the route has nowhere to send datagrams, and drops them',
    });
  }
  const named = { key, displayName, source: referrer.source, noServers: NO_UDP_SERVERS };
  addRouteService<UdpLoadBalancer>(translation.sections.udpServices, children, named);
}

function translateService(translation: Translation, placed: PlacedL4Ref<UdpServiceRef>) {
  const servers = l4ServersOf(translation, placed);
  const { key, displayName } = childNames(placed, {});
  const weight = placed.ref.weight ?? 1;
  if (servers === undefined) return { key: deadChildKey(placed), displayName, weight, service: NO_UDP_SERVERS };
  const service: UdpLoadBalancer = { kind: "loadBalancer", servers, source: serviceSource(placed) };
  return { key, displayName, weight, service };
}
