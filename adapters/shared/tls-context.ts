// Options of TLS as the core has them → as node:tls wants them, checked, and contexts made of them.

import { constants, createHash, randomBytes } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { SecureContext, SecureContextOptions, SecureVersion, TLSSocket } from "node:tls";
import { readCertificates } from "../../src/net/certificate.ts";
import { ProxyError, toProxyError } from "../../src/net/error.ts";
import type { Below } from "./connection.ts";
import type { SecureSettings, TlsBounds, TlsIdentity, TlsVersion } from "../../src/net/tls.ts";

/** What a runtime's node:tls needs to be told. */
export interface TlsQuirks {
  /** Versions below 1.2 work only with OpenSSL's security level lowered, in a syntax that BoringSSL refuses. */
  readonly hasSecurityLevels: boolean;
  /** Sessions of one option set are resumed in another (Deno). */
  readonly sharesSessions: boolean;
  /** What a connection over a TLS socket needs to know of it. */
  readonly below: Omit<Below, "carrier">;
  /** Called with each TLS socket as soon as it is made. */
  prepare(socket: TLSSocket): void;
}

/** Makes the contexts of one option set, one per identity. */
export interface Contexts {
  /** @throws {ProxyError} code `bad-certificate`: the TLS library wants nothing of it */
  get(identity: TlsIdentity): SecureContext;
}

/** OpenSSL switches TLS 1.3 off where a list holds none of its suites. */
const SUITES_13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

const VERSIONS: Readonly<Record<TlsVersion, SecureVersion>> = {
  "1.0": "TLSv1",
  "1.1": "TLSv1.1",
  "1.2": "TLSv1.2",
  "1.3": "TLSv1.3",
};

/** Ticket key of node:tls: name, HMAC and AES key of 16 bytes each. */
const TICKET_KEY_BYTES = 48;

/**
 * Contexts for servers. Keys of tickets and the id of sessions belong to the option set, so that a session can't be
 * resumed under options that would not have allowed it.
 * @throws {ProxyError} code `bad-tls-options`
 */
export function createContexts(settings: SecureSettings, quirks: TlsQuirks): Contexts {
  checkAuthorities(settings);
  const common: SecureContextOptions = {
    ...toContextOptions(settings, quirks),
    ...(settings.clientCa !== undefined && { ca: settings.clientCa }),
    ...(settings.sessionTickets === false && { secureOptions: constants.SSL_OP_NO_TICKET }),
    sessionIdContext: createHash("sha256").update(randomBytes(16)).digest("hex").slice(0, 32),
    ticketKeys: randomBytes(TICKET_KEY_BYTES),
  };
  const made = new WeakMap<TlsIdentity, SecureContext>();
  return {
    get(identity) {
      let context = made.get(identity);
      if (context === undefined) {
        context = createFor(identity, common);
        made.set(identity, context);
      }
      return context;
    },
  };
}

/**
 * Checks the bounds by making a context of them.
 * @throws {ProxyError} code `bad-tls-options`, naming what was refused
 */
export function toContextOptions(bounds: TlsBounds, quirks: TlsQuirks): SecureContextOptions {
  const { minVersion = "1.2", maxVersion = "1.3", ciphers = [], curves = [] } = bounds;
  if (minVersion > maxVersion) throw bad(`minimum version ${minVersion} is above maximum version ${maxVersion}`);
  const options: SecureContextOptions = { minVersion: VERSIONS[minVersion], maxVersion: VERSIONS[maxVersion] };
  const isOld = minVersion < "1.2" && quirks.hasSecurityLevels;
  const named = ciphers.length > 0 ? [...ciphers, ...(maxVersion === "1.3" ? SUITES_13 : [])] : [];
  if (isOld) options.ciphers = `${named.length > 0 ? named.join(":") : "DEFAULT"}:@SECLEVEL=0`;
  else if (named.length > 0) options.ciphers = named.join(":");
  if (curves.length > 0) options.ecdhCurve = curves.join(":");
  for (const key of ["ciphers", "ecdhCurve"] as const) {
    const value = options[key];
    if (value !== undefined) checkOne(key === "ciphers" ? "cipher suites" : "curves", value, { [key]: value });
  }
  return options;
}

function checkOne(what: string, value: string, options: SecureContextOptions): void {
  try {
    createSecureContext(options);
  } catch (cause) {
    throw bad(`the TLS library knows none, or not all, of the ${what} "${value}"`, cause);
  }
}

function checkAuthorities({ clientAuth, clientCa }: SecureSettings): void {
  const verifies = clientAuth === "VerifyClientCertIfGiven" || clientAuth === "RequireAndVerifyClientCert";
  if (clientCa === undefined) {
    // node:tls would trust the system's authorities instead.
    if (verifies) throw bad(`client authentication "${clientAuth}" needs certificate authorities`);
    return;
  }
  checkCa(clientCa);
}

/** @throws {ProxyError} code `bad-tls-options`: the text holds no certificates */
export function checkCa(ca: string): void {
  try {
    readCertificates(ca);
  } catch (cause) {
    throw bad(`the certificate authorities can't be read: ${toProxyError(cause).message}`, cause);
  }
}

function createFor(identity: TlsIdentity, common: SecureContextOptions): SecureContext {
  try {
    return createSecureContext({ ...common, cert: identity.cert, key: identity.key });
  } catch (cause) {
    const message = `the TLS library refuses the certificate of "${identity.leaf.commonName}"`;
    throw new ProxyError(message, { code: "bad-certificate", source: "internal", status: 500, cause });
  }
}

function bad(message: string, cause?: unknown): ProxyError {
  return new ProxyError(message, { code: "bad-tls-options", source: "internal", status: 500, cause });
}
