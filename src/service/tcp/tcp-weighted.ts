// TCP services made of TCP services: each connection goes to one of them, by weight.

import type { WeightedServices } from "../../config/dynamic-part.ts";
import { childEntries } from "../children.ts";
import type { ServiceProblem } from "../context.ts";
import { Selector } from "../selector.ts";
import type { BuiltTcpService, TcpService, TcpServiceContext } from "./tcp-service.ts";

/** Builds a weighted service. A child that is missing is left out with a problem; one that can't serve is skipped. */
export function createTcpWeighted(key: string, config: WeightedServices, context: TcpServiceContext): BuiltTcpService {
  const problems: ServiceProblem[] = [];
  const entries = childEntries(config.services, context, problems);
  const available = (child: TcpService): boolean => child.available();
  const selector = new Selector({ key: `tcp ${key}`, entries, strategy: "wrr", context, available });
  const service: TcpService = {
    name: context.name,
    handler(session) {
      const slot = selector.pick(session);
      if (slot !== undefined) return slot.item.handler(session);
      context.logger.debug("no TCP service is available", { ClientAddr: session.remote.ip });
      session.refuse();
    },
    available: () => selector.hasAvailable(),
    serverStatus: () => ({}),
  };
  return { service, problems };
}
