// Finds keys that a JSON text gives twice: JSON.parse keeps the last one and says nothing.

import { fieldPath, type Step } from "../json.ts";

const LIMIT = 100; // findings that a real server reports at most

/**
 * @param text valid JSON
 * @returns paths of the fields given more than once, in their order
 */
export function duplicateFields(text: string): string[] {
  return /"[^"]*"\s*:/.test(text) ? new Scanner(text).scan() : [];
}

interface Level {
  /** Undefined: a list. */
  readonly keys: Set<string> | undefined;
  index: number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

class Scanner {
  readonly #text: string;
  readonly #levels: Level[] = [];
  readonly #path: Step[] = [];
  readonly #found: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  scan(): string[] {
    let [previous, before] = ["", ""]; // the last two tokens
    for (const [token] of this.#text.matchAll(TOKEN)) {
      if (token === ":" && (before === "{" || before === ",")) this.#key(previous);
      else if (token === "{" || token === "[") this.#open(token);
      else if (token === "}" || token === "]") this.#close();
      else if (token === ",") this.#next();
      [before, previous] = [previous, token];
      if (this.#found.length >= LIMIT) break;
    }
    return this.#found;
  }

  #open(token: string): void {
    this.#levels.push({ keys: token === "{" ? new Set() : undefined, index: 0 });
    if (token === "[") this.#path.push(0);
  }

  #close(): void {
    const level = this.#levels.pop();
    if (level === undefined) return;
    if (level.keys === undefined || level.keys.size > 0) this.#path.pop();
  }

  #next(): void {
    const level = this.#levels.at(-1);
    if (level === undefined) return;
    this.#path.pop();
    if (level.keys === undefined) this.#path.push(++level.index);
    else this.#path.push(""); // until the next key is known
  }

  #key(quoted: string): void {
    const level = this.#levels.at(-1);
    if (level?.keys === undefined) return;
    const name: unknown = JSON.parse(quoted);
    if (typeof name !== "string") return;
    if (level.keys.size > 0) this.#path.pop();
    this.#path.push(name);
    if (level.keys.has(name)) this.#found.push(fieldPath(this.#path));
    level.keys.add(name);
  }
}
