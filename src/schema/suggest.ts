// "Did you mean": the known word nearest to a mistyped one.

/**
 * The candidate with the smallest edit distance (a swap of neighbours counts as one edit), if it is near enough.
 * Case is ignored. Of equally near ones the first wins.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const limit = maxDistance(Math.max(wanted.length, candidate.length));
    const distance = editDistance(wanted, candidate.toLowerCase(), Math.min(bestDistance, limit + 1));
    if (distance < bestDistance && distance <= limit) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The hint that goes with an unknown word: the nearest known one, else all of them when they are few. */
export function hintFor(word: string, candidates: readonly string[]): string | undefined {
  const near = suggest(word, candidates);
  if (near !== undefined) return `did you mean ${JSON.stringify(near)}?`;
  if (candidates.length === 0 || candidates.length > 12) return undefined;
  return `known here: ${candidates.join(", ")}`;
}

/** Two slips in a word of five letters, three in longer ones; in a word of two, any slip makes another word. */
function maxDistance(length: number): number {
  return Math.min(3, Math.floor(length / 2.5));
}

/** Damerau-Levenshtein (optimal string alignment); gives up once the distance must reach `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(beforeLast, j - 2) + 1 : Infinity;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, substituted, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
