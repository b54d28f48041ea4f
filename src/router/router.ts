// The routes of an entry point: the first that matches a request, by priority, found through a host index.

import type { ProxyRequest } from "../http/request.ts";
import { explainMismatch } from "../rule/explain.ts";
import { nearest } from "../rule/suggest.ts";
import { HostIndex } from "./host-index.ts";
import { type HostShare, prepareRule } from "./prepare-rule.ts";
import type { NearMiss, RejectedRoute, RouteEntry } from "./route.ts";

/** Finds routes. */
export interface Router<R> {
  /** The first route that matches, or undefined. */
  find(request: ProxyRequest): R | undefined;
  /** Why nothing matched: the first few routes that the host does not rule out. Slow; for people. */
  nearMisses(request: ProxyRequest, limit?: number): readonly NearMiss<R>[];
  /** A known host that resembles an unknown one. Slow; for people. */
  similarHost(host: string): string | undefined;
  /** Routes left out because their rule can't be compiled. */
  readonly rejected: readonly RejectedRoute<R>[];
}

const NEAR_MISSES = 5;

/** Compiles the routes of an entry point. Those of equal priority and order are asked in the order of the list. */
export function createRouter<R extends RouteEntry>(routes: readonly R[]): Router<R> {
  const index = new HostIndex<R, ProxyRequest>();
  const rejected: RejectedRoute<R>[] = [];
  const sorted = [...routes].sort((a, b) => b.priority - a.priority || a.order - b.order);
  for (const [rank, route] of sorted.entries()) {
    const prepared = prepareRule(route.rule);
    if (prepared.error !== undefined) rejected.push({ route, error: prepared.error });
    else if (prepared.shares === undefined) index.addRest({ rank, route, match: prepared.match });
    else addForHosts(index, prepared.shares, { rank, route });
  }
  return {
    find: (request) => index.find(request.host, request),
    nearMisses: (request, limit = NEAR_MISSES) => nearMisses(index, request, limit),
    similarHost: (host) => nearest(host, index.hosts()),
    rejected,
  };
}

/** Puts a route under its hosts, reduced to what each of them leaves open. */
function addForHosts<R>(
  index: HostIndex<R, ProxyRequest>,
  shares: readonly HostShare[],
  place: { readonly rank: number; readonly route: R },
): void {
  for (const { known, match } of shares) index.add(known, { ...place, match });
}

function nearMisses<R extends RouteEntry>(
  index: HostIndex<R, ProxyRequest>,
  request: ProxyRequest,
  limit: number,
): readonly NearMiss<R>[] {
  const misses: NearMiss<R>[] = [];
  for (const { route } of index.candidatesOf(request.host)) {
    if (misses.length >= limit) break;
    const failed = explainMismatch(route.rule, request);
    if (failed !== undefined) misses.push({ route, failed });
  }
  return misses;
}
