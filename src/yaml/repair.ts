// Accepts continuation lines that are indented too little, as kustomize and go-yaml print them.

import { YAMLException } from "js-yaml";

/** What came out of a parse, and the columns that were put before lines to get there. */
export interface Repaired<T> {
  readonly value: T;
  /** Line number (from 0) → spaces added before it. */
  readonly padding: ReadonlyMap<number, number>;
}

const MAX_ROUNDS = 500; // one line is repaired per round; a whole Gateway API bundle needs fewer
const SURPLUS = 2;

/**
 * Runs a strict parse and, when it complains about "deficient indentation", pads that line and tries again.
 * White space at the start of a continuation line means nothing inside quotes and brackets, so the value
 * stays what lenient parsers read.
 * @throws {YAMLException} what the parse threw, when padding can't help
 */
export function parseRepaired<T>(text: string, parse: (text: string) => T): Repaired<T> {
  const padding = new Map<number, number>();
  for (let current = text;;) {
    try {
      return { value: parse(current), padding };
    } catch (error) {
      const line = deficientLine(error);
      if (line === undefined || padding.has(line) || padding.size >= MAX_ROUNDS) throw error;
      const lines = current.split("\n");
      const before = lines[line];
      if (before === undefined) throw error;
      const width = deepestIndentation(lines, line) + SURPLUS;
      padding.set(line, width);
      lines[line] = " ".repeat(width) + before;
      current = lines.join("\n");
    }
  }
}

function deficientLine(error: unknown): number | undefined {
  if (!(error instanceof YAMLException)) return undefined;
  return error.reason === "deficient indentation" ? error.mark?.line : undefined;
}

/** Deeper than every line above means deeper than the node the line continues. */
function deepestIndentation(lines: readonly string[], before: number): number {
  let deepest = 0;
  for (let at = 0; at < before; at++) deepest = Math.max(deepest, lines[at]?.search(/[^ -]/) ?? 0);
  return deepest;
}
