// Traefik 1's service-weights: shares in percent of those Services that have one; the others share what is left.

/** One of the Services of a path. */
export interface Share {
  /** 0 to 1; undefined: its part of the rest. */
  readonly wanted: number | undefined;
  /** Servers it has: the rest is shared by them, as in Traefik 1. */
  readonly servers: number;
}

const PARTS = 100_000; // thousandths of a percent, the precision of Traefik 1

/** @returns whole-number weights in the order of the shares, or what is wrong with them */
export function weightsOf(shares: readonly Share[]): readonly number[] | { readonly message: string } {
  const given = sum(shares.map(({ wanted = 0 }) => toParts(wanted)));
  const others = shares.filter(({ wanted }) => wanted === undefined);
  if (given > PARTS) return { message: `the weights add up to ${given / 1000}%, which is more than 100%` };
  if (given < PARTS && others.length === 0) {
    return { message: `the weights add up to ${given / 1000}%, and no Service is left for the rest` };
  }
  const servers = sum(others.map((share) => share.servers));
  const weights = shares.map(({ wanted, servers: own }) => {
    if (wanted !== undefined) return toParts(wanted);
    return servers === 0 ? 0 : Math.round(((PARTS - given) * own) / servers);
  });
  const divisor = weights.reduce(commonDivisor, 0);
  return divisor === 0 ? weights : weights.map((weight) => weight / divisor);
}

function toParts(share: number): number {
  return Math.round(share * PARTS);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
