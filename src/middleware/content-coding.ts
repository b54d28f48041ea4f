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
  readonly coding: Coding;
  readonly quality: number;
}

function chooseCoding(accept: string, { codings, byDefault }: CodingChoice): Coding | undefined {
  const qualities = new Map<string, number>();
  for (const { value, quality } of parsePreferences(accept)) {
    qualities.set(value === "x-gzip" ? "gzip" : value, quality);
  }
  let best: Candidate | undefined;
  for (const coding of codings) {
    const quality = qualities.get(coding) ?? 0;
    if (quality > (best?.quality ?? 0)) best = { coding, quality };
  }
  const others = [...(byDefault === undefined ? [] : [byDefault]), ...codings];
  const other = others.find((coding) => !qualities.has(coding));
  const otherQuality = qualities.get("*") ?? 0;
  if (other !== undefined && otherQuality > (best?.quality ?? 0)) best = { coding: other, quality: otherQuality };
  return best !== undefined && best.quality >= (qualities.get("identity") ?? 0) ? best.coding : undefined;
}
