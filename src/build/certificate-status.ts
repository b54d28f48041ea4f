// What people are told of a certificate that clients are shown. Its key is left out.

import type { NameAttribute } from "../net/certificate.ts";
import type { TlsIdentity } from "../net/tls.ts";
import { readDetails } from "../tls/certificate-details.ts";

/** A certificate that clients are shown. */
export interface CertificateStatus {
  /** SHA-256 of the certificate, in hexadecimal: what Traefik names them by. */
  readonly name: string;
  readonly commonName: string;
  /** Sorted. */
  readonly sans: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Decimal. */
  readonly serialNumber: string;
  readonly organization: string;
  readonly country: string;
  readonly issuerCN: string;
  readonly issuerOrg: string;
  readonly issuerCountry: string;
  readonly version: string;
  readonly keyType: string;
  readonly keySize: number;
  readonly signatureAlgorithm: string;
  readonly publicKeyFingerprint: string;
}

/** Describes one; made once for as long as it is served. */
export function describeCertificate(identity: TlsIdentity): CertificateStatus {
  let made = known.get(identity);
  if (made === undefined) {
    made = create(identity);
    known.set(identity, made);
  }
  return made;
}

const known = new WeakMap<TlsIdentity, CertificateStatus>();

const OID = { commonName: "2.5.4.3", country: "2.5.4.6", organization: "2.5.4.10" };

function create({ leaf }: TlsIdentity): CertificateStatus {
  const details = readDetails(leaf);
  return {
    name: details.fingerprint,
    commonName: leaf.commonName,
    sans: [...leaf.names.dns, ...leaf.names.ip, ...leaf.names.uri, ...leaf.names.email].sort(),
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    serialNumber: BigInt(`0x${leaf.serial || "0"}`).toString(),
    organization: valueOf(leaf.subject, OID.organization),
    country: valueOf(leaf.subject, OID.country),
    issuerCN: valueOf(leaf.issuer, OID.commonName),
    issuerOrg: valueOf(leaf.issuer, OID.organization),
    issuerCountry: valueOf(leaf.issuer, OID.country),
    version: details.version,
    keyType: details.keyType,
    keySize: details.keySize,
    signatureAlgorithm: details.signatureAlgorithm,
    publicKeyFingerprint: details.keyFingerprint,
  };
}

function valueOf(attributes: readonly NameAttribute[], oid: string): string {
  return attributes.find((attribute) => attribute.oid === oid)?.value ?? "";
}
