// The servers of a TCP load balancer: where each is, and whether it is up.

import type { BalancerEntry } from "../../balancer/entry.ts";
import { parseServerAddress } from "../../config/address.ts";
import type { TcpLoadBalancer } from "../../config/dynamic-tcp.ts";
import type { DialTls } from "../../net/tls.ts";
import type { ServiceProblem } from "../context.ts";
import { isServerRest, ServerRest } from "../server-rest.ts";
import { isTcpServerHealth, TcpServerHealth } from "./tcp-health.ts";
import type { TcpServiceContext } from "./tcp-service.ts";

/** Where a TCP server is. */
export interface TcpTarget {
  /** As configured, for logs, metrics and the API. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** undefined: it is spoken to in the clear. */
  readonly tls: DialTls | undefined;
}

/** A server as a TCP load balancer holds it. */
export interface PooledTcpServer {
  readonly target: TcpTarget;
  readonly health: TcpServerHealth;
  readonly rest: ServerRest;
}

/** The usable servers of one service. */
export interface TcpServerPool {
  readonly entries: readonly BalancerEntry<PooledTcpServer>[];
  /** False: nothing judges the servers, so all are up for ever. */
  readonly isChecked: boolean;
  status(): Readonly<Record<string, "UP" | "DOWN">>;
}

/** Works out the servers. @param problems gets what is wrong; such a server is left out */
export function createTcpServerPool(
  key: string,
  config: TcpLoadBalancer,
  context: TcpServiceContext,
  problems: ServiceProblem[],
): TcpServerPool {
  const { transport, state } = context;
  const check = config.healthCheck;
  const entries: BalancerEntry<PooledTcpServer>[] = [];
  for (const [index, { address, tls, fenced = false }] of config.servers.entries()) {
    const place = parseServerAddress(address);
    if (place === undefined) {
      problems.push(badAddress(address, index));
      continue;
    }
    const { host, port } = place;
    const target = { address, host, port, tls: tls || transport.isAlwaysTls ? transport.tls.of(host) : undefined };
    const make = (): TcpServerHealth => new TcpServerHealth(target, check);
    // What is checked belongs to the key: another check, or another way to reach the server, begins anew.
    const stateKey = `tcp-health ${JSON.stringify([key, address, check, target.tls && transport.tls.key])}`;
    const health = check === undefined ? make() : state.take(stateKey, isTcpServerHealth, make);
    health.attach(context, target);
    const restKey = `rest tcp ${JSON.stringify([key, address])}`;
    const rest = state.take(restKey, isServerRest, () => new ServerRest());
    entries.push({ key: address, item: { target, health, rest }, weight: 1, fenced });
  }
  const status = (): Record<string, "UP" | "DOWN"> =>
    Object.fromEntries(entries.map(({ key: address, item }) => [address, item.health.up ? "UP" : "DOWN"]));
  return { entries, isChecked: check !== undefined, status };
}

function badAddress(address: string, index: number): ServiceProblem {
  return {
    severity: "error",
    code: "bad-server-address",
    message: `server address "${address}" is not of the form host:port`,
    hint: "an IPv6 host is in brackets; this server gets no connections",
    path: ["servers", index, "address"],
  };
}
