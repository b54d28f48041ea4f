// Go's string literals: "…" with escapes, and `…` as it stands.

import type { RuleError } from "./scanner.ts";

/** A literal's meaning, and where it ended. */
export interface StringLiteral {
  readonly value: string;
  /** Offset behind the closing quote. */
  readonly end: number;
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

/** Digits by the letter after the backslash. `x` and octal give one byte, `u` and `U` one character. */
const CODED = /x[0-9A-Fa-f]{2}|[0-3][0-7]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}/y;
const PLAIN = /[^"\\\n]+/y;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads `` `…` ``: no escapes, carriage returns dropped. @param start offset of the opening quote */
export function readRawString(text: string, start: number): StringLiteral | RuleError {
  const close = text.indexOf("`", start + 1);
  if (close === -1) return unclosed("backtick", start);
  return { value: text.slice(start + 1, close).replaceAll("\r", ""), end: close + 1 };
}

/** Reads `"…"`. @param start offset of the opening quote */
export function readString(text: string, start: number): StringLiteral | RuleError {
  const bytes: number[] = [];
  let at = start + 1;
  for (;;) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text)?.[0];
    if (plain !== undefined) {
      for (const byte of encoder.encode(plain)) bytes.push(byte);
      at += plain.length;
    }
    const next = text[at];
    if (next === '"') return decode(bytes, start, at + 1);
    if (next !== "\\") return unclosed("double quote", start);
    const escape = readEscape(text, at);
    if ("message" in escape) return escape;
    for (const byte of escape.bytes) bytes.push(byte);
    at = escape.end;
  }
}

/** Escapes may spell out the bytes of a character one by one, so only the whole can be decoded. */
function decode(bytes: readonly number[], start: number, end: number): StringLiteral | RuleError {
  try {
    return { value: decoder.decode(Uint8Array.from(bytes)), end };
  } catch {
    return { message: "the escapes of this string do not give UTF-8 text", offset: start };
  }
}

function readEscape(text: string, at: number): { bytes: Uint8Array | readonly number[]; end: number } | RuleError {
  const letter = text[at + 1] ?? "";
  const simple = simpleEscapes[letter];
  if (simple !== undefined) return { bytes: encoder.encode(simple), end: at + 2 };
  CODED.lastIndex = at + 1;
  const coded = CODED.exec(text)?.[0];
  if (coded === undefined) return badEscape(letter, at);
  const end = at + 1 + coded.length;
  if (coded.startsWith("x")) return { bytes: [Number.parseInt(coded.slice(1), 16)], end };
  if (!/^u/i.test(coded)) return { bytes: [Number.parseInt(coded, 8)], end };
  const code = Number.parseInt(coded.slice(1), 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    return { message: `\\${coded} is not a Unicode character`, offset: at };
  }
  return { bytes: encoder.encode(String.fromCodePoint(code)), end };
}

function badEscape(letter: string, offset: number): RuleError {
  const message = `unknown escape \\${letter} in a string`;
  return { message, offset, hint: "write the string in backticks, where a backslash is just a backslash" };
}

function unclosed(quote: string, offset: number): RuleError {
  return { message: `the string that begins here has no closing ${quote}`, offset };
}
