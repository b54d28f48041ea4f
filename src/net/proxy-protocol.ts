// The PROXY protocol, versions 1 and 2: who is really at the other end, told before the first byte of the connection.
//
// https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt; strict, because whoever may send it is trusted.

import { fromLatin1, toLatin1 } from "./bytes.ts";
import type { Address } from "./connection.ts";
import { bytesToIp, canonicalIp, ipToBytes } from "./ip-text.ts";

/** A header that was read. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Bytes of the header; the connection's own begin there. */
  readonly length: number;
  /** undefined: the sender speaks for itself (`LOCAL`, `UNKNOWN`), and the connection's own addresses hold. */
  readonly addresses: ProxyAddresses | undefined;
}

/** The two ends of the connection that the sender of the header took. */
export interface ProxyAddresses {
  /** The client. */
  readonly source: Address;
  /** What the client connected to. */
  readonly destination: Address;
}

/** What the bytes so far are. `none`: they do not begin with a header. */
export type ProxyResult =
  | { readonly kind: "more" }
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "header"; readonly header: ProxyHeader };

/** The longest header that is read; both versions' addresses with room for a good many TLVs. */
export const PROXY_LIMIT = 4096;

const V1_START = fromLatin1("PROXY ");
const V1_LIMIT = 107; // its line, CR LF included: "worst case" of the specification
const V2_START = fromLatin1("\r\n\r\n\0\r\nQUIT\n");
const V2_HEAD = 16;
const V2_LOCAL = 0x20;
const V2_PROXY = 0x21;

/** Bytes of addresses and ports, by family and transport. */
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;
const V2_UNIX = 0x31;
const V2_UNSPECIFIED = 0x00;
const V2_ADDRESS_BYTES: Readonly<Record<number, number>> = {
  [V2_UNSPECIFIED]: 0,
  [V2_TCP4]: 12,
  [V2_TCP6]: 36,
  [V2_UNIX]: 216,
};

/** Looks at a connection's first bytes, from the first one, each time more have come. */
export function readProxyHeader(bytes: Uint8Array): ProxyResult {
  const first = startsWith(bytes, V1_START);
  if (first === "yes") return readV1(bytes);
  const second = startsWith(bytes, V2_START);
  if (second === "yes") return readV2(bytes);
  return { kind: first === "perhaps" || second === "perhaps" ? "more" : "none" };
}

/** @returns the header for a connection of ours that carries somebody else's */
export function writeProxyHeader(version: 1 | 2, { source, destination }: ProxyAddresses): Uint8Array {
  const from = ipToBytes(source.ip);
  const to = ipToBytes(destination.ip);
  if (from === undefined || to === undefined) return version === 1 ? fromLatin1("PROXY UNKNOWN\r\n") : writeUnknownV2();
  const isV4 = from.length === 4 && to.length === 4;
  if (version === 1) {
    // Families that differ go as IPv6, the IPv4 one mapped: one line has one family.
    const text = (ip: string, bytes: Uint8Array) => (isV4 || bytes.length === 16 ? ip : `::ffff:${ip}`);
    const ends = `${text(source.ip, from)} ${text(destination.ip, to)}`;
    return fromLatin1(`PROXY ${isV4 ? "TCP4" : "TCP6"} ${ends} ${source.port} ${destination.port}\r\n`);
  }
  const width = isV4 ? 4 : 16;
  const header = startV2(V2_PROXY, isV4 ? V2_TCP4 : V2_TCP6, width * 2 + 4);
  header.set(widened(from, width), V2_HEAD);
  header.set(widened(to, width), V2_HEAD + width);
  write16(header, V2_HEAD + width * 2, source.port);
  write16(header, V2_HEAD + width * 2 + 2, destination.port);
  return header;
}

function startsWith(bytes: Uint8Array, start: Uint8Array): "yes" | "no" | "perhaps" {
  const length = Math.min(bytes.length, start.length);
  for (let at = 0; at < length; at++) {
    if (bytes[at] !== start[at]) return "no";
  }
  return length === start.length ? "yes" : "perhaps";
}

function refused(reason: string): ProxyResult {
  return { kind: "refused", reason: `malformed PROXY protocol header: ${reason}` };
}

