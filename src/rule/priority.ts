// The priority of a router that states none: the longer the rule, the earlier it is asked.

import { formatRule } from "./format.ts";
import { parseRule } from "./parse.ts";
import type { RuleNode } from "./tree.ts";
import type { RuleProtocol } from "./vocabulary.ts";

const CATCH_ALL_PRIORITY = -1;
const encoder = new TextEncoder();

/**
 * The default priority: the length of the rule's text in bytes. For TCP, ``HostSNI(`*`)`` comes last with -1.
 * @param rule text as configured, or a tree, whose text is what `formatRule` gives
 */
export function rulePriority(rule: string | RuleNode, protocol: RuleProtocol = "http"): number {
  if (protocol === "tcp" && isCatchAll(rule)) return CATCH_ALL_PRIORITY;
  return encoder.encode(typeof rule === "string" ? rule : formatRule(rule)).length;
}

function isCatchAll(rule: string | RuleNode): boolean {
  if (typeof rule !== "string") return rule.type === "matcher" && rule.name === "HostSNI" && rule.args[0] === "*";
  const result = parseRule(rule, { syntax: "v2", protocol: "tcp" });
  return "tree" in result && isCatchAll(result.tree);
}
