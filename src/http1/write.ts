// Message heads as text. Framing headers are always weir's own, never copied.

import type { HeaderList } from "../http/header-list.ts";
import { role } from "../http/header-name.ts";
import { framing } from "./framing.ts";

const reasons: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  103: "Early Hints",
  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non-Authoritative Information",
  204: "No Content",
  205: "Reset Content",
  206: "Partial Content",
  207: "Multi-Status",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Request Entity Too Large",
  414: "Request URI Too Long",
  415: "Unsupported Media Type",
  416: "Requested Range Not Satisfiable",
  417: "Expectation Failed",
  418: "I'm a teapot",
  421: "Misdirected Request",
  422: "Unprocessable Entity",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  499: "Client Closed Request",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  507: "Insufficient Storage",
  508: "Loop Detected",
  511: "Network Authentication Required",
};

const OK_LINE = "HTTP/1.1 200 OK\r\n";

/** The standard reason phrase, with Go's wording; empty when there is none. */
export function reasonOf(status: number): string {
  return reasons[status] ?? "";
}

/** `HTTP/1.1 200 OK` with its line end. */
export function statusLine(status: number, statusText: string): string {
  if (status === 200 && (statusText === "OK" || statusText === "")) return OK_LINE;
  return `HTTP/1.1 ${status} ${statusText === "" ? reasonOf(status) : statusText}\r\n`;
}

/** The header that tells a body's length. @param length bytes, or one of {@link framing} */
export function framingLine(length: number): string {
  if (length === framing.chunked) return "Transfer-Encoding: chunked\r\n";
  return length === framing.untilClose ? "" : `Content-Length: ${length}\r\n`;
}

/** What a response head needs besides the headers. */
export interface ResponseHeadOptions {
  readonly status: number;
  readonly statusText: string;
  /** Body bytes, one of {@link framing}; undefined: no framing header at all (204, 304, HEAD). */
  readonly length: number | undefined;
  /** `close`, `keep-alive`, or empty to say nothing. */
  readonly connection: string;
}

/** A complete response head. A missing Date is added. */
export function responseHead(headers: HeaderList, options: ResponseHeadOptions): string {
  let text = statusLine(options.status, options.statusText) + headers.toText();
  if ((headers.roles & role.date) === 0) text += dateLine();
  if (options.length !== undefined) text += framingLine(options.length);
  if (options.connection !== "") text += `Connection: ${options.connection}\r\n`;
  return `${text}\r\n`;
}

/** A complete head of 101. @param protocol the token agreed on */
export function upgradeHead(headers: HeaderList, protocol: string): string {
  const lines = headers.toText() + ((headers.roles & role.date) === 0 ? dateLine() : "");
  return `${statusLine(101, "")}${lines}Connection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
}

/** The frame before a chunk's data. */
export function chunkStart(size: number): string {
  return `${size.toString(16)}\r\n`;
}

/** What ends a chunked body. */
export const LAST_CHUNK = "0\r\n\r\n";

let datedSecond = 0;
let datedLine = "";

/** `Date: …` with its line end, made once per second. */
export function dateLine(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== datedSecond) {
    datedSecond = second;
    datedLine = `Date: ${new Date(second * 1000).toUTCString()}\r\n`;
  }
  return datedLine;
}
