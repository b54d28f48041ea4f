// Regular expressions from configuration: Go's syntax, linear time, and no automaton where a string test will do.

import { RE2JS } from "re2js";
import { type LiteralTest, toLiteralTests } from "./literal-regexp.ts";
import { toNativeRegexp } from "./native-regexp.ts";
import type { Compiled, Predicate } from "./predicate.ts";
import { failed } from "./predicate.ts";

const MAX_PATTERN = 4096; // characters
/** Instructions of the automaton; each may cost a step per character of input. */
const MAX_PROGRAM = 20_000;

/** What an expression is asked about; knowing it allows quicker tests. */
export interface RegexpOptions {
  /** `ascii`: hosts and canonical paths; `line`: anything but line feeds, as in headers. Default `any`. */
  readonly input?: "ascii" | "line" | "any";
}

/** Compiles an expression; it need not match the whole input. */
export function compileRegexp(pattern: string, options: RegexpOptions = {}): Compiled<string> {
  if (pattern.length > MAX_PATTERN) {
    return failed(`the regular expression is ${pattern.length} characters long; the limit is ${MAX_PATTERN}`);
  }
  try {
    const expression = RE2JS.compile(pattern);
    const size = expression.programSize();
    if (size > MAX_PROGRAM) {
      return failed(`the regular expression ${pattern} is too large once its repetitions are written out`);
    }
    return { match: toQuickTest(pattern, options.input ?? "any") ?? ((input) => expression.test(input)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace("error parsing regexp: ", "") : String(error);
    return failed(`${JSON.stringify(pattern)} is not a regular expression of Go: ${reason}`, hintFor(pattern));
  }
}

/** A test that needs no automaton, if there is one. */
function toQuickTest(pattern: string, input: "ascii" | "line" | "any"): Predicate<string> | undefined {
  const tests = toLiteralTests(pattern, input !== "any");
  if (tests !== undefined) return anyTest(tests);
  const native = toNativeRegexp(pattern, input === "ascii");
  return native === undefined ? undefined : (text) => native.test(text);
}

function anyTest(tests: readonly LiteralTest[]): Predicate<string> {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return toPredicate(only);
  if (tests.every((test) => test.fromStart && test.toEnd)) {
    const texts = new Set(tests.map((test) => test.text));
    return (input) => texts.has(input);
  }
  const predicates = tests.map(toPredicate);
  return (input) => {
    for (const predicate of predicates) if (predicate(input)) return true;
    return false;
  };
}

function toPredicate({ text, fromStart, toEnd }: LiteralTest): Predicate<string> {
  if (fromStart && toEnd) return (input) => input === text;
  if (fromStart) return (input) => input.startsWith(text);
  if (toEnd) return (input) => input.endsWith(text);
  return (input) => input.includes(text);
}

function hintFor(pattern: string): string | undefined {
  if (/\(\?<?[=!]/.test(pattern)) {
    return "Go has no look-ahead and no look-behind; combine matchers with && and ! instead";
  }
  if (/\\[1-9]/.test(pattern)) return "Go has no back-references";
  return undefined;
}
