// Tree → rule text, for people and for the default priority; `parseRule` (v3) reads it back to the same tree.

import type { RuleNode } from "./tree.ts";

/** Writes a tree as text of v3 syntax. */
export function formatRule(tree: RuleNode): string {
  return format(tree, looseness.or);
}

/** How loosely an operator binds; a looser one inside a tighter one needs parentheses. */
const looseness = { not: 0, and: 1, or: 2 } as const;

function format(node: RuleNode, allowed: number): string {
  switch (node.type) {
    case "matcher":
      return `${node.name}(${node.args.map(quote).join(", ")})`;
    case "not":
      return `!${format(node.node, looseness.not)}`;
    default: {
      const [only] = node.nodes;
      if (only !== undefined && node.nodes.length === 1) return format(only, allowed);
      // The same operator inside itself keeps its parentheses: the tree is to come back as it was.
      const text = node.nodes.map((part) => format(part, looseness[node.type] - 1)).join(
        node.type === "and" ? " && " : " || ",
      );
      return looseness[node.type] > allowed ? `(${text})` : text;
    }
  }
}

/** Backticks where possible, as the documentation writes rules; else a Go string with escapes. */
function quote(arg: string): string {
  if (!/[`\x00-\x1f\x7f]/.test(arg)) return `\`${arg}\``;
  const escaped = arg.replace(/["\\]/g, "\\$&").replace(/[\x00-\x1f\x7f]/g, escapeControl);
  return `"${escaped}"`;
}

function escapeControl(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
