// TOML documents with the places of their keys and values, which the parser itself does not tell.

import { parse, TomlError } from "smol-toml";
import type { FieldPath } from "../schema/path.ts";

/** Offsets of a key and its value. */
interface Place {
  readonly key: number;
  readonly value: number;
}

/** A TOML text that was read, or what is wrong with it. */
export interface TomlDocument {
  readonly value: unknown;
  readonly error?: { readonly message: string; readonly line?: number; readonly column?: number };
  readonly positionOf: (path: FieldPath, at?: "key" | "value") => { line: number; column: number } | undefined;
}

/** Reads a TOML text. Places are worked out when first asked for. */
export function parseToml(text: string): TomlDocument {
  let places: ReadonlyMap<string, Place> | undefined;
  const positionOf: TomlDocument["positionOf"] = (path, at = "key") => {
    places ??= new Scanner(text).scan();
    const place = places.get(keyOf(path));
    return place === undefined ? undefined : toPosition(text, place[at]);
  };
  try {
    return { value: parse(text, { useLegacyDate: true }), positionOf };
  } catch (error) {
    return { value: undefined, error: toError(error), positionOf };
  }
}

function toError(error: unknown): NonNullable<TomlDocument["error"]> {
  if (!(error instanceof TomlError)) return { message: error instanceof Error ? error.message : String(error) };
  const reason = error.message.split("\n")[0] ?? error.message;
  return { message: reason.replace(/^Invalid TOML document: /, ""), line: error.line, column: error.column };
}

/** Names match without case, as in Traefik's files. */
function keyOf(path: FieldPath): string {
  return path.map(String).join("\0").toLowerCase();
}

function toPosition(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

const BARE_KEY = /[A-Za-z0-9_-]+/y;
const SPACE = /[ \t]*/y;
const FILLER = /(?:[ \t\r\n]|#[^\n]*)*/y;
const SCALAR = /[^,\]}\n#]*/y;
const STRING = /"""(?:\\[\s\S]|[^\\])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y;

/** Walks a text that the parser has accepted; on anything unexpected it stops with what it has. */
class Scanner {
  readonly #text: string;
  readonly #places = new Map<string, Place>();
  /** How many tables each array of tables has so far. */
  readonly #counts = new Map<string, number>();
  #at = 0;
  #table: FieldPath = [];

  constructor(text: string) {
    this.#text = text;
  }

  scan(): ReadonlyMap<string, Place> {
    for (;;) {
      this.#skip(FILLER);
      if (this.#at >= this.#text.length) return this.#places;
      const before = this.#at;
      if (this.#text[this.#at] === "[") this.#header();
      else this.#pair(this.#table);
      if (this.#at === before) return this.#places;
    }
  }

  #header(): void {
    const start = this.#at;
    const isArray = this.#text[this.#at + 1] === "[";
    this.#at += isArray ? 2 : 1;
    const path = this.#inArrays(this.#keys(), isArray);
    this.#table = path;
    for (let length = 1; length <= path.length; length++) this.#record(path.slice(0, length), start, start);
    while (this.#text[this.#at] === "]") this.#at++;
  }

  /** Puts the index of the latest table after every name that is an array of tables. */
  #inArrays(names: readonly string[], opens: boolean): FieldPath {
    const path: (string | number)[] = [];
    for (const [index, name] of names.entries()) {
      path.push(name);
      const key = keyOf(path);
      if (opens && index === names.length - 1) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      const count = this.#counts.get(key);
      if (count === undefined) continue;
      this.#record(path, this.#at, this.#at);
      path.push(count - 1);
    }
    return path;
  }

  #pair(table: FieldPath): void {
    const start = this.#at;
    const path = [...table, ...this.#keys()];
    this.#skip(SPACE);
    if (this.#text[this.#at] !== "=") return;
    this.#at++;
    this.#skip(SPACE);
    for (let length = table.length + 1; length <= path.length; length++) {
      this.#record(path.slice(0, length), start, this.#at);
    }
    this.#value(path);
  }

  #keys(): string[] {
    const keys: string[] = [];
    for (;;) {
      this.#skip(SPACE);
      const quoted = this.#take(STRING);
      const key = quoted === undefined ? this.#take(BARE_KEY) : quoted.slice(1, -1);
      if (key === undefined) return keys;
      keys.push(key);
      this.#skip(SPACE);
      if (this.#text[this.#at] !== ".") return keys;
      this.#at++;
    }
  }

  #value(path: FieldPath): void {
    const opening = this.#text[this.#at];
    if (opening === "[") this.#items("]", (index) => this.#item([...path, index]));
    else if (opening === "{") this.#items("}", () => this.#pair(path));
    else if (this.#take(STRING) === undefined) this.#skip(SCALAR);
  }

  #item(path: FieldPath): void {
    this.#record(path, this.#at, this.#at);
    this.#value(path);
  }

  #items(closing: string, read: (index: number) => void): void {
    this.#at++;
    for (let index = 0; this.#at < this.#text.length; index++) {
      this.#skip(FILLER);
      if (this.#text[this.#at] === closing) break;
      read(index);
      this.#skip(FILLER);
      if (this.#text[this.#at] !== ",") break;
      this.#at++;
    }
    if (this.#text[this.#at] === closing) this.#at++;
  }

  #record(path: FieldPath, key: number, value: number): void {
    const name = keyOf(path);
    if (!this.#places.has(name)) this.#places.set(name, { key, value });
  }

  #skip(pattern: RegExp): void {
    this.#take(pattern);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }
}
