// From a configured UDP service to one that serves: load balancers and what is made of them.

import type { BalancerEntry } from "../../balancer/entry.ts";
import type { WeightedServices } from "../../config/dynamic-part.ts";
import type { UdpLoadBalancer, UdpService as UdpServiceConfig } from "../../config/dynamic-udp.ts";
import { childEntries } from "../children.ts";
import type { ServiceProblem } from "../context.ts";
import { Selector } from "../selector.ts";
import { createUdpTarget, UdpServerLease } from "./udp-lease.ts";
import type { UdpTarget } from "./udp-lease.ts";
import type { BuiltUdpService, UdpService, UdpServiceContext } from "./udp-service.ts";

/**
 * Builds a UDP service.
 * @param key unique among UDP services and the same in every build: what its state is kept under
 */
export function createUdpService(key: string, config: UdpServiceConfig, context: UdpServiceContext): BuiltUdpService {
  return config.kind === "loadBalancer"
    ? createLoadBalancer(key, config, context)
    : createWeighted(key, config, context);
}

function createLoadBalancer(key: string, config: UdpLoadBalancer, context: UdpServiceContext): BuiltUdpService {
  const problems: ServiceProblem[] = [];
  const entries: BalancerEntry<UdpTarget>[] = [];
  for (const [index, { address, fenced = false }] of config.servers.entries()) {
    const target = createUdpTarget(key, address, context);
    if (target === undefined) problems.push(badAddress(address, index));
    else entries.push({ key: address, item: target, weight: 1, fenced });
  }
  const now = (): number => context.now();
  const isResting = (target: UdpTarget): boolean => target.rest.isResting(now);
  const strategy = config.strategy ?? "wrr";
  const selector = new Selector({ key: `udp ${key}`, entries, strategy, context, isResting });
  const service: UdpService = {
    name: context.name,
    handler(client) {
      const slot = selector.pick(client);
      return slot === undefined ? undefined : new UdpServerLease(slot, context);
    },
    available: () => selector.hasAvailable(),
  };
  return { service, problems };
}

/** A child that is missing is left out with a problem; one that can't serve is skipped. */
function createWeighted(key: string, config: WeightedServices, context: UdpServiceContext): BuiltUdpService {
  const problems: ServiceProblem[] = [];
  const entries = childEntries(config.services, context, problems);
  const available = (child: UdpService): boolean => child.available();
  const selector = new Selector({ key: `udp ${key}`, entries, strategy: "wrr", context, available });
  const service: UdpService = {
    name: context.name,
    handler: (client) => selector.pick(client)?.item.handler(client),
    available: () => selector.hasAvailable(),
  };
  return { service, problems };
}

function badAddress(address: string, index: number): ServiceProblem {
  return {
    severity: "error",
    code: "bad-server-address",
    message: `server address "${address}" is not of the form host:port`,
    hint: "an IPv6 host is in brackets; this server gets no datagrams",
    path: ["servers", index, "address"],
  };
}
