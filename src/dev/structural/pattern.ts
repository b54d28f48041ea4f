// Patterns of schemas: Go's regular expressions, compiled once each.

import { RE2JS } from "re2js";

const MOST = 1000; // patterns kept; definitions with more are compiled again, which costs time but no correctness

const compiled = new Map<string, RE2JS | undefined>();

/** Tells whether a text contains a match. @returns undefined when the pattern is no regular expression of Go */
export function matchesPattern(pattern: string, text: string): boolean | undefined {
  const expression = expressionOf(pattern);
  return expression?.test(text);
}

/** Why a pattern can't be compiled, in Go's words; undefined when it can. */
export function patternMistake(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function expressionOf(pattern: string): RE2JS | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  if (compiled.size >= MOST) compiled.clear();
  let expression: RE2JS | undefined = undefined;
  try {
    expression = RE2JS.compile(pattern);
  } catch {
    // stays undefined: such a definition is refused before it gets here
  }
  compiled.set(pattern, expression);
  return expression;
}
