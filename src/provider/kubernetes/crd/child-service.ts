// A service reference inside a weighted service, a mirroring and so on → the key of the service it means.

import { translateServiceRef } from "./load-balancer.ts";
import type { PlacedRef } from "./placed-ref.ts";
import type { Translation } from "./translation.ts";

/**
 * Adds the load balancer of a Service to the configuration; TraefikServices are there anyway.
 * @returns a key or a qualified name; undefined when a TraefikService is missing or refused, which has been reported
 */
export function childService(translation: Translation, placed: PlacedRef): string | undefined {
  if (placed.ref.kind === "TraefikService") return traefikServiceKey(translation, placed);
  const { key, displayName, service } = translateServiceRef(translation, placed);
  translation.sections.services[key] ??= { ...service, displayName };
  return key;
}

/** `api@internal` and `name@provider` are allowed where a TraefikService is. */
export function traefikServiceKey(translation: Translation, { ref, path, referrer }: PlacedRef): string | undefined {
  return translation.resolve({
    kind: "TraefikService",
    name: ref.name,
    namespace: ref.namespace,
    path: [...path, "name"],
    namespacePath: [...path, "namespace"],
    crossProvider: true,
  }, referrer);
}
