// Which Services routes and services refer to, so that the missing ones can be made up.

import { isObject, listAt, objectAt, textAt, valueAt } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, namespaceOf } from "../kube/object.ts";

/** A Service somebody wants to send traffic to. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  /** Number or name; undefined when the reference names none. */
  readonly port: number | string | undefined;
  readonly protocol: "TCP" | "UDP";
}

/** All references of all kinds that have some. */
export function listReferences(store: ObjectStore, kinds: KindRegistry): ServiceReference[] {
  const referring = kinds.all.filter((kind) => isTraefik(kind.group) || kind.kind === "Ingress");
  return referring.flatMap((kind) => store.list(kind).flatMap(referencesOf));
}

function isTraefik(group: string): boolean {
  return group === "traefik.io" || group === "traefik.containo.us";
}

/** The Services one object refers to. */
export function referencesOf(object: KubeObject): ServiceReference[] {
  const from = namespaceOf(object);
  const spec = objectAt(object, "spec");
  switch (object.kind) {
    case "IngressRoute":
    case "IngressRouteTCP":
      return listAt(spec, "routes").flatMap((route) => many(listAt(route, "services"), from, "TCP"));
    case "IngressRouteUDP":
      return listAt(spec, "routes").flatMap((route) => many(listAt(route, "services"), from, "UDP"));
    case "TraefikService":
      return many(traefikServiceRefs(spec), from, "TCP");
    case "Middleware":
      return many([valueAt(spec, "errors", "service")], from, "TCP");
    case "Ingress":
      return ingressBackends(spec).flatMap((backend) => backendReference(backend, from));
    default:
      return [];
  }
}

function traefikServiceRefs(spec: unknown): unknown[] {
  return [
    ...listAt(spec, "weighted", "services"),
    ...listAt(spec, "highestRandomWeight", "services"),
    valueAt(spec, "mirroring"),
    ...listAt(spec, "mirroring", "mirrors"),
    valueAt(spec, "failover", "service"),
    valueAt(spec, "failover", "fallback"),
  ];
}

function many(refs: readonly unknown[], from: string, protocol: "TCP" | "UDP"): ServiceReference[] {
  return refs.flatMap((ref) => {
    const name = textAt(ref, "name");
    const kind = textAt(ref, "kind") ?? "Service";
    if (name === undefined || kind !== "Service" || name.includes("@")) return [];
    return [{ namespace: textAt(ref, "namespace") ?? from, name, port: portOf(valueAt(ref, "port")), protocol }];
  });
}

function ingressBackends(spec: unknown): unknown[] {
  const paths = listAt(spec, "rules").flatMap((rule) => listAt(rule, "http", "paths"));
  return [valueAt(spec, "defaultBackend"), ...paths.map((path) => valueAt(path, "backend"))];
}

function backendReference(backend: unknown, namespace: string): ServiceReference[] {
  const name = textAt(backend, "service", "name");
  if (!isObject(backend) || name === undefined) return [];
  const port = portOf(valueAt(backend, "service", "port", "number") ?? valueAt(backend, "service", "port", "name"));
  return [{ namespace, name, port, protocol: "TCP" }];
}

function portOf(port: unknown): number | string | undefined {
  if (typeof port === "string" && /^\d+$/.test(port)) return Number(port);
  return typeof port === "number" || typeof port === "string" ? port : undefined;
}
