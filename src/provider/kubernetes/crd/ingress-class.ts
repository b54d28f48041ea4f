// Whose object a route is: several controllers may share a cluster.

import { isRecord, type KubeObject } from "../store/object.ts";

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const DEFAULT_CLASS = "traefik";

/**
 * The annotation wins over `spec.ingressClassName`, as with Ingress. Read before parsing: objects of other classes are
 * not ours to judge.
 * @param wanted empty: objects without a class, or of the class `traefik`
 */
export function isOfClass({ metadata, raw }: KubeObject, wanted: string): boolean {
  const spec = raw["spec"];
  const field = isRecord(spec) ? spec["ingressClassName"] : undefined;
  const found = metadata.annotations[CLASS_ANNOTATION] ?? field ?? "";
  return wanted === "" ? found === "" || found === DEFAULT_CLASS : found === wanted;
}
