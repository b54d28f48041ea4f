// What people want to know of a certificate that handshakes do not: key size, algorithms, version.

import type { Certificate } from "../net/certificate.ts";
import { DerProblem, DerReader, readOid, TAG } from "../net/der.ts";
import { sha256Hex } from "../net/hash.ts";
import { derValue } from "./der-writer.ts";

/** Read when somebody looks. */
export interface CertificateDetails {
  /** As Go names it: `ECDSA-SHA256`; else the OID. */
  readonly signatureAlgorithm: string;
  /** `RSA`, `ECDSA`, `Ed25519`; else the OID. */
  readonly keyType: string;
  /** Bits; 0: not known. */
  readonly keySize: number;
  /** `v3` */
  readonly version: string;
  /** SHA-256 in lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The same of the public key, with its algorithm. */
  readonly keyFingerprint: string;
}

const SIGNATURES: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.5": "SHA1-RSA",
  "1.2.840.113549.1.1.10": "RSA-PSS",
  "1.2.840.113549.1.1.11": "SHA256-RSA",
  "1.2.840.113549.1.1.12": "SHA384-RSA",
  "1.2.840.113549.1.1.13": "SHA512-RSA",
  "1.2.840.10045.4.1": "ECDSA-SHA1",
  "1.2.840.10045.4.3.2": "ECDSA-SHA256",
  "1.2.840.10045.4.3.3": "ECDSA-SHA384",
  "1.2.840.10045.4.3.4": "ECDSA-SHA512",
  "1.3.101.112": "Ed25519",
};

const KEYS: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.1": "RSA",
  "1.2.840.113549.1.1.10": "RSA",
  "1.2.840.10045.2.1": "ECDSA",
  "1.3.101.112": "Ed25519",
};

/** Bits of elliptic curves, by their OID. */
const CURVES: Readonly<Record<string, number>> = {
  "1.2.840.10045.3.1.7": 256,
  "1.3.132.0.34": 384,
  "1.3.132.0.35": 521,
};

const VERSION_TAG = 0xa0;
const BIT_STRING = 0x03;

/** Reads them. What can't be read is left empty: the certificate itself was accepted before. */
export function readDetails({ der, keyAlgorithm }: Certificate): CertificateDetails {
  const known = { keyType: KEYS[keyAlgorithm] ?? keyAlgorithm, fingerprint: sha256Hex(der) };
  try {
    return { ...known, ...readRest(der, keyAlgorithm) };
  } catch (thrown) {
    if (!(thrown instanceof DerProblem)) throw thrown;
    return { ...known, signatureAlgorithm: "", keySize: 0, version: "", keyFingerprint: "" };
  }
}

function readRest(der: Uint8Array, algorithm: string): Omit<CertificateDetails, "keyType" | "fingerprint"> {
  const outer = new DerReader(der).enter(TAG.sequence);
  const body = outer.enter(TAG.sequence);
  const version = body.tag === VERSION_TAG ? (body.enter(VERSION_TAG).next(TAG.integer).content[0] ?? 0) + 1 : 1;
  for (let passed = 0; passed < 5; passed++) body.next(); // serial, algorithm, issuer, validity, subject
  const key = body.next(TAG.sequence).content;
  const signature = readOid(outer.enter(TAG.sequence).next(TAG.oid).content);
  return {
    version: `v${version}`,
    signatureAlgorithm: SIGNATURES[signature] ?? signature,
    keySize: keySizeOf(key, algorithm),
    keyFingerprint: sha256Hex(derValue(TAG.sequence, key)),
  };
}

function keySizeOf(key: Uint8Array, algorithm: string): number {
  const reader = new DerReader(key);
  const parameters = reader.enter(TAG.sequence);
  parameters.next(TAG.oid);
  switch (KEYS[algorithm]) {
    case "ECDSA":
      return CURVES[readOid(parameters.next(TAG.oid).content)] ?? 0;
    case "Ed25519":
      return 256;
    case "RSA": {
      const bits = reader.next(BIT_STRING).content.subarray(1); // the first byte counts unused bits: none
      const modulus = new DerReader(bits).enter(TAG.sequence).next(TAG.integer).content;
      return (modulus[0] === 0 ? modulus.length - 1 : modulus.length) * 8;
    }
    default:
      return 0;
  }
}
