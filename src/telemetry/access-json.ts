// The access log as JSON: one object per line, with Traefik's field names. Durations are nanoseconds, as Go's are.

import type { HeaderList } from "../http/header-list.ts";
import { clientHost, requestPath, toReadable } from "./access-entry.ts";
import type { AccessEntry } from "./access-entry.ts";
import type { AccessFormat } from "./access-clf.ts";
import type { FieldChoice } from "./access-fields.ts";
import type { LineTime } from "./access-time.ts";
import { toSafeJson } from "./log-escape.ts";

/** A field's value as JSON text, or undefined where it has none. */
type Field = (entry: AccessEntry, time: LineTime, count: number) => string | number | undefined;

const PLAIN = /^[ !#-[\]-~]*$/; // what stands in a JSON string as it is

/** All fields, in the order Traefik writes them, which is alphabetical. */
const fields: readonly (readonly [name: string, field: Field])[] = [
  ["ClientAddr", ({ request }) => quote(hostPort(request.remote.ip, request.remote.port))],
  ["ClientHost", (entry) => quote(clientHost(entry))],
  ["ClientPort", ({ request }) => `"${request.remote.port}"`],
  ["ClientUsername", ({ request }) => quote(request.record.userName || "-")],
  ["DownstreamContentSize", (entry) => entry.responseBytes],
  ["DownstreamStatus", (entry) => entry.status],
  ["Duration", (entry) => nanoseconds(entry.durationMs)],
  ["GzipRatio", gzipRatio],
  ["OriginContentSize", originSize],
  ["OriginDuration", ({ request }) => (request.record.originStatus === 0 ? undefined : originNanoseconds(request))],
  ["OriginStatus", ({ request }) => request.record.originStatus || undefined],
  ["Overhead", (entry) => Math.max(0, nanoseconds(entry.durationMs) - originNanoseconds(entry.request))],
  ["RequestAddr", ({ request }) => quote(request.authority)],
  ["RequestContentSize", (entry) => entry.requestBytes],
  ["RequestCount", (_entry, _time, count) => count],
  ["RequestHost", ({ request }) => quote(request.host)],
  ["RequestMethod", ({ request }) => quote(request.method)],
  ["RequestPath", (entry) => quote(requestPath(entry, true))],
  ["RequestPort", ({ request }) => quote(portOf(request.authority))],
  ["RequestProtocol", ({ request }) => quote(request.protocol)],
  ["RequestScheme", ({ request }) => quote(request.scheme)],
  ["RetryAttempts", ({ request }) => request.record.retries],
  ["RouterName", ({ request }) => optional(request.record.routerName)],
  ["ServiceAddr", ({ request }) => optional(addressOf(request.record.serverUrl))],
  ["ServiceName", ({ request }) => optional(request.record.serviceName)],
  ["ServiceURL", ({ request }) => optional(request.record.serverUrl)],
  ["StartLocal", (_entry, time) => `"${time.isoLocal()}"`],
  ["StartUTC", (_entry, time) => `"${time.isoUtc()}"`],
  ["TLSCipher", ({ request }) => optional(request.tls?.cipher ?? "")],
  ["TLSClientSubject", ({ request }) => optional(request.tls?.clientSubject ?? "")],
  ["TLSVersion", ({ request }) => optional(request.tls?.version ?? "")],
  ["entryPointName", ({ request }) => optional(request.entryPoint)],
];

/** @param now the time the line is written, in ISO 8601 to the second */
export function jsonFormat(choice: FieldChoice, now: () => string): AccessFormat {
  const kept = fields.filter(([name]) => choice.keeps(name)).map(([name, field]) => {
    const chosen: Field = name === "RequestPath" ? (entry) => quote(requestPath(entry, choice.query)) : field;
    return [`"${name}":`, chosen] as const;
  });
  return (entry, count, time) => {
    let line = "{";
    for (const [key, field] of kept) {
      const value = field(entry, time, count);
      if (value !== undefined) line += `${key}${value},`;
    }
    if (choice.anyHeader) {
      line += headersText(choice, "downstream_", entry.responseHeaders);
      line += headersText(choice, "origin_", entry.originHeaders);
      line += headersText(choice, "request_", entry.requestHeaders ?? entry.request.headers);
    }
    return `${line}"level":"info","msg":"","time":"${now()}"}\n`;
  };
}

function headersText(choice: FieldChoice, prefix: string, headers: HeaderList | undefined): string {
  if (headers === undefined) return "";
  let text = "";
  const seen = new Set<string>();
  for (let index = 0; index < headers.size; index++) {
    const key = headers.keyAt(index);
    const mode = choice.header(key);
    if (mode === "drop" || seen.has(key)) continue;
    seen.add(key);
    const value = mode === "redact" ? "REDACTED" : toReadable(headers.all(key).join(","));
    text += `${quote(prefix + canonicalName(key))}:${quote(value)},`;
  }
  return text;
}

/** Go's spelling of a header name, which is the one Traefik logs: `user-agent` becomes `User-Agent`. */
function canonicalName(key: string): string {
  return key.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : toSafeJson(text);
}

function optional(text: string): string | undefined {
  return text === "" ? undefined : quote(text);
}

function nanoseconds(ms: number): number {
  return Math.round(ms * 1_000_000);
}

function originNanoseconds(request: AccessEntry["request"]): number {
  return nanoseconds(request.record.originMs);
}

function originSize(entry: AccessEntry): number | undefined {
  return entry.request.record.originStatus === 0 ? undefined : entry.originBytes ?? entry.responseBytes;
}

/** How much smaller the body became on its way; absent when it did not change. */
function gzipRatio(entry: AccessEntry): number | undefined {
  const origin = originSize(entry);
  if (origin === undefined || origin === entry.responseBytes || entry.responseBytes === 0) return undefined;
  return origin / entry.responseBytes;
}

function hostPort(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function portOf(authority: string): string {
  return /:(\d+)$/.exec(authority)?.[1] ?? "-";
}

function addressOf(url: string): string {
  return /^[a-z0-9+.-]+:\/\/([^/?#]*)/.exec(url)?.[1] ?? "";
}