function readV1(bytes: Uint8Array): ProxyResult {
  const end = bytes.subarray(0, V1_LIMIT).indexOf(0x0a);
  if (end < 0) return bytes.length < V1_LIMIT ? { kind: "more" } : refused(`no line end within ${V1_LIMIT} bytes`);
  if (bytes[end - 1] !== 0x0d) return refused("its line ends with LF alone");
  const line = toLatin1(bytes, 0, end - 1);
  const length = end + 1;
  const [, family, ...fields] = line.split(" ");
  // The specification wants whatever follows UNKNOWN to be ignored.
  if (family === "UNKNOWN") return { kind: "header", header: { version: 1, length, addresses: undefined } };
  if (family !== "TCP4" && family !== "TCP6") return refused(`family ${JSON.stringify(family)}, not TCP4 or TCP6`);
  const [sourceIp = "", destinationIp = "", sourcePort = "", destinationPort = ""] = fields;
  if (fields.length !== 4) return refused(`${fields.length} fields after ${family}, not 4`);
  const source = toAddress(family, sourceIp, sourcePort);
  const destination = toAddress(family, destinationIp, destinationPort);
  if (source === undefined) return refused(`no ${family} address and port: "${sourceIp} ${sourcePort}"`);
  if (destination === undefined) return refused(`no ${family} address and port: "${destinationIp} ${destinationPort}"`);
  return { kind: "header", header: { version: 1, length, addresses: { source, destination } } };
}

function toAddress(family: "TCP4" | "TCP6", text: string, port: string): Address | undefined {
  if (text.includes(":") !== (family === "TCP6") || text.includes("%")) return undefined;
  const ip = canonicalIp(text);
  if (ip === undefined || !/^(?:0|[1-9][0-9]{0,4})$/.test(port) || Number(port) > 0xffff) return undefined;
  return { ip, port: Number(port) };
}

function readV2(bytes: Uint8Array): ProxyResult {
  if (bytes.length < V2_HEAD) return { kind: "more" };
  const [command = 0, family = 0] = bytes.subarray(12, 14);
  const rest = read16(bytes, 14);
  const length = V2_HEAD + rest;
  // A sender that speaks for itself may name any family; nothing of it is read.
  const addressBytes = command === V2_LOCAL ? 0 : V2_ADDRESS_BYTES[family];
  const problem = judgeV2(command, family, rest, addressBytes);
  if (problem !== undefined) return refused(problem);
  if (bytes.length < length) return { kind: "more" };
  if (command === V2_LOCAL || (family !== V2_TCP4 && family !== V2_TCP6) || addressBytes === undefined) {
    return { kind: "header", header: { version: 2, length, addresses: undefined } };
  }
  if (!hasWholeTlvs(bytes, V2_HEAD + addressBytes, length)) return refused("a TLV does not fit");
  const addresses = readV2Addresses(bytes, (addressBytes - 4) / 2);
  return { kind: "header", header: { version: 2, length, addresses } };
}

/** @returns what is wrong with the fixed part of the header */
function judgeV2(command: number, family: number, rest: number, addressBytes: number | undefined): string | undefined {
  if (command !== V2_LOCAL && command !== V2_PROXY) return `version and command ${hex(command)}`;
  if (V2_HEAD + rest > PROXY_LIMIT) return `${V2_HEAD + rest} bytes, and the limit is ${PROXY_LIMIT}`;
  if (addressBytes === undefined) return `family and transport ${hex(family)}, not TCP`;
  return rest < addressBytes ? `${rest} bytes of addresses, not ${addressBytes}` : undefined;
}

function readV2Addresses(bytes: Uint8Array, width: number): ProxyAddresses {
  const to = V2_HEAD + width;
  const ports = to + width;
  return {
    source: { ip: bytesToIp(bytes.subarray(V2_HEAD, to)), port: read16(bytes, ports) },
    destination: { ip: bytesToIp(bytes.subarray(to, ports)), port: read16(bytes, ports + 2) },
  };
}

/** Type, two bytes of length, value. Nothing in them is used; one that runs over is a header that was cut or forged. */
function hasWholeTlvs(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (at + 3 > end) return false;
    at += 3 + read16(bytes, at + 1);
  }
  return at === end;
}

function startV2(command: number, family: number, rest: number): Uint8Array {
  const header = new Uint8Array(V2_HEAD + rest);
  header.set(V2_START);
  header[12] = command;
  header[13] = family;
  write16(header, 14, rest);
  return header;
}

function writeUnknownV2(): Uint8Array {
  return startV2(V2_PROXY, V2_UNSPECIFIED, 0);
}

/** IPv4 as mapped IPv6 where 16 bytes are wanted. */
function widened(ip: Uint8Array, width: number): Uint8Array {
  if (ip.length === width) return ip;
  const wide = new Uint8Array(width);
  wide[10] = 0xff;
  wide[11] = 0xff;
  wide.set(ip, 12);
  return wide;
}

function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 0x100 + (bytes[at + 1] ?? 0);
}

function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
