// Short stable hashes in Kubernetes' alphabet, so that names of simulated objects never change between runs.

const ALPHABET = "bcdfghjklmnpqrstvwxz2456789"; // Kubernetes' "safe" letters: no vowels, no words, no 0/1/3

/** FNV-1a over the UTF-16 units of a text, 32 bits. */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** @param length letters wanted, at most 12 */
export function safeHash(text: string, length: number): string {
  let letters = "";
  let hash = hash32(text);
  for (let at = 0; at < length; at++) {
    if (at % 5 === 4) hash = hash32(text, hash); // 32 bits are used up after some letters
    letters += ALPHABET[hash % ALPHABET.length] ?? "";
    hash = Math.floor(hash / ALPHABET.length);
  }
  return letters;
}
