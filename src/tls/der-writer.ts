// Writes DER, as much of it as one certificate of weir's own needs; `src/net/der.ts` reads it.

import { concat } from "../net/bytes.ts";

/** A value: tag, length, and the parts of its content. */
export function derValue(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(parts);
  return concat([Uint8Array.of(tag, ...lengthOf(content.length)), content]);
}

/** @param bytes big-endian, unsigned */
export function derInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const significant = bytes.subarray(start);
  const isNegative = ((significant[0] ?? 0) & 0x80) !== 0; // would be read so
  return derValue(0x02, ...(isNegative ? [Uint8Array.of(0)] : []), significant);
}

/** @param text dotted numbers, as `2.5.4.3` */
export function derOid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return derValue(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** A text tag with the text in UTF-8. */
export function derText(tag: number, text: string): Uint8Array {
  return derValue(tag, new TextEncoder().encode(text));
}

/** @param time milliseconds since 1970, before 2050 */
export function derTime(time: number): Uint8Array {
  const digits = new Date(time).toISOString().replace(/[-:T]|\.\d+/g, "");
  return derText(0x17, digits.slice(2));
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}
