// The name of a lease, by what its holders select: two controllers that see different objects must not share one.

import { sha256Hex } from "../../../net/hash.ts";

/** Filters that make two controllers of one cluster different ones. */
export interface LeaseFilters {
  readonly ingressClass?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
}

const LABEL = /^[a-z0-9]([-a-z0-9.]{0,60}[a-z0-9])?$/;

/** The name of a lease that only controllers with the same filters share: others write what this one does not see. */
export function defaultLeaseName({ ingressClass = "", labelSelector = "", namespaces = [] }: LeaseFilters): string {
  const isPlain = labelSelector === "" && namespaces.length === 0;
  if (isPlain && ingressClass === "") return "weir";
  if (isPlain && LABEL.test(ingressClass)) return `weir-${ingressClass}`;
  const filters = JSON.stringify([ingressClass, labelSelector, [...new Set(namespaces)].sort()]);
  return `weir-${sha256Hex(filters).slice(0, 10)}`;
}
