// UDP routers and services, checked as far as that is possible without serving them.

import type { UdpRouter, UdpService } from "../config/dynamic-udp.ts";
import type { Merged } from "../config/merge-section.ts";
import type { Problem } from "../schema/problem.ts";
import { chooseEntryPoints, protocolOf } from "./entry-points.ts";
import { L4RouterFaults } from "./l4-faults.ts";
import { L4Services } from "./l4-services.ts";
import type { L4Parts } from "./l4-tcp.ts";
import { notServedYet } from "./not-served.ts";
import type { RoutingPartStatus, UdpStatus } from "./status.ts";
import { degrade, newRoutingStatus } from "./status.ts";
import { Usage } from "./usage.ts";

/** Checks all UDP parts. */
export function checkUdp(parts: L4Parts): { readonly status: UdpStatus; readonly problems: readonly Problem[] } {
  const { udp } = parts.config;
  const services = new L4Services<UdpService>(udp.services, () => []);
  /** Entry point → its router: datagrams have nothing that a second one could be told by. */
  const taken = new Map<string, string>();
  const routers = Object.entries(udp.routers).map(([key, router]) =>
    checkRouter(key, router, { ...parts, services, taken })
  );
  const usage = new Usage(
    udp.services,
    routers.map(({ status }) => ({ router: status.name, service: status.config.service, middlewares: [] })),
  );
  const sound = routers.filter(({ status }) => status.state !== "disabled").map(({ status }) => status);
  for (const status of sound) degrade(status, "disabled", "UDP is not served yet");
  return {
    status: {
      routers: routers.map(({ status }) => status),
      services: services.statuses((key) => usage.ofService(key)),
    },
    problems: [
      ...routers.flatMap(({ problems }) => problems),
      ...services.problems,
      ...(sound.length === 0 ? [] : [
        notServedYet("UDP", sound.map(({ config }) => config), "its routers get no datagrams"),
      ]),
    ],
  };
}

interface UdpParts extends L4Parts {
  readonly services: L4Services<UdpService>;
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
  for (const defect of router.defects ?? []) degrade(status, "disabled", defect);
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
