// Which objects ask for the address of a Service or of Nodes: a local cluster has none that anybody answers at.

import { isObject, textAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";

const FIELDS: ReadonlySet<string> = new Set(["nativeLB", "nodePortLB"]);
const ANNOTATIONS = ["nativelb", "nodeportlb"].map((name) => `traefik.ingress.kubernetes.io/service.${name}`);
const MAX_DEPTH = 12; // of a field that refers to a Service; the errors of a chain of middlewares are not half as deep

/** Whether an object has traffic sent to addresses that are simulated. */
export function asksForAddress(object: KubeObject): boolean {
  if (ANNOTATIONS.some((name) => textAt(object, "metadata", "annotations", name) === "true")) return true;
  return /^traefik\./.test(object.apiVersion) && isAskedIn(object["spec"], MAX_DEPTH);
}

function isAskedIn(value: unknown, depth: number): boolean {
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.some((item) => isAskedIn(item, depth - 1));
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, inner]) =>
    (FIELDS.has(name) && inner === true) || isAskedIn(inner, depth - 1)
  );
}
