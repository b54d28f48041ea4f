// The TCP service that has servers: chooses one for each connection, and another one while that can't be reached.

import type { Slot } from "../../balancer/entry.ts";
import type { TcpLoadBalancer } from "../../config/dynamic-tcp.ts";
import type { TcpSession } from "../../net/tcp-session.ts";
import type { ServiceProblem } from "../context.ts";
import { Selector } from "../selector.ts";
import { TcpExchange } from "./tcp-exchange.ts";
import { createTcpServerPool } from "./tcp-server-pool.ts";
import type { PooledTcpServer } from "./tcp-server-pool.ts";
import type { BuiltTcpService, TcpServiceContext } from "./tcp-service.ts";

/** What the connections of one load balancer share. */
export interface TcpBalancing {
  readonly context: TcpServiceContext;
  readonly selector: Selector<PooledTcpServer>;
  /** There is another server to try. */
  readonly canFailOver: boolean;
}

/** Builds a load balancer. A server that can't be used is left out, with a problem. */
export function createTcpLoadBalancer(
  key: string,
  config: TcpLoadBalancer,
  context: TcpServiceContext,
): BuiltTcpService {
  const problems: ServiceProblem[] = [];
  const pool = createTcpServerPool(key, config, context, problems);
  const now = (): number => context.now();
  const selector = new Selector({
    key: `tcp ${key}`,
    entries: pool.entries,
    strategy: config.strategy ?? "wrr",
    context,
    isResting: (server: PooledTcpServer) => server.rest.isResting(now),
    ...(pool.isChecked && { available: (server: PooledTcpServer) => server.health.up }),
  });
  const canFailOver = selector.slots.filter((slot: Slot<PooledTcpServer>) => slot.weight > 0).length > 1;
  const balancing: TcpBalancing = { context, selector, canFailOver };
  const service = {
    name: context.name,
    handler: (session: TcpSession) => new TcpExchange(session, balancing).begin(),
    available: () => selector.hasAvailable(),
    serverStatus: () => pool.status(),
  };
  return { service, problems };
}
