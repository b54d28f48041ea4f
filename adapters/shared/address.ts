// Addresses as the system spells them → as weir does: IPv4-mapped IPv6 unwrapped, no zone, no brackets.

import type { Address } from "../../src/net/connection.ts";

const MAPPED = "::ffff:";

/** @returns the textual IP; a dual-stack listener sees IPv4 clients as `::ffff:1.2.3.4` */
export function canonicalIp(ip: string | undefined): string {
  if (ip === undefined) return "";
  if (ip.startsWith(MAPPED) && ip.includes(".")) return ip.slice(MAPPED.length);
  const zone = ip.indexOf("%");
  return zone === -1 ? ip : ip.slice(0, zone);
}

/** @param ip undefined when the peer was gone before anybody asked */
export function toAddress(ip: string | undefined, port: number | undefined): Address {
  return { ip: canonicalIp(ip), port: port ?? 0 };
}
