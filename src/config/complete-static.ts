// What the options imply: entry points that open by themselves, and names that must fit together.

import type { Problem } from "../schema/problem.ts";
import { hintFor } from "../schema/suggest.ts";
import { parseEntryPointAddress } from "./address.ts";
import type { StaticConfiguration } from "./static.ts";
import { entryPointSchema } from "./static-entry-points.ts";
import type { EntryPointConfiguration } from "./static-entry-points.ts";

const INTERNAL = "traefik"; // Traefik's name for the entry point of the API, ping and metrics

/** Adds `http` on :80 when no entry point is declared, and `traefik` on :8080 when something needs it. */
export function addEntryPoints(configuration: StaticConfiguration): StaticConfiguration {
  const declared = configuration.entryPoints;
  const entryPoints = Object.keys(declared).length === 0 ? { http: entryPointAt(":80") } : { ...declared };
  if (needsInternal(configuration) && !Object.hasOwn(entryPoints, INTERNAL)) {
    return { ...configuration, entryPoints: { ...entryPoints, [INTERNAL]: entryPointAt(":8080") } };
  }
  return { ...configuration, entryPoints };
}

/** An entry point with all defaults, as `weir dev` opens them. @param address `[host]:port[/tcp|/udp]` */
export function entryPointAt(address: string): EntryPointConfiguration {
  return entryPointSchema.parse({ address });
}

/**
 * The entry points of routers that name none: those marked `asDefault`, else every TCP one except `traefik`.
 * Sorted by name.
 */
export function defaultEntryPoints(entryPoints: StaticConfiguration["entryPoints"]): string[] {
  const tcp = Object.entries(entryPoints).filter(([, { address }]) => {
    return parseEntryPointAddress(address)?.protocol === "tcp";
  });
  const marked = tcp.filter(([, entryPoint]) => entryPoint.asDefault);
  const chosen = marked.length > 0 ? marked : tcp.filter(([name]) => name !== INTERNAL);
  return chosen.map(([name]) => name).toSorted();
}

/** References between options that lead nowhere, and addresses taken twice. */
export function checkStatic(configuration: StaticConfiguration): Problem[] {
  const { entryPoints, ping, metrics } = configuration;
  const names = Object.keys(entryPoints);
  const problems: Problem[] = [];
  const expectEntryPoint = (name: string, path: readonly string[]): void => {
    if (names.includes(name)) return;
    const hint = hintFor(name, names);
    problems.push({
      severity: "error",
      code: "unknown-entry-point",
      message: `${JSON.stringify(path.join("."))} names the entry point ${JSON.stringify(name)}, which does not exist`,
      ...(hint !== undefined && { hint }),
      path,
    });
  };
  if (ping !== undefined && !ping.manualRouting) expectEntryPoint(ping.entryPoint, ["ping", "entryPoint"]);
  const prometheus = metrics.prometheus;
  if (prometheus !== undefined && !prometheus.manualRouting) {
    expectEntryPoint(prometheus.entryPoint, ["metrics", "prometheus", "entryPoint"]);
  }
  for (const [name, { http }] of Object.entries(entryPoints)) {
    const target = http.redirections?.entryPoint.to;
    if (target === undefined || target.startsWith(":")) continue;
    expectEntryPoint(target, ["entryPoints", name, "http", "redirections", "entryPoint", "to"]);
  }
  return [...problems, ...checkAddresses(entryPoints), ...checkPrecedence(configuration)];
}

/** What Traefik calls its providers in `providers.precedence`. */
const PROVIDER_NAMES = [
  ...["kubernetesgateway", "kubernetescrd", "kubernetes", "kubernetesingressnginx", "swarm", "docker", "file", "redis"],
  ...["knative", "consul", "consulcatalog", "nomad", "etcd", "ecs", "http", "zookeeper", "rest", "internal", "plugin"],
];

/** Only a warning: a program that embeds weir brings providers of its own. */
function checkPrecedence({ providers }: StaticConfiguration): Problem[] {
  return providers.precedence.filter((name) => !PROVIDER_NAMES.includes(name.toLowerCase())).map((name) => {
    const hint = name.toLowerCase() === "kubernetesingress"
      ? 'did you mean "kubernetes"? So the provider of Ingresses is called'
      : hintFor(name, PROVIDER_NAMES);
    return {
      severity: "warning",
      code: "unknown-provider",
      message: `"providers.precedence" names ${JSON.stringify(name)}, which is no provider weir knows`,
      ...(hint !== undefined && { hint }),
      path: ["providers", "precedence"],
    };
  });
}

function checkAddresses(entryPoints: StaticConfiguration["entryPoints"]): Problem[] {
  const problems: Problem[] = [];
  const takenBy = new Map<string, string>();
  for (const [name, { address, reusePort }] of Object.entries(entryPoints)) {
    const parsed = parseEntryPointAddress(address);
    if (parsed === undefined || parsed.port === 0 || reusePort) continue;
    const key = `${parsed.protocol} ${parsed.host} ${parsed.port}`;
    const other = takenBy.get(key);
    if (other === undefined) takenBy.set(key, name);
    else problems.push(addressTaken(name, other, address));
  }
  return problems;
}

function addressTaken(name: string, other: string, address: string): Problem {
  return {
    severity: "error",
    code: "address-taken",
    message: `the entry points ${JSON.stringify(other)} and ${JSON.stringify(name)} both listen on ${address}`,
    hint: "give one of them another port",
    path: ["entryPoints", name, "address"],
  };
}

function needsInternal({ api, ping, metrics }: StaticConfiguration): boolean {
  const prometheus = metrics.prometheus;
  return api?.insecure === true ||
    (ping !== undefined && !ping.manualRouting && ping.entryPoint === INTERNAL) ||
    (prometheus !== undefined && !prometheus.manualRouting && prometheus.entryPoint === INTERNAL);
}
