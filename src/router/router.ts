// The routes of an entry point: the first that matches a request, by priority, found through a host index.

import type { ProxyRequest } from "../http/request.ts";
import { explainMismatch } from "../rule/explain.ts";
import { compileHttpRule } from "../rule/http-matcher.ts";
import { type KnownHost, necessaryHosts, specialize } from "../rule/specialize.ts";
import { nearest } from "../rule/suggest.ts";
import type { RuleNode } from "../rule/tree.ts";
import type { Predicate } from "../rule/predicate.ts";
import { type Candidate, HostIndex } from "./host-index.ts";
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
/** Hosts × matchers up to which a rule is reduced host by host; a rule of thousands of hosts stays whole. */
const MAX_REDUCTIONS = 1_000_000;

/** Compiles the routes of an entry point. Which list they come in does not matter. */
export function createRouter<R extends RouteEntry>(routes: readonly R[]): Router<R> {
  const index = new HostIndex<R>();
  const rejected: RejectedRoute<R>[] = [];
  const sorted = [...routes].sort((a, b) => b.priority - a.priority || a.order - b.order);
  for (const [rank, route] of sorted.entries()) {
    const compiled = compileHttpRule(route.rule);
    if (compiled.error !== undefined) {
      rejected.push({ route, error: compiled.error });
      continue;
    }
    const hosts = necessaryHosts(route.rule);
    if (hosts === undefined) index.addRest({ rank, route, match: compiled.match });
    else addForHosts(index, distinct(hosts), { rank, route, match: compiled.match });
  }
  return {
    find: (request) => index.find(request),
    nearMisses: (request, limit = NEAR_MISSES) => nearMisses(index, request, limit),
    similarHost: (host) => nearest(host, index.hosts()),
    rejected,
  };
}

/** Puts a route under its hosts, reduced to what each of them leaves open. */
function addForHosts<R extends RouteEntry>(
  index: HostIndex<R>,
  hosts: readonly KnownHost[],
  whole: Candidate<R>,
): void {
  const { rule } = whole.route;
  const isAffordable = hosts.length * countNodes(rule) <= MAX_REDUCTIONS;
  for (const known of hosts) {
    const remainder = isAffordable ? specialize(rule, known) : rule;
    if (remainder === false) continue;
    const candidate = { ...whole, match: remainder === rule ? whole.match : toMatch(remainder) };
    if (known.type === "exact") index.addExact(known.host, candidate);
    else index.addWildcard(known.parent, candidate);
  }
}

/** A part of a rule that compiled as a whole compiles too; should it not, the route stays closed. */
function toMatch(remainder: RuleNode | true): Predicate<ProxyRequest> | undefined {
  if (remainder === true) return undefined;
  const compiled = compileHttpRule(remainder);
  return compiled.error === undefined ? compiled.match : () => false;
}

function countNodes(tree: RuleNode): number {
  if (tree.type === "matcher") return 1;
  if (tree.type === "not") return countNodes(tree.node) + 1;
  return tree.nodes.reduce((count, node) => count + countNodes(node), 1);
}

function distinct(hosts: readonly KnownHost[]): readonly KnownHost[] {
  const byText = new Map<string, KnownHost>();
  for (const host of hosts) byText.set(host.type === "exact" ? host.host : `*.${host.parent}`, host);
  return [...byText.values()];
}

function nearMisses<R extends RouteEntry>(
  index: HostIndex<R>,
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
