// Where in a file the mistake of a rule stands: inside the rule's text, where the file has that text as it is.

import { parseRule } from "../rule/parse.ts";
import type { RuleSyntax } from "../rule/tree.ts";
import type { RuleProtocol } from "../rule/vocabulary.ts";
import type { FilePosition } from "../schema/problem.ts";

const readings: readonly { readonly syntax: RuleSyntax; readonly protocol: RuleProtocol }[] = [
  { syntax: "v3", protocol: "http" },
  { syntax: "v2", protocol: "http" },
  { syntax: "v3", protocol: "tcp" },
  { syntax: "v2", protocol: "tcp" },
];

/**
 * The place of a rule's mistake.
 * @param message what was said of the rule
 * @param position of the rule in its file
 * @param line of the file, on which the rule begins
 */
export function placeInRule(rule: string, message: string, position: FilePosition, line: string): FilePosition {
  const offset = offsetOf(rule, message);
  const { column } = position;
  if (offset === undefined || column === undefined) return position;
  const start = /^["']/.test(line.slice(column - 1)) ? column : column - 1;
  const isVerbatim = line.slice(start, start + offset) === rule.slice(0, offset);
  return isVerbatim ? { ...position, column: start + offset + 1 } : position;
}

/** The same rule read again: whoever complained kept the words and not the place. */
function offsetOf(rule: string, message: string): number | undefined {
  for (const reading of readings) {
    const parsed = parseRule(rule, reading);
    const complaints = "error" in parsed ? [parsed.error] : parsed.warnings;
    const found = complaints.find((each) => message.includes(each.message));
    if (found !== undefined) return found.offset;
  }
  return undefined;
}
