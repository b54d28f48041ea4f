// `--map [namespace/]service=host:port`: Services that real processes answer for.

import type { Problem } from "../../schema/problem.ts";

/** A process that answers for a Service. */
export interface MapTarget {
  readonly host: string;
  readonly port: number;
  /** As an EndpointSlice names it. */
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
}

/** Targets by `namespace/service`. */
export type ServiceMap = ReadonlyMap<string, readonly MapTarget[]>;

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const HIGHEST_PORT = 65535;

/** Parses every `--map`. The same service may be given several targets, by comma or by repeating the option. */
export function parseServiceMaps(texts: readonly string[]): { map: ServiceMap; problems: Problem[] } {
  const map = new Map<string, MapTarget[]>();
  const problems: Problem[] = [];
  for (const text of texts) {
    const equals = text.indexOf("=");
    const service = serviceKey(text.slice(0, Math.max(equals, 0)));
    const targets = text.slice(equals + 1).split(",").map(parseTarget);
    const valid = targets.filter((target) => target !== undefined);
    if (service === undefined || valid.length !== targets.length) problems.push(mapProblem(text));
    else map.set(service, [...map.get(service) ?? [], ...valid]);
  }
  return { map, problems };
}

function serviceKey(text: string): string | undefined {
  const parts = text.trim().split("/");
  const [namespace, name] = parts.length === 1 ? ["default", parts[0]] : parts;
  if (parts.length > 2 || namespace === undefined || name === undefined) return undefined;
  return NAME.test(namespace) && NAME.test(name) ? `${namespace}/${name}` : undefined;
}

function parseTarget(text: string): MapTarget | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text.trim());
  if (match === null) return undefined;
  const [, six, name = "", digits] = match;
  const port = Number(digits);
  if (port < 1 || port > HIGHEST_PORT) return undefined;
  if (six !== undefined) return { host: six, port, addressType: "IPv6" };
  const host = name === "" || name === "localhost" ? "127.0.0.1" : name.toLowerCase();
  if (IPV4.test(host)) return { host, port, addressType: "IPv4" };
  return NAME.test(host) ? { host, port, addressType: "FQDN" } : undefined;
}

function mapProblem(text: string): Problem {
  return {
    severity: "error",
    code: "invalid-map",
    message: `--map ${JSON.stringify(text)} is not [namespace/]service=host:port`,
    hint: "for instance --map app-v1=localhost:3000, or --map shop/cart=127.0.0.1:3000,127.0.0.1:3001",
    source: { type: "flag", flag: "--map" },
  };
}
