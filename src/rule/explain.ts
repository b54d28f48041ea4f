// Why a rule does not match a request: for people, never on the way of a request.

import type { ProxyRequest } from "../http/request.ts";
import { formatRule } from "./format.ts";
import { compileHttpRule } from "./http-matcher.ts";
import type { RuleNode } from "./tree.ts";

/**
 * The smallest part of a rule whose failure makes it fail, as text.
 * @returns undefined when the rule matches
 */
export function explainMismatch(tree: RuleNode, request: ProxyRequest): string | undefined {
  if (matches(tree, request)) return undefined;
  if (tree.type !== "and") return formatRule(tree);
  for (const node of tree.nodes) {
    const failed = explainMismatch(node, request);
    if (failed !== undefined) return failed;
  }
  return formatRule(tree);
}

function matches(tree: RuleNode, request: ProxyRequest): boolean {
  const compiled = compileHttpRule(tree);
  return compiled.error === undefined && compiled.match(request);
}
