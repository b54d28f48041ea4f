// Regular expressions that the engine's own RegExp can run in linear time: those that leave it nothing to try twice.

/** Characters as bits 0 to 127; bit 128 stands for all others together. */
type CharacterSet = bigint;

/** A character set and how often it repeats. */
interface Atom {
  readonly set: CharacterSet;
  readonly quantifier: string;
  /** Repeats a varying number of times. */
  readonly varies: boolean;
  /** May be missing. */
  readonly optional: boolean;
}

const OTHERS = 128;
const ALL: CharacterSet = (1n << 129n) - 1n;
const NEWLINE = bit(10);
const DIGIT = range(48, 57);
const LOWER = range(97, 122);
const UPPER = range(65, 90);
const WORD = DIGIT | LOWER | UPPER | bit(95);
const CASE_DISTANCE = 32n;

const GROUP_OPEN = /\((?:\?:|\?P?<\w+>)?(?!\?)/y;
const CLASS = /\[(\^?)((?:\\[^A-Za-z0-9]|\\[dw]|[^\\\][])+)\]/y;
const CLASS_ITEM = /(\\.|[^\\])(?:-(\\.|[^\\]))?/gy;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})(?![*+?{])/y;
const PLAIN = /^[^\\.+*?()|[\]{}^$]$/;

/**
 * Translates an expression when it is anchored at its beginning, a plain sequence, and no repetition can stop at
 * more than one place, because what follows begins with another character: `^[a-z0-9-]+\.example\.com$`.
 * @param pattern valid in Go's syntax
 * @param isAscii inputs hold nothing else, so that case folds simply
 * @returns undefined when it may not be run natively
 */
export function toNativeRegexp(pattern: string, isAscii: boolean): RegExp | undefined {
  const foldsCase = isAscii && pattern.startsWith("(?i)");
  const body = foldsCase ? pattern.slice(4) : pattern;
  if (!body.startsWith("^")) return undefined;
  const toEnd = body.endsWith("$") && !body.endsWith("\\$");
  const atoms = readAtoms(body.slice(1, toEnd ? -1 : body.length), foldsCase);
  if (atoms === undefined || !atoms.every((atom, index) => isDecided(atom, atoms.slice(index + 1)))) return undefined;
  const source = atoms.map(({ set, quantifier }) => toClass(set) + quantifier).join("");
  return new RegExp(`^${source}${toEnd ? "$" : ""}`, "u");
}

/** True when the repetition ends at the first character that is not in its set, whatever comes after. */
function isDecided(atom: Atom, rest: readonly Atom[]): boolean {
  if (!atom.varies) return true;
  for (const { set, optional } of rest) {
    if ((atom.set & set) !== 0n) return false;
    if (!optional) return true;
  }
  return true;
}

/** Groups are seen through, as long as nothing repeats or chooses between them. */
function readAtoms(body: string, foldsCase: boolean): readonly Atom[] | undefined {
  const atoms: Atom[] = [];
  for (let at = 0; at < body.length;) {
    const group = body[at] === ")" ? ")" : matchAt(GROUP_OPEN, body, at)?.[0];
    if (group !== undefined) {
      at += group.length;
      if (/[*+?{]/.test(body[at] ?? "")) return undefined;
      continue;
    }
    const found = readSet(body, at, foldsCase);
    if (found === undefined) return undefined;
    const quantified = matchAt(QUANTIFIER, body, found.end);
    at = found.end + (quantified?.[0].length ?? 0);
    if (quantified === undefined && /[*+?{]/.test(body[at] ?? "")) return undefined;
    atoms.push(toAtom(found.set, quantified));
  }
  return atoms;
}

function toAtom(set: CharacterSet, quantified: RegExpExecArray | undefined): Atom {
  const [quantifier = "", least, comma] = quantified ?? [];
  const isOptional = quantifier === "*" || quantifier === "?" || Number(least) === 0;
  const varies = quantifier !== "" && (least === undefined || comma !== undefined);
  return { set, quantifier, varies, optional: isOptional };
}

/** A set, and where its text ended. */
interface SetRead {
  readonly set: CharacterSet;
  readonly end: number;
}

function readSet(body: string, at: number, foldsCase: boolean): SetRead | undefined {
  const character = body[at] ?? "";
  if (character === ".") return { set: ALL ^ NEWLINE, end: at + 1 };
  if (character === "[") return readClass(body, at, foldsCase);
  if (character !== "\\" && !PLAIN.test(character)) return undefined;
  const unit = character === "\\" ? body.slice(at, at + 2) : character;
  const set = unitSet(unit);
  return set === undefined ? undefined : { set: foldsCase ? foldCase(set) : set, end: at + unit.length };
}

/** Case folds before `^` turns the class round, as in Go. */
function readClass(body: string, at: number, foldsCase: boolean): SetRead | undefined {
  const found = matchAt(CLASS, body, at);
  const set = found === undefined ? undefined : classSet(found[2] ?? "");
  if (found === undefined || set === undefined) return undefined;
  const folded = foldsCase ? foldCase(set) : set;
  return { set: found[1] === "^" ? ALL ^ folded : folded, end: at + found[0].length };
}

function classSet(items: string): CharacterSet | undefined {
  let set: CharacterSet = 0n;
  for (const [, from = "", to] of items.matchAll(CLASS_ITEM)) {
    const first = unitSet(from);
    const last = to === undefined ? first : unitSet(to);
    if (first === undefined || last === undefined) return undefined;
    // A range between anything but two characters, or with a hyphen at an end, is left to the real parser.
    if (to !== undefined && (from.length > 1 || to.length > 1 || from === "-" || to === "-")) return undefined;
    set |= to === undefined ? first : range(from.charCodeAt(0), to.charCodeAt(0));
  }
  return set;
}

/** The set of `a`, `\.`, `\d` or `\w`; others are not understood here. */
function unitSet(unit: string): CharacterSet | undefined {
  if (unit === "\\d") return DIGIT;
  if (unit === "\\w") return WORD;
  const character = unit.startsWith("\\") ? unit.slice(1) : unit;
  const code = character.charCodeAt(0);
  if (!(code < OTHERS) || (unit.length > 1 && /[A-Za-z0-9]/.test(character))) return undefined;
  return bit(code);
}

function foldCase(set: CharacterSet): CharacterSet {
  return set | ((set & UPPER) << CASE_DISTANCE) | ((set & LOWER) >> CASE_DISTANCE);
}

function toClass(set: CharacterSet): string {
  let members = "";
  for (let code = 0; code < OTHERS; code++) {
    if ((set & bit(code)) !== 0n) members += `\\x${code.toString(16).padStart(2, "0")}`;
  }
  return `[${members}${(set & bit(OTHERS)) === 0n ? "" : "\\u{80}-\\u{10FFFF}"}]`;
}

function bit(code: number): CharacterSet {
  return 1n << BigInt(code);
}

function range(from: number, to: number): CharacterSet {
  let set: CharacterSet = 0n;
  for (let code = from; code <= to; code++) set |= bit(code);
  return set;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
