// What `weir dev` says of the kinds of objects it finds: which are shown, and which are not served yet.

import type { KubeObject } from "../dev/kube/object.ts";
import type { Problem } from "../schema/problem.ts";

/** Kinds of routes that weir stores and does not serve. */
const notYet: ReadonlyMap<string, string> = new Map([
  ["IngressRouteTCP", "TCP"],
  ["IngressRouteUDP", "UDP"],
]);

/** A warning for each object that asks for what weir does not do yet. */
export function notServed(objects: Iterable<KubeObject>): Problem[] {
  const problems: Problem[] = [];
  for (const { apiVersion, kind, metadata } of objects) {
    const what = notYet.get(kind);
    if (what === undefined) continue;
    const { name, namespace = "" } = metadata;
    problems.push({
      severity: "warning",
      code: "not-served-yet",
      message: `${kind} ${namespace}/${name} is stored, but ${what} routes are not served yet`,
      source: { type: "object", apiVersion, kind, namespace, name },
    });
  }
  return problems;
}

/** Names for `kubectl get`, with their group: two groups have kinds of the same name. */
export function shownKinds(objects: Iterable<KubeObject>): string[] {
  const groups = new Set<string>();
  for (const { apiVersion, kind } of objects) {
    if (kind === "IngressRoute" || kind === "TraefikService" || kind === "Ingress") {
      const plural = kind === "Ingress" ? "ingresses" : `${kind.toLowerCase()}s`;
      groups.add(`${plural}.${apiVersion.slice(0, apiVersion.indexOf("/"))}`);
    }
  }
  return [...[...groups].sort(), "services", "pods"];
}
