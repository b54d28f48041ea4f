// Chooses a content coding: what the client takes, in the order of preference of the configuration.

import type { Coding } from "../net/runtime.ts";
import { parsePreferences } from "../telemetry/accept.ts";

/** What may be chosen. */
export interface CodingChoice {
  /** Best first. */
  readonly codings: readonly Coding[];
  /** For clients that say nothing or `*`; undefined: nothing for the first, the best for the second. */
  readonly byDefault: Coding | undefined;
}

/** @returns the coding for an Accept-Encoding header (undefined: the client sent none), or undefined for none */
export type ChooseCoding = (accept: string | undefined) => Coding | undefined;

const REMEMBERED = 256; // distinct Accept-Encoding texts; browsers send about ten
const MAX_LENGTH = 256; // characters of a text worth remembering

/** Builds a chooser that remembers its answers. */
export function createCodingChooser(choice: CodingChoice): ChooseCoding {
  const known = new Map<string, Coding | undefined>();
  return (accept) => {
    if (accept === undefined) return choice.byDefault;
    if (known.has(accept)) return known.get(accept);
    const coding = chooseCoding(accept, choice);
    if (known.size < REMEMBERED && accept.length <= MAX_LENGTH) known.set(accept, coding);
    return coding;
  };
}

interface Candidate {
  readonly coding: Coding | undefined;
  readonly quality: number;
}

function chooseCoding(accept: string, choice: CodingChoice): Coding | undefined {
  const qualities = new Map<string, number>();
  for (const { value, quality } of parsePreferences(accept)) {
    qualities.set(value === "x-gzip" ? "gzip" : value, quality);
  }
  let best: Candidate = { coding: undefined, quality: 0 };
  for (const candidate of [...namedCandidates(qualities, choice), anyCandidate(qualities, choice)]) {
    if (candidate.quality > best.quality) best = candidate;
  }
  return best.quality >= (qualities.get("identity") ?? 0) ? best.coding : undefined;
}

/** Codings the client names, best of the configuration first. */
function namedCandidates(qualities: ReadonlyMap<string, number>, { codings }: CodingChoice): readonly Candidate[] {
  return codings.map((coding) => ({ coding, quality: qualities.get(coding) ?? 0 }));
}

/** What `*` stands for: a coding that the client does not name. */
function anyCandidate(qualities: ReadonlyMap<string, number>, { codings, byDefault }: CodingChoice): Candidate {
  const ordered = byDefault === undefined ? codings : [byDefault, ...codings];
  const coding = ordered.find((unnamed) => !qualities.has(unnamed));
  return { coding, quality: coding === undefined ? 0 : qualities.get("*") ?? 0 };
}
