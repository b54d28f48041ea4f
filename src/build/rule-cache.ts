// Rules that were read before: a reload reads only those that are new.

import type { ParseResult } from "../rule/parse.ts";
import { parseRule } from "../rule/parse.ts";
import type { RuleSyntax } from "../rule/tree.ts";

/**
 * Texts and their trees, of this build and the one before; what neither uses is forgotten.
 * The same text gives the same tree, and what was worked out for that tree is found again too.
 */
export class RuleCache {
  #before: ReadonlyMap<string, ParseResult> = new Map();
  #current = new Map<string, ParseResult>();

  /** How many rules are kept. */
  get size(): number {
    return new Set([...this.#before.keys(), ...this.#current.keys()]).size;
  }

  /** A build begins. */
  turn(): void {
    this.#before = this.#current;
    this.#current = new Map();
  }

  /** Reads an HTTP rule. */
  read(text: string, syntax: RuleSyntax): ParseResult {
    const key = `${syntax} ${text}`;
    const known = this.#current.get(key) ?? this.#before.get(key);
    const result = known ?? parseRule(text, { syntax, protocol: "http" });
    this.#current.set(key, result);
    return result;
  }
}

/** For `StateStore.take`. */
export function isRuleCache(value: unknown): value is RuleCache {
  return value instanceof RuleCache;
}
