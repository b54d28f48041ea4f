// What is odd about a certificate that can be served all the same.

import { type Certificate, readCertificates } from "../net/certificate.ts";
import type { TlsIdentity } from "../net/tls.ts";
import { namesOf } from "./certificate-store.ts";

/** Looks at validity, names and chain. @param now milliseconds since 1970 @returns one sentence each */
export function judgeIdentity(identity: TlsIdentity, now: number): string[] {
  const { leaf } = identity;
  const warnings: string[] = [];
  if (now > leaf.notAfter) warnings.push(`it has expired on ${dateOf(leaf.notAfter)}`);
  if (now < leaf.notBefore) warnings.push(`it is not valid before ${dateOf(leaf.notBefore)}`);
  if (namesOf(identity).size === 0) warnings.push("it has no names, so only clients that no other is for get it");
  const chain = readCertificates(identity.cert);
  const broken = chain.findIndex((certificate, index) => {
    const next = chain[index + 1];
    return next !== undefined && !isIssuer(next, certificate);
  });
  if (broken >= 0) {
    warnings.push(
      `its chain is out of order: certificate ${broken + 2} has not signed certificate ${broken + 1}, ` +
        "and clients may refuse it",
    );
  }
  return warnings;
}

function isIssuer(issuer: Certificate, certificate: Certificate): boolean {
  return JSON.stringify(issuer.subject) === JSON.stringify(certificate.issuer);
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 19) + "Z";
}
