// A rule as the host index holds it: reduced to what each of its hosts leaves open. Remembered for as long as the tree.

import type { ProxyRequest } from "../http/request.ts";
import { compileHttpRule } from "../rule/http-matcher.ts";
import type { CompileError, Predicate } from "../rule/predicate.ts";
import { type KnownHost, necessaryHosts, specialize } from "../rule/specialize.ts";
import type { RuleNode } from "../rule/tree.ts";

/** What remains of a rule under one of its hosts. */
export interface HostShare {
  readonly known: KnownHost;
  /** undefined: the host decides everything. */
  readonly match: Predicate<ProxyRequest> | undefined;
}

/** A rule ready for the index, or why there is none. */
export type PreparedRule =
  | { readonly error: CompileError }
  | {
    readonly error?: undefined;
    /** The whole rule. */
    readonly match: Predicate<ProxyRequest>;
    /** undefined: the rule may hold for any host. */
    readonly shares: readonly HostShare[] | undefined;
  };

/** Hosts × matchers up to which a rule is reduced host by host; a rule of thousands of hosts stays whole. */
const MAX_REDUCTIONS = 1_000_000;

/** Entry points share a router's rule, and a reload keeps most rules: each tree is compiled once. */
const prepared = new WeakMap<RuleNode, PreparedRule>();

/** Compiles a rule, once per tree. */
export function prepareRule(tree: RuleNode): PreparedRule {
  let rule = prepared.get(tree);
  if (rule === undefined) {
    rule = compile(tree);
    prepared.set(tree, rule);
  }
  return rule;
}

function compile(tree: RuleNode): PreparedRule {
  const compiled = compileHttpRule(tree);
  if (compiled.error !== undefined) return compiled;
  const { match } = compiled;
  const hosts = necessaryHosts(tree);
  return { match, shares: hosts === undefined ? undefined : sharesOf(tree, hosts, match) };
}

function sharesOf(tree: RuleNode, hosts: readonly KnownHost[], whole: Predicate<ProxyRequest>): HostShare[] {
  const isAffordable = hosts.length * countNodes(tree) <= MAX_REDUCTIONS;
  const shares: HostShare[] = [];
  for (const known of hosts) {
    const remainder = isAffordable ? specialize(tree, known) : tree;
    if (remainder !== false) shares.push({ known, match: remainder === tree ? whole : toMatch(remainder) });
  }
  return shares;
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
