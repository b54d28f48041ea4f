// Certificates as Traefik's API writes them, and their columns in lists. Keys are nowhere near.

import type { CertificateStatus } from "../build/certificate-status.ts";
import type { ListingRules } from "./listing.ts";
import type { PartJson } from "./part-json.ts";

/** Expiry is near enough to say so. */
const WARNING_MS = 30 * 24 * 60 * 60 * 1000;

/** @param now milliseconds since 1970 */
export function certificateStatus({ notAfter }: CertificateStatus, now: number): "enabled" | "warning" | "expired" {
  if (now > notAfter) return "expired";
  return notAfter - now < WARNING_MS ? "warning" : "enabled";
}

/** A certificate with its status; what it does not say is left out, as Traefik does. */
export function toCertificateJson(certificate: CertificateStatus): PartJson {
  const { issuerOrg, issuerCN, issuerCountry, organization, country, keySize } = certificate;
  return {
    name: certificate.name,
    sans: certificate.sans,
    notAfter: toTime(certificate.notAfter),
    notBefore: toTime(certificate.notBefore),
    serialNumber: certificate.serialNumber,
    commonName: certificate.commonName,
    ...withoutEmpty({ issuerOrg, issuerCN, issuerCountry, organization, country }),
    version: certificate.version,
    keyType: certificate.keyType,
    ...(keySize === 0 ? {} : { keySize }),
    signatureAlgorithm: certificate.signatureAlgorithm,
    certFingerprint: certificate.name,
    publicKeyFingerprint: certificate.publicKeyFingerprint,
    status: certificateStatus(certificate, Date.now()),
  };
}

/** The overview's numbers. */
export function countCertificates(certificates: readonly CertificateStatus[]): PartJson {
  const statuses = certificates.map((certificate) => certificateStatus(certificate, Date.now()));
  const count = (wanted: string): number => statuses.filter((status) => status === wanted).length;
  return { total: certificates.length, warnings: count("warning"), errors: count("expired") };
}

/** Columns of Traefik's dashboard. */
export const certificateRules: ListingRules<CertificateStatus> = {
  nameOf: ({ commonName }) => commonName,
  statusOf: (certificate) => certificateStatus(certificate, Date.now()),
  searchable: ({ commonName, issuerOrg, issuerCN, sans }) => [commonName, issuerOrg, issuerCN, ...sans],
  sortKeys: {
    status: (certificate) => certificateStatus(certificate, Date.now()),
    issuer: ({ issuerOrg, issuerCN }) => issuerOrg === "" ? issuerCN : issuerOrg,
    validUntil: ({ notAfter }) => notAfter,
  },
};

function toTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function withoutEmpty(fields: Readonly<Record<string, string>>): PartJson {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}
