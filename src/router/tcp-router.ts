// The TCP routes of an entry point: the first that matches a connection, by priority, found through its server name.

import type { RuleNode } from "../rule/tree.ts";
import { type KnownHost, necessaryHosts } from "../rule/specialize.ts";
import { compileTcpRule, type TcpSubject } from "../rule/tcp-matcher.ts";
import { HostIndex } from "./host-index.ts";
import type { RouteEntry } from "./route.ts";

/** Finds the route of a connection. */
export interface TcpRouter<R> {
  readonly size: number;
  /** The first route that matches. */
  find(subject: TcpSubject): R | undefined;
}

/** Compiles routes. Those of equal priority and order are asked in the order of the list; bad rules are left out. */
export function createTcpRouter<R extends RouteEntry>(routes: readonly R[]): TcpRouter<R> {
  const index = new HostIndex<R, TcpSubject>();
  const sorted = [...routes].sort((a, b) => b.priority - a.priority || a.order - b.order);
  for (const [rank, route] of sorted.entries()) {
    const compiled = compileTcpRule(route.rule);
    if (compiled.error !== undefined) continue; // reported by whoever built the route
    const candidate = { rank, route, match: compiled.match };
    const names = necessaryServerNames(route.rule);
    if (names === undefined) index.addRest(candidate);
    else for (const name of names) index.add(name, candidate);
  }
  return { size: sorted.length, find: (subject) => index.find(subject.serverName ?? "", subject) };
}

/** Whether a rule takes every connection: what Traefik calls a catch-all, which gives way to HTTPS. */
export function isCatchAll(rule: RuleNode): boolean {
  return rule.type === "matcher" && rule.name === "HostSNI" && rule.args[0] === "*";
}

/** The names outside of which a rule can't hold; undefined when it may hold for any, or for none. */
function necessaryServerNames(rule: RuleNode): readonly KnownHost[] | undefined {
  return necessaryHosts(asHostRule(rule));
}

/** Host and HostSNI have the same patterns, so that one analysis serves both. */
function asHostRule(node: RuleNode): RuleNode {
  switch (node.type) {
    case "matcher":
      return { ...node, name: HOST_NAMES[node.name] ?? node.name };
    case "not":
      return { type: "not", node: asHostRule(node.node) };
    default:
      return { type: node.type, nodes: node.nodes.map(asHostRule) };
  }
}

const HOST_NAMES: Readonly<Record<string, string>> = { HostSNI: "Host", HostSNIRegexp: "HostRegexp" };
