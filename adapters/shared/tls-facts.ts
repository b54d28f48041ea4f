// What a TLS socket knows after its handshake, and how handshakes fail, in the core's words.

import { TLSSocket } from "node:tls";
import type { DetailedPeerCertificate } from "node:tls";
import { ProxyError } from "../../src/net/error.ts";
import type { ErrorSource } from "../../src/net/error.ts";
import type { TlsFacts, TlsPeer, TlsVersion } from "../../src/net/tls.ts";
import { errorCode, toConnectionError } from "./socket-error.ts";

const CHAIN_LIMIT = 16; // certificates; roots name themselves as their issuer, and loops must end

const VERSIONS: Readonly<Record<string, TlsVersion>> = {
  "TLSv1": "1.0",
  "TLSv1.1": "1.1",
  "TLSv1.2": "1.2",
  "TLSv1.3": "1.3",
};

/** Codes with which the carrier fails, as opposed to the handshake. */
const CARRIER_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ETIMEDOUT"]);

/** @param peer of {@link readPeer}, or undefined where nobody asked for a certificate */
export function readFacts(socket: TLSSocket, serverName: string, peer: TlsPeer | undefined): TlsFacts {
  const alpn = socket.alpnProtocol;
  const cipher = socket.getCipher();
  return {
    serverName,
    alpn: typeof alpn === "string" ? alpn : "",
    version: VERSIONS[socket.getProtocol() ?? ""] ?? "1.2",
    cipher: cipher?.standardName ?? cipher?.name ?? "",
    resumed: socket.isSessionReused(),
    peer,
  };
}

/**
 * @param reason what is wrong with the chain; empty: nothing
 * @returns undefined when the peer showed no certificate
 */
export function readPeer(socket: TLSSocket, reason: string): TlsPeer | undefined {
  const chain: Uint8Array[] = [];
  let at: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  for (let count = 0; count < CHAIN_LIMIT && at?.raw !== undefined; count++) {
    chain.push(at.raw);
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate;
  }
  return chain.length === 0 ? undefined : { chain, authorized: reason === "", reason };
}

/**
 * The verdict on a client's certificate. node:tls tells it in public only through servers of its own; the method behind
 * it exists on all three runtimes, and a runtime without it trusts nobody.
 * @returns a code as `CERT_HAS_EXPIRED`; empty: it is good
 */
export function verifyReason(socket: TLSSocket): string {
  if (!("ssl" in socket) || typeof socket.ssl !== "object" || socket.ssl === null) return "UNVERIFIED";
  const ssl: object = socket.ssl;
  if (!("verifyError" in ssl) || typeof ssl.verifyError !== "function") return "UNVERIFIED";
  const verdict: unknown = ssl.verifyError();
  if (verdict === null || verdict === undefined) return "";
  if (typeof verdict === "string") return verdict; // Deno
  const code = errorCode(verdict);
  return code === "" ? "UNVERIFIED" : code;
}

/** A handshake that failed before or while the TLS stack had it. */
export function toHandshakeError(source: ErrorSource, cause: unknown): ProxyError {
  const system = errorCode(cause);
  if (source === "downstream" && CARRIER_CODES.has(system)) return toConnectionError(source, cause);
  return handshakeError(source, "tls-handshake-failed", `the TLS handshake failed: ${reasonOf(cause)}`, cause);
}

/** An error of a handshake with a client; for dials `toDialError` words them. */
export function handshakeError(source: ErrorSource, code: string, message: string, cause?: unknown): ProxyError {
  const isUpstream = source === "upstream";
  return new ProxyError(message, {
    code,
    source,
    status: isUpstream ? 502 : 499,
    retry: isUpstream ? "unsent" : "never",
    cause,
  });
}

/** OpenSSL's errors say it last: `401D…:error:0A0000C1:SSL routines:tls_post_process_client_hello:no shared cipher:../…`. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const system = errorCode(cause);
  const text = "reason" in cause && typeof cause.reason === "string" ? cause.reason : cause.message;
  const parts = /error:[0-9A-Fa-f]+:[^:]*:[^:]*:([^:]+)/.exec(text);
  const reason = parts?.[1] ?? text;
  return system === "" || reason.includes(system) ? reason : `${reason} (${system})`;
}
