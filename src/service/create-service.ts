// From a configured service to one that serves: each kind has its factory.

import type { HttpService } from "../config/dynamic.ts";
import type { BuiltService, ServiceContext } from "./context.ts";
import { createFailover } from "./failover.ts";
import { createLoadBalancer } from "./load-balancer.ts";
import { createMirroring } from "./mirroring.ts";
import { createHighestRandomWeight, createWeighted } from "./weighted.ts";

/**
 * Builds a service.
 * @param key unique among services and the same in every build: what its state is kept under
 * @throws {ProxyError} when it can't serve at all; what can be left out is a problem of the result instead
 */
export function createService(key: string, config: HttpService, context: ServiceContext): BuiltService {
  switch (config.kind) {
    case "loadBalancer":
      return createLoadBalancer(key, config, context);
    case "weighted":
      return createWeighted(key, config, context);
    case "highestRandomWeight":
      return createHighestRandomWeight(key, config, context);
    case "mirroring":
      return createMirroring(key, config, context);
    case "failover":
      return createFailover(config, context);
  }
}
