// Text against bytes: rules are Unicode, heads are bytes kept as latin1 characters.

import { fromLatin1, toLatin1 } from "../net/bytes.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NOT_ASCII = /[^\x00-\x7f]/;

/** Text as its UTF-8 bytes, one latin1 character each: comparable with what came from the wire. */
export function toByteText(text: string): string {
  return NOT_ASCII.test(text) ? toLatin1(encoder.encode(text)) : text;
}

/** Bytes from the wire as text, for regular expressions, which speak of characters. */
export function fromByteText(bytes: string): string {
  return NOT_ASCII.test(bytes) ? decoder.decode(fromLatin1(bytes)) : bytes;
}
