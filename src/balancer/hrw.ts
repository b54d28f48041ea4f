// Highest random weight (rendezvous hashing): a client stays with its server while that is there.

import type { Chooser, ChooserOptions } from "./chooser.ts";

const WORD = 0x1_0000_0000; // 2^32
const FNV_HIGH = 0xcbf29ce4;
const FNV_LOW = 0x84222325;
const PRIME_LOW = 0x1b3; // the prime is 2^40 + 0x1b3

const encoder = new TextEncoder();

/** Makes the `hrw` strategy: Traefik's scores, so that both send a client to the same server. */
export function createHrw({ slots }: ChooserOptions): Chooser {
  const names = slots.map((slot) => encoder.encode(slot.key));
  const hash = new Fnv1a64();
  return (eligible, { clientIp = "" }) => {
    hash.reset();
    hash.addAscii(clientIp);
    const { high, low } = hash;
    let best = -1;
    let bestScore = -1;
    for (let index = 0; index < slots.length; index++) {
      if (!eligible(index)) continue;
      hash.high = high;
      hash.low = low;
      hash.addBytes(names[index]);
      const score = (slots[index]?.weight ?? 0) / hash.negativeLogarithm();
      if (score <= bestScore) continue;
      best = index;
      bestScore = score;
    }
    return best;
  };
}

/** 64-bit FNV-1a in two 32-bit halves: no BigInt where requests pass. */
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
    for (let at = 0; at < text.length; at++) this.#add(text.charCodeAt(at) & 0xff);
  }

  /** Adds bytes. */
  addBytes(bytes: Uint8Array | undefined): void {
    for (const byte of bytes ?? []) this.#add(byte);
  }

  /** -ln(hash / 2^64), kept above 0 so that one can divide by it. */
  negativeLogarithm(): number {
    return Math.max(-Math.log((this.high * WORD + this.low) / (WORD * WORD)), Number.EPSILON);
  }

  /** Xor, then times 2^40 + 0x1b3: low·2^40 reaches only the high half, low·0x1b3 fits into a double. */
  #add(byte: number): void {
    const low = (this.low ^ byte) >>> 0;
    const product = low * PRIME_LOW;
    this.low = product >>> 0;
    this.high = (Math.imul(this.high, PRIME_LOW) + Math.floor(product / WORD) + (low << 8)) >>> 0;
  }
}
