// The services that a service is made of: a missing one is a problem, not the end of its parent.

import type { BalancerEntry } from "../balancer/entry.ts";
import type { WeightedChild } from "../config/dynamic-part.ts";
import { toProxyError } from "../net/error.ts";
import type { ServiceProblem } from "./context.ts";

/** Finds services by the name a configuration refers to them by, of one protocol. @throws {ProxyError} */
export interface ChildFinder<S> {
  child(name: string): S;
}

/** A reference from one service's configuration to another service. */
export interface ChildReference {
  readonly name: string;
  /** Of the field inside the configuration that holds the name. */
  readonly path: readonly (string | number)[];
  /** What happens without it. */
  readonly hint: string;
}

/** @returns undefined, and a problem, when the service is missing or can't be built */
export function findChild<S>(
  context: ChildFinder<S>,
  reference: ChildReference,
  problems: ServiceProblem[],
): S | undefined {
  const { name, path, hint } = reference;
  try {
    return context.child(name);
  } catch (thrown) {
    const { code, message } = toProxyError(thrown);
    problems.push({ severity: "error", code, message, hint, path });
    return undefined;
  }
}

/** Children under the names that sticky cookies and hrw scores use: without provider, unless two would be equal. */
export function childEntries<S extends { readonly name: string }>(
  services: readonly WeightedChild[],
  context: ChildFinder<S>,
  problems: ServiceProblem[],
): BalancerEntry<S>[] {
  const entries: BalancerEntry<S>[] = [];
  const taken = new Set<string>();
  for (const [index, { name, weight }] of services.entries()) {
    const path = ["services", index, "name"];
    const hint = "the other services go on; this one's share is spread over them";
    const child = findChild(context, { name, path, hint }, problems);
    if (child === undefined) continue;
    const short = child.name.replace(/@[^@]*$/, "");
    const entryKey = taken.has(short) ? child.name : short;
    taken.add(entryKey);
    entries.push({ key: entryKey, item: child, weight });
  }
  return entries;
}
