// What belongs to hosts: to one by its name, or to all of one label and a parent.

import { parentOf } from "../rule/host-pattern.ts";
import type { KnownHost } from "../rule/specialize.ts";

/** Lists by host, each in the order of adding. */
export class HostLists<T> {
  readonly exact = new Map<string, T[]>();
  /** By what follows the first label. */
  readonly wildcard = new Map<string, T[]>();

  /** Adds to the list of a host, or to that of a wildcard. */
  add(known: KnownHost, value: T): void {
    if (known.type === "exact") append(this.exact, known.host, value);
    else append(this.wildcard, known.parent, value);
  }

  /** The list of that very host. @param host in lower case */
  exactOf(host: string): readonly T[] | undefined {
    return this.exact.get(host);
  }

  /** The list of the wildcard that takes a host. */
  wildcardOf(host: string): readonly T[] | undefined {
    if (this.wildcard.size === 0) return undefined;
    const parent = parentOf(host);
    return parent === undefined ? undefined : this.wildcard.get(parent);
  }
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
