// Rule text → tokens, by Go's lexical rules as far as rules need them: Traefik reads rules with Go's own parser.

import { readRawString, readString } from "./string-literal.ts";

/** What is wrong with a rule's text. */
export interface RuleError {
  /** One line: what was found, what was wanted. */
  readonly message: string;
  /** Where, in UTF-16 units from the beginning of the text. */
  readonly offset: number;
  /** What to do about it. */
  readonly hint?: string;
}

/** Kinds of tokens. `newline` is Go's automatic semicolon: a line end where an expression could end. */
export type TokenType = "name" | "string" | "(" | ")" | "," | "&&" | "||" | "!" | "newline" | "end" | "other";

/** A piece of a rule. */
export interface Token {
  readonly type: TokenType;
  /** Of a string its meaning, of all others the text. */
  readonly value: string;
  readonly offset: number;
}

const BLANK = /[ \t\r\n]*/y;
const NAME = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const PUNCTUATION = /&&|\|\||[(),!](?!=)/y;
/** Tokens of Go that no rule has; read whole, so that an error can quote them. */
const OTHER = /[0-9][0-9A-Za-z_.]*|'(?:[^'\\\n]|\\.)*'?|[=!<>]=|[&|=<>+\-*/%^:;.[\]{}]|./suy;

/** Reads tokens one after another. */
export class Scanner {
  readonly #text: string;
  #at = 0;
  /** The last token could end an expression, so a line end after it counts. */
  #mayEnd = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token; `end` for ever once the text is over. */
  next(): Token | RuleError {
    const lineEnd = this.#skipBlank();
    if (typeof lineEnd === "object") return lineEnd;
    if (lineEnd !== undefined && this.#mayEnd && this.#at < this.#text.length) {
      this.#mayEnd = false;
      return { type: "newline", value: "\n", offset: lineEnd };
    }
    const token = this.#read();
    this.#mayEnd = "type" in token && (token.type === "name" || token.type === "string" || token.type === ")");
    return token;
  }

  /** Skips white space and comments. @returns the offset of the first line end skipped, if there was one */
  #skipBlank(): number | undefined | RuleError {
    let lineEnd: number | undefined;
    for (;;) {
      const start = this.#at;
      const comment = this.#text.slice(start, start + 2);
      let skipped = this.#match(BLANK) ?? "";
      if (comment === "//" || comment === "/*") {
        const end = this.#commentEnd(comment, start);
        if (end === -1) return { message: "the comment that begins here is not closed", offset: start };
        skipped = this.#text.slice(start, end);
        this.#at = end;
      }
      if (skipped === "") return lineEnd;
      const line = skipped.indexOf("\n");
      if (line !== -1) lineEnd ??= start + line;
    }
  }

  #commentEnd(opening: string, start: number): number {
    const isLine = opening === "//";
    const end = this.#text.indexOf(isLine ? "\n" : "*/", start + 2);
    if (isLine) return end === -1 ? this.#text.length : end;
    return end === -1 ? -1 : end + 2;
  }

  #read(): Token | RuleError {
    const offset = this.#at;
    const first = this.#text[offset];
    if (first === undefined) return { type: "end", value: "", offset };
    if (first === '"' || first === "`") return this.#readString(first);
    const name = this.#match(NAME);
    if (name !== undefined) return { type: "name", value: name, offset };
    const value = this.#match(PUNCTUATION) ?? this.#match(OTHER) ?? first;
    return { type: isPunctuation(value) ? value : "other", value, offset };
  }

  #readString(quote: string): Token | RuleError {
    const offset = this.#at;
    const result = quote === "`" ? readRawString(this.#text, offset) : readString(this.#text, offset);
    if ("message" in result) return result;
    this.#at = result.end;
    return { type: "string", value: result.value, offset };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

function isPunctuation(value: string): value is "(" | ")" | "," | "&&" | "||" | "!" {
  return value === "(" || value === ")" || value === "," || value === "&&" || value === "||" || value === "!";
}
