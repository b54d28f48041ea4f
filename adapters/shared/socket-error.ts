// Turns what node:net throws and emits into ProxyErrors: one table of codes, one place that words them.

import { ProxyError } from "../../src/net/error.ts";
import type { ErrorSource } from "../../src/net/error.ts";

/** How a failed dial is reported, by the system's error code. Everything else is `connect-failed`. */
const DIAL_CODES: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  ECONNREFUSED: { code: "connect-refused", status: 502 },
  ETIMEDOUT: { code: "dial-timeout", status: 504 },
  ENOTFOUND: { code: "dns-failure", status: 502 },
  ENODATA: { code: "dns-failure", status: 502 },
  EAI_AGAIN: { code: "dns-failure", status: 502 },
  EAI_FAIL: { code: "dns-failure", status: 502 },
  EAI_NODATA: { code: "dns-failure", status: 502 },
  EAI_NONAME: { code: "dns-failure", status: 502 },
  ESERVFAIL: { code: "dns-failure", status: 502 },
  ETIMEOUT: { code: "dns-failure", status: 502 }, // c-ares: the name server did not answer
};

/** What to do about a failed listen, by the system's error code. */
const LISTEN_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there: stop it, or choose another port",
  EACCES: "ports below 1024 need the capability CAP_NET_BIND_SERVICE, or choose a higher port",
  EADDRNOTAVAIL: "no interface of this machine has that address",
  ENOTFOUND: "the host name does not resolve: write an IP address, or leave the host empty for all addresses",
  EAFNOSUPPORT: "this machine has no IPv6: write an IPv4 address",
  EMFILE: "the process has no free file descriptors: raise its limit (ulimit -n)",
};

/** Codes that say the peer cut the connection, as opposed to the network failing. */
const RESET_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ESHUTDOWN"]);

/** @returns the system's error code, looked for in the causes of an AggregateError too; else an empty string */
export function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  // Happy eyeballs fails with all its attempts inside; the first is the preferred address.
  if ("errors" in error && Array.isArray(error.errors)) return errorCode(error.errors[0]);
  return "";
}

/** The failure of a dial; never one byte was sent, so any request may go elsewhere. */
export function toDialError(host: string, port: number, cause: unknown): ProxyError {
  const system = errorCode(cause);
  const { code, status } = DIAL_CODES[system] ?? { code: "connect-failed", status: 502 };
  const message = `dial ${formatHost(host)}:${port}: ${reasonOf(cause, system)}`;
  return new ProxyError(message, { code, source: "upstream", status, retry: "unsent", cause });
}

/** The failure of a dial by its own deadline. */
export function toDialTimeout(host: string, port: number, timeoutMs: number): ProxyError {
  const message = `dial ${formatHost(host)}:${port}: no connection within ${timeoutMs} ms`;
  return new ProxyError(message, { code: "dial-timeout", source: "upstream", status: 504, retry: "unsent" });
}

/** The failure of a listen, with a hint where the cause is a usual one. */
export function toListenError(host: string, port: number, cause: unknown): ProxyError {
  const system = errorCode(cause);
  const hint = LISTEN_HINTS[system];
  const message = `listen on ${formatHost(host)}:${port}: ${reasonOf(cause, system)}${hint ? `; ${hint}` : ""}`;
  return new ProxyError(message, { code: "listen-failed", source: "internal", status: 500, cause });
}

/** The end of a connection that was not orderly. 499 is what access logs show for a client that left. */
export function toConnectionError(source: ErrorSource, cause: unknown): ProxyError {
  const system = errorCode(cause);
  const code = RESET_CODES.has(system) ? "connection-reset" : "connection-failed";
  const peer = source === "upstream" ? "server" : "client";
  const message = code === "connection-reset"
    ? `the ${peer} reset the connection (${system})`
    : `the connection to the ${peer} failed: ${reasonOf(cause, system)}`;
  return new ProxyError(message, {
    code,
    source,
    status: source === "upstream" ? 502 : 499,
    retry: source === "upstream" ? "idempotent" : "never",
    cause,
  });
}

function reasonOf(cause: unknown, system: string): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text === "") return system === "" ? "unknown error" : system;
  return text.includes(system) ? text : `${text} (${system})`;
}

/** @returns the host as it stands before a port: IPv6 in brackets */
export function formatHost(host: string): string {
  if (host === "") return "*";
  return host.includes(":") ? `[${host}]` : host;
}
