// Highest random weight (rendezvous hashing): a client stays with its server while that is there.

import type { Chooser, ChooserOptions } from "./chooser.ts";

const WORD = 0x1_0000_0000; // 2^32
const FNV_HIGH = 0xcbf29ce4 | 0;
const FNV_LOW = 0x84222325 | 0;
const PRIME_LOW = 0x1b3; // the prime is 2^40 + 0x1b3

const encoder = new TextEncoder();

/** Makes the `hrw` strategy: Traefik's scores, so that both send a client to the same server. */
export function createHrw({ slots }: ChooserOptions): Chooser {
  const candidates = slots.map((slot) => ({ weight: slot.weight, name: encoder.encode(slot.key) }));
  const hash = new Fnv1a64();
  return (eligible, { clientIp = "" }) => {
    hash.reset();
    hash.addAscii(clientIp);
    const { high, low } = hash;
    let best = -1;
    let bestScore = -1;
    for (let index = 0; index < candidates.length; index++) {
      const candidate = candidates[index];
      if (candidate === undefined || !eligible(index)) continue;
      hash.high = high;
      hash.low = low;
      hash.addBytes(candidate.name);
      const score = candidate.weight / hash.negativeLogarithm();
      if (score <= bestScore) continue;
      best = index;
      bestScore = score;
    }
    return best;
  };
}

/** 64-bit FNV-1a in two 32-bit halves, kept as signed integers: no BigInt and no doubles where requests pass. */
export class Fnv1a64 {
  high = FNV_HIGH;
  low = FNV_LOW;

  /** Starts over. */
  reset(): void {
    this.high = FNV_HIGH;
    this.low = FNV_LOW;
  }

  /** Adds text of ASCII characters only: an IP address. */
  addAscii(text: string): void {
    for (let at = 0; at < text.length; at++) this.#add(text.charCodeAt(at));
  }

  /** Adds bytes. */
  addBytes(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) this.#add(bytes[at] ?? 0);
  }

  /** -ln(hash / 2^64), kept above 0 so that one can divide by it. */
  negativeLogarithm(): number {
    return Math.max(-Math.log(((this.high >>> 0) * WORD + (this.low >>> 0)) / (WORD * WORD)), Number.EPSILON);
  }

  /** Xor, then times 2^40 + 0x1b3: of low·2^40 only low<<8 is left in the high half; 16 bits at a time for the rest. */
  #add(byte: number): void {
    const low = this.low ^ byte;
    const lower = (low & 0xffff) * PRIME_LOW;
    const upper = (low >>> 16) * PRIME_LOW + (lower >>> 16);
    this.low = (upper << 16) | (lower & 0xffff);
    this.high = (Math.imul(this.high, PRIME_LOW) + (upper >>> 16) + (low << 8)) | 0;
  }
}
