// How a header name is written in HTTP/2, worked out once per spelling and remembered.

import { detach } from "../net/bytes.ts";
import { staticTable } from "./static-table.ts";

/** What becomes of a field when it is written. */
export const writePolicy = {
  /** Enters the table: it will come again. */
  index: 0,
  /** Differs from message to message: it would only drive others out. */
  plain: 1,
  /** A secret: no table on the way may hold it, so that nobody can guess it by the lengths of messages. */
  never: 2,
  /** HTTP/2 has no such field. */
  omit: 3,
} as const;

const omitted = ["connection", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];
const secrets = ["authorization", "cookie", "proxy-authorization", "set-cookie"];
const changing = [
  ...[":path", "age", "content-length", "content-range", "etag", "if-modified-since", "if-none-match", "last-modified"],
  ...["location", "referer", "range", "traceparent", "tracestate", "x-request-id", "x-correlation-id"],
];
const policies = new Map<string, number>([
  ...omitted.map((name) => [name, writePolicy.omit] as const),
  ...secrets.map((name) => [name, writePolicy.never] as const),
  ...changing.map((name) => [name, writePolicy.plain] as const),
]);

/** A name as it is written. */
export interface WireName {
  /** Lower case. */
  readonly key: string;
  /** One of {@link writePolicy}. */
  readonly policy: number;
  /** In the static table; 0: it isn't there. */
  readonly staticIndex: number;
  /** The static table has it with some value. */
  readonly hasStaticValue: boolean;
}

const REMEMBERED = 4096; // distinct spellings kept; a hostile peer can't grow it further
const LONGEST = 64;
const names = new Map<string, WireName>();

/** @param spelling in any case; a pseudo-field's with its colon */
export function wireName(spelling: string): WireName {
  const known = names.get(spelling);
  if (known !== undefined) return known;
  const name = nameOf(spelling.toLowerCase());
  if (names.size < REMEMBERED && spelling.length <= LONGEST) names.set(detach(spelling), name);
  return name;
}

function nameOf(lower: string): WireName {
  const key = detach(lower);
  return {
    key,
    policy: policies.get(key) ?? writePolicy.index,
    staticIndex: staticTable.findIndex(([name]) => name === key) + 1,
    hasStaticValue: staticTable.some(([name, value]) => name === key && value !== ""),
  };
}
