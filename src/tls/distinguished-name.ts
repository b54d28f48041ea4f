// A certificate's subject as one line of text, as RFC 2253 and Traefik's access log have it.

import type { NameAttribute } from "../net/certificate.ts";

/** RFC 2253 §2.3, and what Go adds. */
const KEYWORDS: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "SERIALNUMBER",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.17": "POSTALCODE",
  "0.9.2342.19200300.100.1.25": "DC",
};

/** @returns the last attribute first: `CN=client,O=Example` */
export function formatName(attributes: readonly NameAttribute[]): string {
  return attributes.toReversed().map(({ oid, value }) => `${KEYWORDS[oid] ?? oid}=${escape(value)}`).join(",");
}

function escape(value: string): string {
  return value.replace(/[,+"\\<>;]|^[ #]| $/g, (character) => `\\${character}`);
}
