// What an X.509 certificate says: names, validity, subject and issuer. Who trusts it is the TLS stack's business.

import { fromLatin1, toLatin1 } from "./bytes.ts";
import { DerProblem, DerReader, type DerValue, readOid, readTime, TAG } from "./der.ts";
import { ProxyError } from "./error.ts";
import { bytesToIp } from "./ip-text.ts";

/** The subject alternative names, by kind; DNS names in lower case. Names with a NUL or other control are left out. */
export interface CertificateNames {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly uri: readonly string[];
  readonly email: readonly string[];
}

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** `2.5.4.3` is the common name. */
  readonly oid: string;
  readonly value: string;
}

/** A certificate's contents. */
export interface Certificate {
  readonly der: Uint8Array;
  readonly names: CertificateNames;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** In the certificate's order. */
  readonly subject: readonly NameAttribute[];
  readonly issuer: readonly NameAttribute[];
  /** The subject's first common name; empty: none. */
  readonly commonName: string;
  /** Lower-case hexadecimal, without leading zero bytes. */
  readonly serial: string;
  /** The OID of its public key's algorithm. */
  readonly keyAlgorithm: string;
}

const COMMON_NAME = "2.5.4.3";
const SUBJECT_ALT_NAME = "2.5.29.17";
const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;

/** Context tags of GeneralName (RFC 5280 §4.2.1.6). */
const NAME_EMAIL = 0x81;
const NAME_DNS = 0x82;
const NAME_URI = 0x86;
const NAME_IP = 0x87;

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** @throws {ProxyError} code `bad-certificate`: it is none, or it is cut */
export function readCertificate(der: Uint8Array): Certificate {
  try {
    return readWhole(der);
  } catch (thrown) {
    if (thrown instanceof DerProblem) throw bad(`the certificate can't be read: ${thrown.reason}`);
    throw thrown;
  }
}

/**
 * Reads all certificates of a PEM text, in its order; other blocks and text between them are passed over.
 * @throws {ProxyError} code `bad-certificate`: there is none, or one can't be read
 */
export function readCertificates(pem: string): Certificate[] {
  const ders = [...pem.matchAll(PEM_BLOCK)].map(([, base64 = ""], index) => {
    try {
      return fromBase64(base64);
    } catch (cause) {
      throw bad(`block ${index + 1} of the certificates is not base64`, cause);
    }
  });
  if (ders.length === 0) throw bad('there is no PEM block "CERTIFICATE"');
  return ders.map(readCertificate);
}

/** @returns the certificate as one PEM block, with lines of 64 characters */
export function toPem(der: Uint8Array): string {
  const lines = btoa(toLatin1(der)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function fromBase64(text: string): Uint8Array {
  return fromLatin1(atob(text.replace(/\s+/g, "")));
}

function bad(message: string, cause?: unknown): ProxyError {
  return new ProxyError(message, { code: "bad-certificate", source: "internal", status: 500, cause });
}

function readWhole(der: Uint8Array): Certificate {
  const body = new DerReader(der).enter(TAG.sequence).enter(TAG.sequence);
  body.skipIf(VERSION_TAG);
  const serial = toHex(body.next(TAG.integer).content);
  body.next(TAG.sequence); // algorithm of the signature
  const issuer = readName(body.enter(TAG.sequence));
  const validity = body.enter(TAG.sequence);
  const notBefore = readTime(validity.next());
  const notAfter = readTime(validity.next());
  const subject = readName(body.enter(TAG.sequence));
  const keyAlgorithm = readOid(body.enter(TAG.sequence).enter(TAG.sequence).next(TAG.oid).content);
  while (!body.isDone && body.tag !== EXTENSIONS_TAG) body.next(); // unique identifiers
  const names = body.isDone ? NO_NAMES : readExtensions(body.enter(EXTENSIONS_TAG).enter(TAG.sequence));
  const commonName = subject.find(({ oid }) => oid === COMMON_NAME)?.value ?? "";
  return { der, names, notBefore, notAfter, subject, issuer, commonName, serial, keyAlgorithm };
}

const NO_NAMES: CertificateNames = { dns: [], ip: [], uri: [], email: [] };

function readName(sets: DerReader): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  while (!sets.isDone) {
    const set = sets.enter(TAG.set);
    while (!set.isDone) {
      const pair = set.enter(TAG.sequence);
      attributes.push({ oid: readOid(pair.next(TAG.oid).content), value: readText(pair.next()) });
    }
  }
  return attributes;
}

function readText({ tag, content }: DerValue): string {
  if (tag === TAG.bmpString) return new TextDecoder("utf-16be").decode(content);
  return new TextDecoder().decode(content); // UTF8String, and PrintableString and IA5String as parts of it
}

function readExtensions(extensions: DerReader): CertificateNames {
  while (!extensions.isDone) {
    const extension = extensions.enter(TAG.sequence);
    if (readOid(extension.next(TAG.oid).content) !== SUBJECT_ALT_NAME) continue;
    extension.skipIf(TAG.boolean); // critical
    return readAltNames(new DerReader(extension.next(TAG.octets).content).enter(TAG.sequence));
  }
  return NO_NAMES;
}

function readAltNames(list: DerReader): CertificateNames {
  const names: Record<keyof CertificateNames, string[]> = { dns: [], ip: [], uri: [], email: [] };
  while (!list.isDone) {
    const { tag, content } = list.next();
    if (tag === NAME_IP && (content.length === 4 || content.length === 16)) names.ip.push(bytesToIp(content));
    const text = toLatin1(content);
    if (!/^[\x21-\x7e]+$/.test(text)) continue; // "good.test\0.evil.test" must be equal to nothing
    if (tag === NAME_DNS) names.dns.push(text.toLowerCase());
    if (tag === NAME_URI) names.uri.push(text);
    if (tag === NAME_EMAIL) names.email.push(text);
  }
  return names;
}

function toHex(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(?:00)+(?=..)/, "");
}
