// From a configured TCP service to one that serves.

import type { TcpService as TcpServiceConfig } from "../../config/dynamic-tcp.ts";
import { createTcpLoadBalancer } from "./tcp-load-balancer.ts";
import type { BuiltTcpService, TcpServiceContext } from "./tcp-service.ts";
import { createTcpWeighted } from "./tcp-weighted.ts";

/**
 * Builds a TCP service.
 * @param key unique among TCP services and the same in every build: what its state is kept under
 */
export function createTcpService(key: string, config: TcpServiceConfig, context: TcpServiceContext): BuiltTcpService {
  return config.kind === "loadBalancer"
    ? createTcpLoadBalancer(key, config, context)
    : createTcpWeighted(key, config, context);
}
