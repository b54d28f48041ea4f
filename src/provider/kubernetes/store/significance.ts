// Whether a new version of an object says anything new: controllers rewrite stamps and counters all the time.

import { sameValue } from "./same-value.ts";
import { isRecord, type KubeObject, namespacedName } from "./object.ts";

/** Parts of an object that weir reads, of kinds that change all the time; of other kinds, everything counts. */
const significant: Readonly<Record<string, (object: KubeObject) => readonly unknown[]>> = {
  "discovery.k8s.io/EndpointSlice": ({ raw, metadata }) => [
    raw["addressType"],
    raw["endpoints"],
    raw["ports"],
    metadata.labels[SERVICE_NAME_LABEL],
    metadata.creationTimestamp,
  ],
  "/Node": ({ raw }) => [isRecord(raw["status"]) ? raw["status"]["addresses"] : undefined],
};

/** Marks an EndpointSlice with the Service it belongs to. */
export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

/** The Service that a slice belongs to, as {@link namespacedName} writes it. */
export function serviceOf({ metadata }: KubeObject): string {
  return namespacedName(metadata.namespace, metadata.labels[SERVICE_NAME_LABEL] ?? "");
}

/** @param id `group/Kind` of both */
export function saysTheSame(id: string, a: KubeObject, b: KubeObject): boolean {
  const parts = significant[id] ?? allParts;
  return sameValue(parts(a), parts(b));
}

/** Everything but the version stamps. */
function allParts({ raw }: KubeObject): readonly unknown[] {
  const { metadata, ...rest } = raw;
  if (!isRecord(metadata)) return [metadata, rest];
  const { resourceVersion: _, generation: __, ...kept } = metadata;
  return [kept, rest];
}
