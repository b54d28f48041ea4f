// IP addresses between text and the bytes of wire formats.

import { parseIp } from "./cidr.ts";

/** @returns 4 or 16 bytes; mapped IPv4 addresses have 4; undefined when the text is no address */
export function ipToBytes(ip: string): Uint8Array | undefined {
  const groups = parseIp(ip);
  if (groups === undefined) return undefined;
  const bytes = new Uint8Array(groups.length * 4);
  for (const [index, group] of groups.entries()) {
    for (let byte = 0; byte < 4; byte++) bytes[index * 4 + byte] = (group >>> (24 - byte * 8)) & 0xff;
  }
  return bytes;
}

/** @param bytes 4 or 16. @returns the text as RFC 5952 wants it, mapped IPv4 unwrapped */
export function bytesToIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const hextets: number[] = [];
  for (let at = 0; at < 16; at += 2) hextets.push((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
  if (hextets.slice(0, 5).every((hextet) => hextet === 0) && hextets[5] === 0xffff) return bytes.subarray(12).join(".");
  const [start, length] = longestZeros(hextets);
  const text = (from: number, to: number) => hextets.slice(from, to).map((hextet) => hextet.toString(16)).join(":");
  return length < 2 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}

/** @returns the text of an address in weir's one spelling; undefined when it is none */
export function canonicalIp(ip: string): string | undefined {
  const bytes = ipToBytes(ip);
  return bytes === undefined ? undefined : bytesToIp(bytes);
}

function longestZeros(hextets: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let at = 0; at < hextets.length; at++) {
    let end = at;
    while (hextets[end] === 0) end++;
    if (end - at > best[1]) best = [at, end - at];
  }
  return best;
}
