// Rules that were read before: a reload reads only those that are new.

import type { ParseResult } from "../rule/parse.ts";
import { parseRule } from "../rule/parse.ts";
import type { RuleSyntax } from "../rule/tree.ts";
import type { RuleProtocol } from "../rule/vocabulary.ts";

const SPARE = 1_000; // rules kept beside those of the routers there are

/**
 * Texts and their trees. Once there are many more than routers, those that were not read since the last clearing are
 * forgotten. The same text gives the same tree, and what was worked out for that tree is found again too.
 */
export class RuleCache {
  #before: ReadonlyMap<string, ParseResult> = new Map();
  #current = new Map<string, ParseResult>();

  /** How many rules are kept. */
  get size(): number {
    return new Set([...this.#before.keys(), ...this.#current.keys()]).size;
  }

  /** A build begins. Routers that are as before do not read their rules again. */
  turn(routers: number): void {
    if (this.#current.size <= 2 * routers + SPARE) return;
    this.#before = this.#current;
    this.#current = new Map();
  }

  /** Reads a rule. */
  read(text: string, syntax: RuleSyntax, protocol: RuleProtocol = "http"): ParseResult {
    const key = `${protocol} ${syntax} ${text}`;
    const known = this.#current.get(key) ?? this.#before.get(key);
    const result = known ?? parseRule(text, { syntax, protocol });
    this.#current.set(key, result);
    return result;
  }
}

/** For `StateStore.take`. */
export function isRuleCache(value: unknown): value is RuleCache {
  return value instanceof RuleCache;
}
