// Synchronous hashes of short texts, for names and sticky values worked out at build time; never for secrets.

const WORD = 0x1_0000_0000; // 2^32
const BLOCK = 64; // bytes that SHA-1 and SHA-256 digest at a time

const encoder = new TextEncoder();

/** SHA-1 in lower-case hex: what Traefik names sticky cookies by. @param data text is taken as UTF-8 */
export function sha1Hex(data: string | Uint8Array): string {
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  return digest(data, state, new Uint32Array(80), sha1Block);
}

/** SHA-256 in lower-case hex. @param data text is taken as UTF-8 */
export function sha256Hex(data: string | Uint8Array): string {
  return digest(data, sha256Start.slice(), new Uint32Array(64), sha256Block);
}

/** 64-bit FNV-1 (multiply, then xor) in lower-case hex without leading zeros, as Go formats an integer. */
export function fnv1Hex64(data: string | Uint8Array): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of toBytes(data)) hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
  return hash.toString(16);
}

type BlockFunction = (state: Uint32Array, words: Uint32Array) => void;

/** Merkle–Damgård as both SHAs use it: 0x80, zeros, and the length in bits as 64 bits, big-endian. */
function digest(data: string | Uint8Array, state: Uint32Array, words: Uint32Array, block: BlockFunction): string {
  const bytes = toBytes(data);
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor((bytes.length * 8) / WORD));
  view.setUint32(padded.length - 4, (bytes.length * 8) % WORD);
  for (let at = 0; at < padded.length; at += BLOCK) {
    for (let word = 0; word < 16; word++) words[word] = view.getUint32(at + word * 4);
    block(state, words);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

/** FIPS 180-4 §6.1.2. */
function sha1Block(state: Uint32Array, w: Uint32Array): void {
  for (let t = 16; t < 80; t++) w[t] = rotateLeft(at(w, t - 3) ^ at(w, t - 8) ^ at(w, t - 14) ^ at(w, t - 16), 1);
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let t = 0; t < 80; t++) {
    const [mixed, constant] = sha1Step(t, b, c, d);
    const next = (rotateLeft(a, 5) + mixed + e + constant + at(w, t)) >>> 0;
    [e, d, c, b, a] = [d, c, rotateLeft(b, 30), a, next];
  }
  addTo(state, [a, b, c, d, e]);
}

function sha1Step(t: number, b: number, c: number, d: number): readonly [mixed: number, constant: number] {
  if (t < 20) return [((b & c) | (~b & d)) >>> 0, 0x5a827999];
  if (t < 40) return [(b ^ c ^ d) >>> 0, 0x6ed9eba1];
  if (t < 60) return [((b & c) | (b & d) | (c & d)) >>> 0, 0x8f1bbcdc];
  return [(b ^ c ^ d) >>> 0, 0xca62c1d6];
}

/** SHA-256's start: fractions of the square roots of the first 8 primes. */
const sha256Start = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));

/** SHA-256's round constants: fractions of the cube roots of the first 64 primes. */
const roundConstants = Uint32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));

/** FIPS 180-4 §6.2.2. */
function sha256Block(state: Uint32Array, w: Uint32Array): void {
  for (let t = 16; t < 64; t++) {
    const [w2, w15] = [at(w, t - 2), at(w, t - 15)];
    const s0 = rotateRight(w15, 7) ^ rotateRight(w15, 18) ^ (w15 >>> 3);
    const s1 = rotateRight(w2, 17) ^ rotateRight(w2, 19) ^ (w2 >>> 10);
    w[t] = s1 + at(w, t - 7) + s0 + at(w, t - 16);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t++) {
    const s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + at(roundConstants, t) + at(w, t);
    const s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) >>> 0, c, b, a, (t1 + t2) >>> 0];
  }
  addTo(state, [a, b, c, d, e, f, g, h]);
}

function addTo(state: Uint32Array, values: readonly number[]): void {
  for (const [index, value] of values.entries()) state[index] = at(state, index) + value;
}

function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

function rotateLeft(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

function rotateRight(word: number, bits: number): number {
  return ((word >>> bits) | (word << (32 - bits))) >>> 0;
}

/** The first 32 bits behind the point. */
function fraction(value: number): number {
  return Math.floor((value % 1) * WORD);
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found;
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? encoder.encode(data) : data;
}
