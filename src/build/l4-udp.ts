// UDP routers and services: checked, and built into what has the sessions of entry points.

import type { UdpRouter, UdpService as UdpServiceConfig } from "../config/dynamic-udp.ts";
import type { Merged } from "../config/merge-section.ts";
import type { UdpHandler } from "../net/udp-handler.ts";
import type { Problem } from "../schema/problem.ts";
import { createIdleMeter } from "../service/tcp/tcp-transport.ts";
import { createUdpService } from "../service/udp/create-udp-service.ts";
import type { UdpService } from "../service/udp/udp-service.ts";
import type { BuildContext } from "./context.ts";
import { chooseEntryPoints, protocolOf } from "./entry-points.ts";
import { L4RouterFaults } from "./l4-faults.ts";
import { L4ServiceBuilder } from "./l4-service-builder.ts";
import { L4Services } from "./l4-services.ts";
import type { L4Parts } from "./l4-tcp.ts";
import type { RoutingPartStatus, UdpStatus } from "./status.ts";
import { nameOf, newRoutingStatus } from "./status.ts";
import { Usage } from "./usage.ts";

/** What became of the UDP parts. */
export interface UdpOutcome {
  readonly status: UdpStatus;
  readonly problems: readonly Problem[];
  /** What has the sessions of each entry point. */
  readonly handlers: ReadonlyMap<string, UdpHandler>;
}

/** Builds all UDP parts. */
export function buildUdp(parts: L4Parts): UdpOutcome {
  const { config: { udp }, context } = parts;
  const services = new L4Services<UdpServiceConfig>(udp.services, () => []);
  const found = services.problems;
  const built = createBuilder(udp.services, services, context);
  /** Entry point → its router: datagrams have nothing that a second one could be told by. */
  const taken = new Map<string, string>();
  const handlers = new Map<string, UdpHandler>();
  const routers = Object.entries(udp.routers).map(([key, router]) => {
    const checked = checkRouter(key, router, { ...parts, services, taken });
    const service = checked.status.state === "disabled" ? undefined : built.get(router.service);
    if (service !== undefined) { for (const name of checked.status.using) handlers.set(name, service.handler); }
    return checked;
  });
  const usage = new Usage(
    udp.services,
    routers.map(({ status }) => ({ router: status.name, service: status.config.service, middlewares: [] })),
  );
  return {
    handlers,
    status: {
      routers: routers.map(({ status }) => status),
      services: services.statuses((key) => usage.ofService(key)),
    },
    problems: [...routers.flatMap(({ problems }) => problems), ...found, ...built.problems],
  };
}

function createBuilder(
  configs: L4Parts["config"]["udp"]["services"],
  checked: L4Services<UdpServiceConfig>,
  { logger, state, meters }: BuildContext,
): L4ServiceBuilder<UdpServiceConfig, UdpService> {
  return new L4ServiceBuilder(configs, checked, (key, service, child) => {
    const name = nameOf(service);
    return createUdpService(key, service, {
      name,
      state,
      logger: logger.with({ serviceName: name }),
      now: () => performance.now(),
      random: () => Math.random(),
      meter: (service.kind === "loadBalancer" ? meters?.l4Service?.(name, "udp") : undefined) ?? createIdleMeter(),
      child,
    });
  });
}

interface UdpParts extends L4Parts {
  readonly services: L4Services<UdpServiceConfig>;
  readonly taken: Map<string, string>;
}

function checkRouter(key: string, router: Merged<UdpRouter>, parts: UdpParts) {
  const status: RoutingPartStatus<Merged<UdpRouter>> = newRoutingStatus(key, router);
  const faults = new L4RouterFaults(status);
  const chosen = chooseEntryPoints(
    router.entryPoints,
    parts.entryPoints.filter((each) => protocolOf(each) === "udp").map((each) => ({ ...each, isDefault: false })),
    parts.entryPoints.filter((each) => protocolOf(each) === "tcp"),
  );
  const { found, missing } = chosen;
  if (found.length === 0 && missing.length === 0) {
    faults.add({ code: "no-entry-point", message: "it names no entry point, and UDP has no default ones" });
  }
  faults.addEntryPoints(chosen);
  faults.addService(parts.services, router.service);
  faults.addDefects(router.defects, parts.services.isFilled(router.service));
  if (status.state !== "disabled") claim(found.map(({ name }) => name), { status, faults, taken: parts.taken });
  return { status, problems: faults.problems };
}

interface Claimant {
  readonly status: RoutingPartStatus<Merged<UdpRouter>>;
  readonly faults: L4RouterFaults;
  readonly taken: Map<string, string>;
}

/** The first router of an entry point keeps it. */
function claim(names: readonly string[], { status, faults, taken }: Claimant): void {
  const free = names.filter((name) => !taken.has(name));
  for (const name of names) {
    const owner = taken.get(name);
    if (owner === undefined) continue;
    faults.add({
      severity: free.length === 0 ? "error" : "warning",
      code: "entry-point-taken",
      message: `the entry point ${name} has the router ${owner} already, and UDP entry points have one`,
    });
  }
  for (const name of free) taken.set(name, status.name);
  status.using.push(...free);
}
