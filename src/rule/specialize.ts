// Partial evaluation: what remains of a rule once the request's host is known.

import { hostMatches, type HostPattern, parseHostPattern } from "./host-pattern.ts";
import { toLiteralTests } from "./literal-regexp.ts";
import { compileRegexp } from "./regexp.ts";
import type { RuleNode } from "./tree.ts";

/** What is known of the host: all of it, or that it is one label and `.parent`. */
export type KnownHost = Exclude<HostPattern, { readonly type: "any" }>;

/** The remaining rule; or true or false where nothing of the request is left to look at. */
export type Remainder = RuleNode | boolean;

/** Evaluates the host matchers of a rule as far as the host is known. */
export function specialize(tree: RuleNode, known: KnownHost): Remainder {
  if (tree.type === "matcher") return specializeMatcher(tree, known);
  if (tree.type === "not") {
    const inner = specialize(tree.node, known);
    return typeof inner === "boolean" ? !inner : { type: "not", node: inner };
  }
  const decisive = tree.type === "or"; // a part of this value decides the whole
  const nodes: RuleNode[] = [];
  for (const node of tree.nodes) {
    const part = specialize(node, known);
    if (part === decisive) return decisive;
    if (typeof part !== "boolean") nodes.push(part);
  }
  const [first] = nodes;
  if (first === undefined) return !decisive;
  return nodes.length === 1 ? first : { type: tree.type, nodes };
}

/** The hosts outside of which a rule can't hold, each once; undefined when it may hold for any. */
export function necessaryHosts(tree: RuleNode): readonly KnownHost[] | undefined {
  const hosts = hostsOf(tree);
  if (hosts === undefined) return undefined;
  return [...new Map(hosts.map((host) => [host.type === "exact" ? host.host : `*.${host.parent}`, host])).values()];
}

/** A conjunction needs all its parts, so the part with the fewest hosts speaks for it. */
function hostsOf(tree: RuleNode): readonly KnownHost[] | undefined {
  switch (tree.type) {
    case "matcher":
      return hostsOfMatcher(tree.name, tree.args);
    case "not":
      return undefined;
    case "and":
      return fewest(tree.nodes.map(hostsOf));
    case "or": {
      const all: KnownHost[] = [];
      for (const node of tree.nodes) {
        const hosts = hostsOf(node);
        if (hosts === undefined) return undefined;
        all.push(...hosts);
      }
      return all;
    }
  }
}

function specializeMatcher(tree: RuleNode & { type: "matcher" }, known: KnownHost): Remainder {
  const [arg = ""] = tree.args;
  if (tree.name === "HostRegexp" && known.type === "exact") {
    const compiled = compileRegexp(arg, { input: "ascii" });
    return compiled.error === undefined ? compiled.match(known.host) : tree;
  }
  if (tree.name !== "Host") return tree;
  const pattern = parseHostPattern(arg);
  if ("error" in pattern) return tree;
  if (known.type === "exact") return hostMatches(pattern, known.host);
  if (pattern.type === "any") return true;
  if (pattern.type === "wildcard") return pattern.parent === known.parent;
  return hostMatches(known, pattern.host) ? tree : false;
}

function hostsOfMatcher(name: string, args: readonly string[]): readonly KnownHost[] | undefined {
  const [arg = ""] = args;
  if (name === "HostRegexp") return hostsOfRegexp(arg);
  if (name !== "Host") return undefined;
  const pattern = parseHostPattern(arg);
  return "error" in pattern || pattern.type === "any" ? undefined : [pattern];
}

/** `^(a|b)\.example$` is a list of hosts, written by somebody who likes expressions. */
function hostsOfRegexp(pattern: string): readonly KnownHost[] | undefined {
  const tests = toLiteralTests(pattern, true);
  if (tests?.every(({ fromStart, toEnd }) => fromStart && toEnd) !== true) return undefined;
  return tests.map(({ text }) => ({ type: "exact", host: text }));
}

function fewest(candidates: readonly (readonly KnownHost[] | undefined)[]): readonly KnownHost[] | undefined {
  let best: readonly KnownHost[] | undefined;
  for (const hosts of candidates) {
    if (hosts !== undefined && (best === undefined || hosts.length < best.length)) best = hosts;
  }
  return best;
}
