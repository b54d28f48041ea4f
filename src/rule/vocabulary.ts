// The matchers there are: their names in four spellings, and how many arguments each takes.

import { nearest } from "./suggest.ts";
import type { RuleSyntax } from "./tree.ts";

/** What a rule is about: requests, or connections. */
export type RuleProtocol = "http" | "tcp";

/** How many arguments a matcher takes; `most` may be Infinity. */
export interface Arity {
  readonly least: number;
  readonly most: number;
}

const one: Arity = { least: 1, most: 1 };
const two: Arity = { least: 2, most: 2 };
const oneOrTwo: Arity = { least: 1, most: 2 };
const oneOrMore: Arity = { least: 1, most: Infinity };
const twoOrMore: Arity = { least: 2, most: Infinity };

const vocabularies: Readonly<Record<`${RuleProtocol} ${RuleSyntax}`, Readonly<Record<string, Arity>>>> = {
  "http v3": {
    Host: one,
    HostRegexp: one,
    Path: one,
    PathPrefix: one,
    PathRegexp: one,
    Method: one,
    Header: two,
    HeaderRegexp: two,
    Query: oneOrTwo,
    QueryRegexp: oneOrTwo,
    ClientIP: one,
  },
  "http v2": {
    Host: oneOrMore,
    HostHeader: oneOrMore,
    HostRegexp: oneOrMore,
    Path: oneOrMore,
    PathPrefix: oneOrMore,
    Method: oneOrMore,
    Headers: twoOrMore,
    HeadersRegexp: twoOrMore,
    Query: oneOrMore,
    ClientIP: oneOrMore,
  },
  "tcp v3": { HostSNI: one, HostSNIRegexp: one, ClientIP: one, ALPN: one },
  "tcp v2": { HostSNI: oneOrMore, HostSNIRegexp: oneOrMore, ClientIP: oneOrMore, ALPN: oneOrMore },
};

/** A matcher that was found. */
export interface KnownMatcher {
  /** As documented: `PathPrefix`. */
  readonly name: string;
  readonly arity: Arity;
}

/** Looks a matcher up by any of its spellings: `PathPrefix`, `pathprefix`, `PATHPREFIX`, `Pathprefix`. */
export function findMatcher(spelling: string, protocol: RuleProtocol, syntax: RuleSyntax): KnownMatcher | undefined {
  return spellings[`${protocol} ${syntax}`].get(spelling);
}

/** What to say about a matcher that was not found. */
export function unknownMatcherHint(spelling: string, protocol: RuleProtocol, syntax: RuleSyntax): string {
  const other = syntax === "v3" ? "v2" : "v3";
  const elsewhere = findMatcher(spelling, protocol, other)?.name;
  const names = Object.keys(vocabularies[`${protocol} ${syntax}`]);
  const similar = nearest(spelling, names);
  if (elsewhere !== undefined) {
    const instead = similar === undefined ? "" : `; in ${syntax} there is ${similar}`;
    return `${elsewhere} belongs to rule syntax ${other}${instead}`;
  }
  const otherProtocol = protocol === "http" ? "tcp" : "http";
  const foreign = findMatcher(spelling, otherProtocol, syntax)?.name;
  if (foreign !== undefined) return `${foreign} is for ${otherProtocol.toUpperCase()} routers`;
  return similar === undefined ? `there are ${names.join(", ")}` : `did you mean ${similar}?`;
}

const spellings = {
  "http v3": spellingsOf(vocabularies["http v3"]),
  "http v2": spellingsOf(vocabularies["http v2"]),
  "tcp v3": spellingsOf(vocabularies["tcp v3"]),
  "tcp v2": spellingsOf(vocabularies["tcp v2"]),
} as const;

function spellingsOf(vocabulary: Readonly<Record<string, Arity>>): ReadonlyMap<string, KnownMatcher> {
  const map = new Map<string, KnownMatcher>();
  for (const [name, arity] of Object.entries(vocabulary)) {
    const lower = name.toLowerCase();
    const title = `${name.charAt(0)}${lower.slice(1)}`;
    for (const spelling of [name, lower, name.toUpperCase(), title]) map.set(spelling, { name, arity });
  }
  return map;
}
