// Regular expressions that are only text in disguise: `^/api/`, `^(a|b)\.example\.com$`, `.*\.php$`.

/** What a disguised text asks: the beginning, the end, both, or neither. */
export interface LiteralTest {
  readonly text: string;
  /** The input must begin with the text. */
  readonly fromStart: boolean;
  /** The input must end with it. */
  readonly toEnd: boolean;
}

const MAX_TESTS = 64; // beyond that one run of the automaton is no slower
const META = /[\\.+*?()|[\]{}^$]/;
/** One unit of literal text: a plain character, or an escaped punctuation mark. */
const LITERAL = /[^\\.+*?()|[\]{}^$]|\\[!-/:-@[-`{-~]/y;
const ALTERNATIVES = /\((?:\?:|\?P?<\w+>)?((?:[^\\.+*?()[\]{}^$]|\\[!-/:-@[-`{-~])*)\)/y;
const REPEATED = /^[*+?{]/;

/**
 * Takes a regular expression apart into plain tests, one of which must hold.
 * @param isSingleLine the inputs never hold a line feed, which `.` does not match
 * @returns undefined when it takes a real regular expression
 */
export function toLiteralTests(pattern: string, isSingleLine: boolean): readonly LiteralTest[] | undefined {
  const branches = splitBranches(pattern);
  const tests: LiteralTest[] = [];
  for (const branch of branches ?? []) {
    const parsed = parseBranch(branch, isSingleLine);
    if (parsed === undefined || tests.length + parsed.length > MAX_TESTS) return undefined;
    tests.push(...parsed);
  }
  return branches === undefined ? undefined : tests;
}

/** Splits at each `|` outside parentheses. */
function splitBranches(pattern: string): string[] | undefined {
  const branches: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at++;
    else if (character === "[") return undefined; // a class, where | and ( mean themselves
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "|" && depth === 0) {
      branches.push(pattern.slice(start, at));
      start = at + 1;
    }
  }
  branches.push(pattern.slice(start));
  return depth === 0 ? branches : undefined;
}

function parseBranch(branch: string, isSingleLine: boolean): readonly LiteralTest[] | undefined {
  let body = branch;
  let fromStart = body.startsWith("^");
  if (fromStart) body = body.slice(1);
  let toEnd = body.endsWith("$") && !body.endsWith("\\$");
  if (toEnd) body = body.slice(0, -1);
  if (body.startsWith(".*") && !REPEATED.test(body.slice(2)) && (isSingleLine || !fromStart)) {
    fromStart = false;
    body = body.slice(2);
  }
  if (body.endsWith(".*") && !isEscapedAt(body, body.length - 2) && (isSingleLine || !toEnd)) {
    toEnd = false;
    body = body.slice(0, -2);
  }
  return parseTexts(body)?.map((text) => ({ text, fromStart, toEnd }));
}

/** All texts a sequence of literals and groups of literals stands for. */
function parseTexts(body: string): readonly string[] | undefined {
  let texts: readonly string[] = [""];
  for (let at = 0; at < body.length;) {
    const pattern = body[at] === "(" ? ALTERNATIVES : LITERAL;
    pattern.lastIndex = at;
    const found = pattern.exec(body);
    if (found === null || REPEATED.test(body.slice(pattern.lastIndex))) return undefined;
    at = pattern.lastIndex;
    if (found[1]?.includes("\\\\") === true) return undefined; // which backslash escapes a | is for the real parser
    const alternatives = (found[1] ?? found[0]).split(/(?<!\\)\|/).map(unescape);
    if (texts.length * alternatives.length > MAX_TESTS) return undefined;
    texts = texts.flatMap((text) => alternatives.map((alternative) => text + alternative));
  }
  return texts;
}

function unescape(literal: string): string {
  return META.test(literal) ? literal.replace(/\\(.)/g, "$1") : literal;
}

function isEscapedAt(text: string, index: number): boolean {
  let backslashes = 0;
  while (text[index - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}
