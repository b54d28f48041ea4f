// What Go's decoder says of a text that is no JSON, so that clients read the words of a real server.

/** An unfinished object or list. */
type Frame = "object" | "list";

const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ENDS = "unexpected end of JSON input";
const ESCAPES = new Set([...'"\\/bfnrtu'].map((char) => char.charCodeAt(0)));
const NUMERIC = new Set([..."0123456789+-.eE"].map((char) => char.charCodeAt(0)));
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/;

/** @returns what is wrong, in Go's words, or undefined when the bytes are one JSON value */
export function jsonProblem(bytes: Uint8Array): string | undefined {
  return new Scanner(bytes).problem();
}

/** What Go's decoder says of an unexpected kind of value. */
export function goKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : value === null ? "null" : typeof value;
}

/** Ends a scan; never leaves this file. */
class Stop {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #open: Frame[] = [];
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  problem(): string | undefined {
    try {
      this.#values();
      this.#space();
      if (this.#at < this.#bytes.length) this.#stop("after top-level value");
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Stop) return thrown.why;
      throw thrown;
    }
  }

  /** One value with all that is in it; no recursion, so that depth costs no stack. */
  #values(): void {
    for (;;) {
      if (!this.#begin() && this.#unwind()) return;
    }
  }

  /** Leaves what ends here. @returns whether that was everything */
  #unwind(): boolean {
    for (;;) {
      const frame = this.#open.at(-1);
      if (frame === undefined) return true;
      if (!this.#ends(frame)) return false;
      this.#open.pop();
    }
  }

  /** Reads the beginning of a value, or a whole scalar. @returns whether a value in an object or list comes next */
  #begin(): boolean {
    this.#space();
    const char = this.#char();
    if (char === "{") {
      this.#at++;
      this.#space();
      if (this.#char() === "}") return this.#close();
      this.#open.push("object");
      this.#key("looking for beginning of object key string");
      return true;
    }
    if (char === "[") {
      this.#at++;
      this.#space();
      if (this.#char() === "]") return this.#close();
      this.#open.push("list");
      return true;
    }
    this.#scalar(char);
    return false;
  }

  #close(): boolean {
    this.#at++;
    return false;
  }

  #scalar(char: string | undefined): void {
    if (char === '"') this.#string();
    else if (char === "t") this.#word("true");
    else if (char === "f") this.#word("false");
    else if (char === "n") this.#word("null");
    else if (char !== undefined && /[-\d]/.test(char)) this.#number();
    else this.#stop("looking for beginning of value");
  }

  /** What follows a value inside. @returns whether the object or list ends here */
  #ends(frame: Frame): boolean {
    this.#space();
    const char = this.#char();
    if (char === ",") {
      this.#at++;
      if (frame === "object") {
        this.#space();
        this.#key("looking for beginning of object key string");
      }
      return false;
    }
    if (char !== (frame === "object" ? "}" : "]")) {
      this.#stop(frame === "object" ? "after object key:value pair" : "after array element");
    }
    this.#at++;
    return true;
  }

  #key(where: string): void {
    if (this.#char() !== '"') this.#stop(where);
    this.#string();
    this.#space();
    if (this.#char() !== ":") this.#stop("after object key");
    this.#at++;
  }

  #string(): void {
    this.#at++;
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte === QUOTE) return void this.#at++;
      if (byte < 0x20) this.#stop("in string literal");
      if (byte === BACKSLASH) this.#escape();
    }
    throw new Stop(ENDS);
  }

  #escape(): void {
    this.#at++;
    const byte = this.#bytes[this.#at];
    if (byte === undefined || !ESCAPES.has(byte)) this.#stop("in string escape code");
    if (this.#char() !== "u") return;
    for (let digit = 0; digit < 4; digit++) {
      this.#at++;
      if (!/[0-9a-fA-F]/.test(this.#char() ?? "")) this.#stop("in \\u hexadecimal character escape");
    }
  }

  #word(word: string): void {
    for (let at = 0; at < word.length; at++) {
      if (this.#char() !== word[at]) this.#stop(`in literal ${word} (expecting '${word[at]}')`);
      this.#at++;
    }
  }

  #number(): void {
    let text = "";
    for (let at = this.#at; NUMERIC.has(this.#bytes[at] ?? 0); at++) text += String.fromCharCode(this.#bytes[at] ?? 0);
    const found = NUMBER.exec(text)?.[0] ?? "";
    this.#at += found === "" ? 1 : found.length;
    if (found === "") this.#stop("in numeric literal");
    const next = this.#char() ?? "";
    if (next === "." || (/[eE]/.test(next) && !/[eE]/.test(found))) {
      this.#at++;
      this.#stop(next === "." ? "after decimal point in numeric literal" : "in exponent of numeric literal");
    }
  }

  #space(): void {
    while (SPACE.has(this.#bytes[this.#at] ?? -1)) this.#at++;
  }

  #char(): string | undefined {
    const byte = this.#bytes[this.#at];
    return byte === undefined ? undefined : String.fromCharCode(byte);
  }

  /** Bytes are told one by one, as Go does, also those of one character. */
  #stop(where: string): never {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Stop(ENDS);
    throw new Stop(`invalid character ${quoted(byte)} ${where}`);
  }
}

function quoted(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === QUOTE) return "'\"'";
  const names: Readonly<Record<number, string>> = {
    7: "\\a",
    8: "\\b",
    9: "\\t",
    10: "\\n",
    11: "\\v",
    12: "\\f",
    13: "\\r",
    92: "\\\\",
  };
  const name = names[byte];
  if (name !== undefined) return `'${name}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, "0")}'`;
  if (byte >= 0x80 && byte < 0xa1 || byte === 0xad) return `'\\u00${byte.toString(16).padStart(2, "0")}'`;
  return `'${String.fromCharCode(byte)}'`;
}
