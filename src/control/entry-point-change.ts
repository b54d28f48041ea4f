// What becomes of entry points when their definitions change: who stays, who goes, and whose listener is passed on.

import { parseEntryPointAddress } from "../config/address.ts";
import type { EntryPointAddress } from "../config/address.ts";
import type { EntryPointConfiguration } from "../config/static-entry-points.ts";

/** Definitions by name. */
export type Definitions = Readonly<Record<string, EntryPointConfiguration>>;

/** A new or changed entry point. */
export interface Arrival {
  readonly name: string;
  readonly definition: EntryPointConfiguration;
  /** Whose listener it takes over, because the address is the same. */
  readonly donor: string | undefined;
  /** Options that only a new listener would have, but the donor's is in the way. */
  readonly unchanged: readonly string[];
}

/** The difference between two sets of definitions. */
export interface EntryPointPlan {
  readonly arrivals: readonly Arrival[];
  /** Names of entry points that are replaced, or gone. */
  readonly departures: readonly string[];
}

/** Compares. Pure. */
export function planChange(before: Definitions, after: Definitions): EntryPointPlan {
  const isAlike = (name: string): boolean => JSON.stringify(before[name]) === JSON.stringify(after[name]);
  const departures = Object.keys(before).filter((name) => !isAlike(name));
  const donors = new Set(departures);
  const arriving = Object.entries(after).filter(([name]) => !isAlike(name));
  const own = new Map(arriving.map(([name, definition]) => [name, takeDonor([name], definition, before, donors)]));
  const arrivals = arriving.map(([name, definition]): Arrival => {
    const isAnyPort = parseEntryPointAddress(definition.address)?.port === 0; // another name's port is not "any"
    const donor = own.get(name) ?? (isAnyPort ? undefined : takeDonor([...donors], definition, before, donors));
    return { name, definition, donor, unchanged: donor === undefined ? [] : fixedOptions(before[donor], definition) };
  });
  return { arrivals, departures };
}

/** @param candidates names, the best first */
function takeDonor(
  candidates: readonly string[],
  { address }: EntryPointConfiguration,
  before: Definitions,
  donors: Set<string>,
): string | undefined {
  const wanted = parseEntryPointAddress(address);
  const found = candidates.find((name) => donors.has(name) && isSame(before[name]?.address ?? "", wanted));
  if (found !== undefined) donors.delete(found);
  return found;
}

function isSame(address: string, wanted: EntryPointAddress | undefined): boolean {
  const { host, port, protocol } = parseEntryPointAddress(address) ?? {};
  return host === wanted?.host && port === wanted?.port && protocol === wanted?.protocol;
}

/** The options of the listener itself, where they differ. */
function fixedOptions(before: EntryPointConfiguration | undefined, after: EntryPointConfiguration): string[] {
  const fixed: string[] = [];
  if (before?.reusePort !== after.reusePort) fixed.push("reusePort");
  if (before?.transport.maxConnections !== after.transport.maxConnections) fixed.push("transport.maxConnections");
  return fixed;
}
