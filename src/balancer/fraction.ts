// Exact comparison of fractions of whole numbers: floating-point deadlines drift, these do not.

/** Below this relative difference the floating-point result may be wrong. */
const DOUBTFUL = 2 ** -50;

/**
 * Compares a/b with c/d.
 * @param a whole numbers from 0 to 2^53-1; the denominators from 1
 * @returns negative, 0 or positive
 */
export function compareFractions(a: number, b: number, c: number, d: number): number {
  const left = a * d;
  const right = c * b;
  if (left <= Number.MAX_SAFE_INTEGER && right <= Number.MAX_SAFE_INTEGER) return left - right;
  const difference = left - right;
  if (Math.abs(difference) > Math.max(left, right) * DOUBTFUL) return difference;
  const exact = BigInt(a) * BigInt(d) - BigInt(c) * BigInt(b);
  return exact === 0n ? 0 : exact < 0n ? -1 : 1;
}

/** The whole part of a·b/c, exact. */
export function scaleDown(a: number, b: number, c: number): number {
  const product = a * b;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / c);
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}

/** Divides all by their greatest common divisor. @param weights whole numbers from 1 */
export function reduceWeights(weights: readonly number[]): number[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  return weights.map((weight) => weight / divisor);
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
