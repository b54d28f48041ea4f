// What `weir dev` says of the kinds of objects it finds: how to look at them.

import type { KubeObject } from "../dev/kube/object.ts";

/** Names for `kubectl get`, with their group: two groups have kinds of the same name. */
export function shownKinds(objects: Iterable<KubeObject>): string[] {
  const groups = new Set<string>();
  for (const { apiVersion, kind } of objects) {
    if (kind.startsWith("IngressRoute") || kind === "TraefikService" || kind === "Ingress") {
      const plural = kind === "Ingress" ? "ingresses" : `${kind.toLowerCase()}s`;
      groups.add(`${plural}.${apiVersion.slice(0, apiVersion.indexOf("/"))}`);
    }
  }
  return [...[...groups].sort(), "services", "pods"];
}
