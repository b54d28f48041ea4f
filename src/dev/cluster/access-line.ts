// Access lines of echo backends, as nginx prints them by default.

import type { ProxyRequest } from "../../http/request.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `10.244.0.5 - - [23/Aug/2023:02:54:36 +0000] "GET / HTTP/1.1" 200 13 "-" "curl/7.29.0" "-"`. */
export function accessLine(request: ProxyRequest, status: number, bytes: number, time: Date): string {
  const header = (key: string) => quoted(request.headers.get(key) ?? "-");
  const line = quoted(`${request.method} ${request.rawTarget} ${request.protocol}`);
  const tail = `${header("referer")} ${header("user-agent")} ${header("x-forwarded-for")}`;
  return `${request.remote.ip} - - [${localTime(time)}] ${line} ${status} ${bytes} ${tail}`;
}

/** nginx' `$time_local`, in UTC. */
function localTime(time: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${two(time.getUTCDate())}/${MONTHS[time.getUTCMonth()] ?? ""}/${time.getUTCFullYear()}`;
  return `${day}:${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} +0000`;
}

/** Quotes and controls as nginx escapes them, so that a line stays one line. */
function quoted(text: string): string {
  const escaped = text.replace(/["\\\x00-\x1f\x7f-\xff]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}
