// The quality of service of a pod: what its containers ask for and are limited to.

import { type JsonObject, listAt, objectAt } from "../json.ts";
import { quantityNumber } from "./quantity.ts";

const RESOURCES = ["cpu", "memory"];

/** `Guaranteed`, `Burstable` or `BestEffort`. */
export function qosClass(spec: JsonObject): string {
  const containers = [...listAt(spec, "containers"), ...listAt(spec, "initContainers")];
  let [some, all] = [false, true];
  for (const container of containers) {
    const limits = objectAt(container, "resources", "limits");
    const requests = objectAt(container, "resources", "requests");
    for (const resource of RESOURCES) {
      const [limit, request] = [quantityNumber(limits[resource]), quantityNumber(requests[resource])];
      if (limit > 0 || request > 0) some = true;
      if (!(limit > 0) || limit !== request) all = false;
    }
  }
  if (!some) return "BestEffort";
  return all ? "Guaranteed" : "Burstable";
}
