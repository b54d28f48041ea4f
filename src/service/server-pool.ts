// The servers of a load balancer: where each is, and whether it is up.

import type { BalancerEntry } from "../balancer/entry.ts";
import type { LoadBalancer } from "../config/dynamic.ts";
import type { ServiceContext, ServiceProblem } from "./context.ts";
import { createProbePlan } from "./probe-plan.ts";
import { isServerHealth, ServerHealth } from "./server-health.ts";
import { isServerRest, ServerRest } from "./server-rest.ts";
import { createTarget } from "./target.ts";
import type { Target } from "./transport.ts";

/** A server as a load balancer holds it. */
export interface PooledServer {
  readonly target: Target;
  readonly health: ServerHealth;
  readonly rest: ServerRest;
}

/** The usable servers of one service. */
export interface ServerPool {
  readonly entries: readonly BalancerEntry<PooledServer>[];
  /** False: nothing judges the servers, so all are up for ever. */
  readonly isChecked: boolean;
  status(): Readonly<Record<string, "UP" | "DOWN">>;
}

/** Works out the servers. @param problems gets what is wrong; such a server, or check, is left out */
export function createServerPool(
  key: string,
  config: LoadBalancer,
  context: ServiceContext,
  problems: ServiceProblem[],
): ServerPool {
  const plan = config.healthCheck === undefined ? undefined : createProbePlan(config.healthCheck, problems);
  const passive = config.passiveHealthCheck;
  const isChecked = plan !== undefined || passive !== undefined;
  const entries: BalancerEntry<PooledServer>[] = [];
  for (const [index, server] of config.servers.entries()) {
    const result = createTarget(server, config.passHostHeader, ["servers", index]);
    if ("problem" in result) {
      problems.push(result.problem);
      continue;
    }
    const { target } = result;
    const make = (): ServerHealth => new ServerHealth(target, plan, passive);
    const stateKey = `health ${JSON.stringify([key, server.url, plan?.check, passive])}`;
    const health = isChecked ? context.state.take(stateKey, isServerHealth, make) : make();
    health.attach(context);
    const rest = context.state.take(`rest ${JSON.stringify([key, server.url])}`, isServerRest, () => new ServerRest());
    entries.push({
      key: server.url,
      item: { target, health, rest },
      weight: server.weight,
      fenced: server.fenced ?? false,
    });
  }
  const status = (): Record<string, "UP" | "DOWN"> =>
    Object.fromEntries(entries.map(({ key: url, item }) => [url, item.health.up ? "UP" : "DOWN"]));
  return { entries, isChecked, status };
}
