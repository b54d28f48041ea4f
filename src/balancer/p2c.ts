// Power of two choices: of two random entries, the one with fewer requests in flight.

import type { Chooser, ChooserOptions } from "./chooser.ts";

/** Makes the `p2c` strategy. Weights count as in Traefik: only 0 matters. */
export function createP2c({ slots, random }: ChooserOptions): Chooser {
  const scratch = new Int32Array(slots.length);
  const draw = (below: number): number => Math.floor(random() * below);
  const lighter = (a: number, b: number): number => (inFlight(b) < inFlight(a) ? b : a);
  const inFlight = (index: number): number => slots[index]?.load.inFlight ?? 0;

  return (eligible) => {
    const count = slots.length;
    if (count >= 2) {
      // All up is the usual case, and needs no look at the others.
      const [first, second] = drawTwo(draw, count);
      if (eligible(first) && eligible(second)) return lighter(first, second);
    }
    let open = 0;
    for (let index = 0; index < count; index++) if (eligible(index)) scratch[open++] = index;
    if (open < 2) return open === 0 ? -1 : (scratch[0] ?? -1);
    const [first, second] = drawTwo(draw, open);
    return lighter(scratch[first] ?? 0, scratch[second] ?? 0);
  };
}

/** Two different numbers from 0 to count-1, every pair equally likely. */
function drawTwo(draw: (below: number) => number, count: number): readonly [number, number] {
  const first = draw(count);
  const second = draw(count - 1);
  return [first, second < first ? second : second + 1];
}
