// Least time: the entry that answers soonest, judged by its last answers and by what it has to do.

import type { Chooser, ChooserOptions } from "./chooser.ts";

const NO_SAMPLE_MS = 1; // when nobody has answered yet, requests in flight alone decide

/**
 * Makes the `leasttime` strategy: the lowest average time to first byte × (1 + requests in flight) / weight;
 * ties go round robin. A server without answers yet counts as the fastest known one: Traefik counts it as 0 and
 * sends it every request until the first is answered.
 */
export function createLeastTime({ slots, schedule }: ChooserOptions): Chooser {
  const scores = new Float64Array(slots.length);
  let least = Infinity;
  const isLeast = (index: number): boolean => scores[index] === least;

  return (eligible) => {
    const assumed = fastest(slots);
    least = Infinity;
    let winner = -1;
    let ties = 0;
    for (const [index, slot] of slots.entries()) {
      scores[index] = Infinity;
      if (!eligible(index)) continue;
      const score = ((slot.load.averageMs ?? assumed) * (1 + slot.load.inFlight)) / slot.weight;
      scores[index] = score;
      if (score === least) ties++;
      if (score >= least) continue;
      least = score;
      winner = index;
      ties = 0;
    }
    return ties === 0 ? winner : schedule().next(isLeast);
  };
}

function fastest(slots: ChooserOptions["slots"]): number {
  let best = Infinity;
  for (const slot of slots) best = Math.min(best, slot.load.averageMs ?? Infinity);
  return best === Infinity ? NO_SAMPLE_MS : best;
}
