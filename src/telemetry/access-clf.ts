// The access log's text formats: Traefik's `common` and the plain Common Log Format, `genericCLF`.

import { clientHost, requestPath, toReadable } from "./access-entry.ts";
import type { AccessEntry } from "./access-entry.ts";
import type { FieldChoice } from "./access-fields.ts";
import type { LineTime } from "./access-time.ts";
import { escapeQuoted } from "./log-escape.ts";

/** Makes one line, with its line feed. `count` is the number of the request since start. */
export type AccessFormat = (entry: AccessEntry, count: number, time: LineTime) => string;

const NONE = "-"; // what a field without a value, or one that is dropped, shows
const QUOTED_NONE = `"-"`;

/**
 * `host - user [date] "GET /path HTTP/1.1" status bytes "referer" "agent"`, and for `common` also
 * `count "router" "server" 12ms`.
 */
export function clfFormat(choice: FieldChoice, generic: boolean): AccessFormat {
  const head = clfHead(choice);
  const referer = quotedHeader(choice, "referer");
  const agent = quotedHeader(choice, "user-agent");
  const tail = generic ? () => "" : commonTail(choice);
  return (entry, count, time) => `${head(entry, time)} ${referer(entry)} ${agent(entry)}${tail(entry, count)}\n`;
}

function clfHead(choice: FieldChoice): (entry: AccessEntry, time: LineTime) => string {
  const host = choice.keeps("ClientHost");
  const user = choice.keeps("ClientUsername");
  const date = choice.keeps("StartUTC") ? "utc" : choice.keeps("StartLocal") ? "local" : "none";
  const method = choice.keeps("RequestMethod");
  const path = choice.keeps("RequestPath");
  const protocol = choice.keeps("RequestProtocol");
  const status = choice.keeps("DownstreamStatus");
  const size = choice.keeps("DownstreamContentSize");
  const dateOf = (time: LineTime) => (date === "utc" ? time.clfUtc() : date === "local" ? time.clfLocal() : NONE);
  const startOf = (entry: AccessEntry, time: LineTime) => {
    const name = user ? entry.request.record.userName : "";
    return `${host ? unquoted(clientHost(entry)) : NONE} - ${name === "" ? NONE : unquoted(name)} [${dateOf(time)}]`;
  };
  return (entry, time) => {
    const { request } = entry;
    return `${startOf(entry, time)} "${method ? request.method : NONE} ` +
      `${path ? escapeQuoted(requestPath(entry, choice.query)) : NONE} ${protocol ? request.protocol : NONE}" ` +
      `${status ? entry.status : NONE} ${size ? entry.responseBytes : NONE}`;
  };
}

function commonTail(choice: FieldChoice): (entry: AccessEntry, count: number) => string {
  const counted = choice.keeps("RequestCount");
  const router = choice.keeps("RouterName");
  const server = choice.keeps("ServiceURL");
  const duration = choice.keeps("Duration");
  return ({ request: { record }, durationMs }, count) =>
    ` ${counted ? count : NONE} ${router ? quoted(record.routerName) : QUOTED_NONE} ` +
    `${server ? quoted(record.serverUrl) : QUOTED_NONE} ${duration ? Math.floor(durationMs) : 0}ms`;
}

function quotedHeader(choice: FieldChoice, key: string): (entry: AccessEntry) => string {
  const mode = choice.header(key);
  if (mode === "drop") return () => QUOTED_NONE;
  return (entry) => {
    const value = (entry.requestHeaders ?? entry.request.headers).first(key);
    if (value === undefined) return QUOTED_NONE;
    return mode === "redact" ? `"REDACTED"` : quoted(toReadable(value));
  };
}

function quoted(text: string): string {
  return text === "" ? QUOTED_NONE : `"${escapeQuoted(text)}"`;
}

/** A list of addresses (X-Forwarded-For) has blanks; other blanks and brackets could fake fields, so are escaped. */
function unquoted(text: string): string {
  return /[^\w.:,@+-]/.test(text)
    ? escapeQuoted(text).replace(/[[\]]|(?<!,) /g, (one) => one === " " ? "\\x20" : `\\${one}`)
    : text;
}
