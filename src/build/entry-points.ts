// Which entry points a router serves: those it names, else the default ones.

import { parseEntryPointAddress } from "../config/address.ts";
import { defaultEntryPoints } from "../config/complete-static.ts";
import type { StaticConfiguration } from "../config/static.ts";
import { toRouterTls } from "../config/tls-part.ts";
import type { EntryPointFacts } from "./context.ts";

/** What routers need to know of the entry points of a configuration. */
export function entryPointFacts(entryPoints: StaticConfiguration["entryPoints"]): EntryPointFacts[] {
  const defaults = defaultEntryPoints(entryPoints);
  return Object.entries(entryPoints).map(([name, { address, http: { middlewares, tls } }]): EntryPointFacts => {
    if (parseEntryPointAddress(address)?.protocol === "udp") {
      return { name, isDefault: false, middlewares: [], protocol: "udp" };
    }
    const facts = { name, isDefault: defaults.includes(name), middlewares };
    return tls === undefined ? facts : { ...facts, tls: toRouterTls(tls) };
  });
}

/** What a router's list of names stands for. */
export interface ChosenEntryPoints {
  readonly found: readonly EntryPointFacts[];
  /** What is wrong with each name that stands for nothing. */
  readonly missing: readonly { readonly message: string; readonly hint?: string | undefined }[];
}

/** @param known those of the router's protocol @param others those of the other protocol */
export function chooseEntryPoints(
  wanted: readonly string[] | undefined,
  known: readonly EntryPointFacts[],
  others: readonly EntryPointFacts[] = [],
): ChosenEntryPoints {
  if (wanted === undefined || wanted.length === 0) {
    return { found: known.filter(({ isDefault }) => isDefault), missing: [] };
  }
  const found = known.filter(({ name }) => wanted.includes(name));
  const missing = [...new Set(wanted)].filter((name) => !found.some((entryPoint) => entryPoint.name === name));
  return { found, missing: missing.map((name) => explain(name, known, others)) };
}

function explain(
  name: string,
  known: readonly EntryPointFacts[],
  others: readonly EntryPointFacts[],
): ChosenEntryPoints["missing"][number] {
  const other = others.find((entryPoint) => entryPoint.name === name);
  if (other !== undefined) {
    return { message: `the entry point ${name} speaks ${protocolOf(other) === "udp" ? "UDP" : "TCP"}` };
  }
  const message = `there is no entry point ${name}`;
  if (known.length > 0) return { message, hint: `there are: ${known.map((each) => each.name).join(", ")}` };
  const suffix = others.some((each) => protocolOf(each) === "tcp") ? "/udp" : "";
  return { message, hint: `there is none; declare it with --entrypoints.${name}.address=:PORT${suffix}` };
}

/** TCP, unless said otherwise. */
export function protocolOf({ protocol = "tcp" }: EntryPointFacts): "tcp" | "udp" {
  return protocol;
}
