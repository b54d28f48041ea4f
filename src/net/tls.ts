// TLS as the core sees it: identities, settings of servers and of dials, what a handshake found out, alerts.

import type { Certificate } from "./certificate.ts";
import type { ClientHello, KeyKind } from "./client-hello.ts";
import type { Connection } from "./connection.ts";
import type { ProxyError } from "./error.ts";
import { canonicalIp } from "./ip-text.ts";

/** Protocol versions; those below 1.2 are a gap of some runtimes. */
export type TlsVersion = "1.0" | "1.1" | "1.2" | "1.3";

/** PEM texts of a certificate, its chain below it, and of the key. */
export interface IdentityText {
  readonly cert: string;
  readonly key: string;
}

/** A certificate with its key, checked by `Runtime.loadIdentity`: the two belong together. */
export interface TlsIdentity extends IdentityText {
  /** The certificate itself. */
  readonly leaf: Certificate;
  readonly kind: KeyKind;
}

/** How a server deals with certificates of clients, named as Go and Traefik do. */
export type ClientAuth =
  | "NoClientCert"
  | "RequestClientCert"
  | "RequireAnyClientCert"
  | "VerifyClientCertIfGiven"
  | "RequireAndVerifyClientCert";

/** Bounds of both kinds of handshakes. */
export interface TlsBounds {
  /** Default: 1.2. */
  readonly minVersion?: TlsVersion | undefined;
  /** Default: 1.3. */
  readonly maxVersion?: TlsVersion | undefined;
  /** Suites up to TLS 1.2, by OpenSSL's names, most wanted first; those of TLS 1.3 are always on. Default: the runtime's. */
  readonly ciphers?: readonly string[] | undefined;
  /** `X25519`, `P-256`, `P-384`, `P-521`, `X25519MLKEM768`, most wanted first. Default: the runtime's. */
  readonly curves?: readonly string[] | undefined;
  /** Protocols in the order of preference. Default: none. */
  readonly alpn?: readonly string[] | undefined;
}

/** One option set of servers. Sessions of one set can't be resumed in another. */
export interface SecureSettings extends TlsBounds {
  readonly clientAuth: ClientAuth;
  /** PEM of the authorities that clients' certificates are verified against; wanted by the two Verify kinds. */
  readonly clientCa?: string | undefined;
  /** Clients may resume sessions by ticket. Default: true. */
  readonly sessionTickets?: boolean | undefined;
  /** Milliseconds from `accept` to the end of the handshake; 0: no limit. */
  readonly handshakeTimeoutMs: number;
  /**
   * Chooses the certificate, for each handshake anew: what it returns next holds for the next client.
   * @returns undefined: no certificate for that name, and the client is refused with `unrecognized_name`
   */
  choose(hello: ClientHello): TlsIdentity | undefined | Promise<TlsIdentity | undefined>;
}

/** What was found out of the other side's certificate. */
export interface TlsPeer {
  /** DER, the peer's own first, then what is known of its chain. */
  readonly chain: readonly Uint8Array[];
  /** It leads to a trusted authority. On a server false also where nobody verified it. */
  readonly authorized: boolean;
  /** Why it is not trusted, as `CERT_HAS_EXPIRED`; empty when it is, or nobody looked. */
  readonly reason: string;
}

/** What a handshake found out. */
export interface TlsFacts {
  /** As the client named the server, in weir's spelling; empty: it did not. */
  readonly serverName: string;
  /** The chosen protocol; empty: none. */
  readonly alpn: string;
  readonly version: TlsVersion;
  /** The suite by its IANA name. */
  readonly cipher: string;
  /** The session of an earlier connection was resumed. */
  readonly resumed: boolean;
  /** undefined: the peer showed no certificate, or was not asked for one. */
  readonly peer: TlsPeer | undefined;
}

/** How a handshake ends: exactly one of the two is called, never from inside the call that began it. */
export interface SecureHandler {
  /** The decrypted connection: a `Connection` as any other, that reads nothing before its first handler is set. */
  open(connection: Connection, facts: TlsFacts): void;
  /**
   * `tls-handshake-failed`, `tls-handshake-timeout`, `tls-unknown-name`, `tls-no-protocol`, `tls-client-certificate`, or
   * `connection-reset`. The connection is gone.
   */
  fail(error: ProxyError): void;
}

/** What was read of a connection before it was clear that it speaks TLS. */
export interface FirstBytes {
  /** All of it, from the first byte of the ClientHello's first record. */
  readonly bytes: Uint8Array;
  readonly hello: ClientHello;
  /** The certificate, where it is chosen already. Default: `SecureSettings.choose` is asked. */
  readonly identity?: TlsIdentity | undefined;
}

/** Terminates TLS, with one option set. */
export interface SecureServer {
  /**
   * Takes over an accepted connection, which becomes the handler's decrypted one, or ends.
   * @param connection of a listener with `mayUpgrade`
   */
  accept(connection: Connection, first: FirstBytes, handler: SecureHandler): void;
}

/** TLS of a dial. */
export interface DialTls extends TlsBounds {
  /** Asked for by SNI, and looked for in the server's certificate; empty: no SNI, and the dialled host is looked for. */
  readonly serverName: string;
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** Shown when the server asks for a certificate. */
  readonly identity?: TlsIdentity | undefined;
  /** Trust whatever the server shows. Default: false. */
  readonly skipVerify?: boolean | undefined;
  /**
   * Looks at the server's certificate instead of the search for the name, after its chain was found to be good.
   * @returns why it is refused; undefined: it is not
   */
  readonly verify?: ((leaf: Certificate) => string | undefined) | undefined;
  /** Sent in clear before the handshake: a PROXY protocol header. */
  readonly preamble?: Uint8Array | undefined;
}

/** Alerts that weir sends itself, before a TLS stack has seen the connection (RFC 8446 §6). */
export const ALERT = {
  handshakeFailure: 40,
  decodeError: 50,
  internalError: 80,
  unrecognizedName: 112,
  noProtocol: 120,
};

/** @returns a fatal alert in clear, the right answer to a ClientHello that is refused */
export function createAlert(description: number): Uint8Array {
  return new Uint8Array([21, 3, 1, 0, 2, 2, description]);
}

/**
 * Tells whether a certificate is for that name: DNS names exact or with a wildcard as whole first label, IP addresses
 * exact; the common name is not looked at (RFC 9525).
 * @param name a host name or IP address, in any case
 */
export function isFor(certificate: Certificate, name: string): boolean {
  const ip = canonicalIp(name);
  if (ip !== undefined) return certificate.names.ip.includes(ip);
  const wanted = name.toLowerCase().replace(/\.$/, "");
  const dot = wanted.indexOf(".");
  const wildcard = dot > 0 ? `*${wanted.slice(dot)}` : wanted;
  return certificate.names.dns.some((one) => one === wanted || one === wildcard);
}
