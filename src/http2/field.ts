// One header field as HPACK knows it: judged once, however often the dynamic table brings it back.

import { headerName } from "../http/header-name.ts";

/** What a field is to a message. */
export const fieldKind = {
  /** A line that goes on as it is. */
  regular: 0,
  method: 1,
  scheme: 2,
  authority: 3,
  path: 4,
  protocol: 5,
  status: 6,
  host: 7,
  contentLength: 8,
  cookie: 9,
  te: 10,
  expect: 11,
  /** Concerns this hop alone, and may be there: it is dropped. */
  hop: 12,
  /** Makes its message malformed: forbidden in HTTP/2, or not even a valid name or value. */
  bad: 13,
} as const;

const FIRST_REGULAR = fieldKind.host;
const pseudo = new Map<string, number>([
  [":method", fieldKind.method],
  [":scheme", fieldKind.scheme],
  [":authority", fieldKind.authority],
  [":path", fieldKind.path],
  [":protocol", fieldKind.protocol],
  [":status", fieldKind.status],
]);
const special = new Map<string, number>([
  ["host", fieldKind.host],
  ["content-length", fieldKind.contentLength],
  ["cookie", fieldKind.cookie],
  ["te", fieldKind.te],
  ["expect", fieldKind.expect],
  ["trailer", fieldKind.hop],
  ["proxy-authenticate", fieldKind.hop],
  ["proxy-authorization", fieldKind.hop],
  ["connection", fieldKind.bad],
  ["keep-alive", fieldKind.bad],
  ["proxy-connection", fieldKind.bad],
  ["transfer-encoding", fieldKind.bad],
  ["upgrade", fieldKind.bad],
]);

/** RFC 9113 §8.2.1: a token in lower case; visible bytes, with blanks only inside. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
/** What HPACK adds to a field's bytes, §4.1. */
const OVERHEAD = 32;

/** See the file's sentence. */
export class Field {
  readonly name: string;
  readonly value: string;
  /** Bytes as HPACK counts them. */
  readonly size: number;
  /** One of {@link fieldKind}. */
  readonly kind: number;
  /** Bits of `role`. */
  readonly roles: number;
  /** As a `HeaderList` has it; empty for pseudo-fields. */
  readonly line: string;

  /** @param name as it came, latin1 */
  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
    this.size = name.length + value.length + OVERHEAD;
    this.kind = kindOf(name, value);
    const isRegular = this.kind === fieldKind.regular || this.kind >= FIRST_REGULAR;
    this.roles = isRegular && this.kind !== fieldKind.bad ? headerName(name).roles : 0;
    this.line = isRegular ? `${name}: ${value}\r\n` : "";
  }
}

function kindOf(name: string, value: string): number {
  if (!VALUE.test(value)) return fieldKind.bad;
  if (name.charCodeAt(0) === 58) return pseudo.get(name) ?? fieldKind.bad;
  const kind = special.get(name);
  if (kind !== undefined) return kind;
  return NAME.test(name) ? fieldKind.regular : fieldKind.bad;
}
