// Rules as trees, as providers of objects give them.

import { parseRule } from "../../../src/rule/parse.ts";
import type { RuleNode } from "../../../src/rule/tree.ts";

/** The tree of a TCP rule. */
export function compileRule(text: string): RuleNode {
  const parsed = parseRule(text, { syntax: "v3", protocol: "tcp" });
  if ("error" in parsed) throw new Error(parsed.error.message);
  return parsed.tree;
}
