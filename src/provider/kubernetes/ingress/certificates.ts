// The TLS section of an Ingress: Secrets → certificates, and which of them a host needs.

import { findCertificate } from "../backend/certificate.ts";
import { keyOf } from "../names.ts";
import type { IngressSpec } from "./schema-ingress.ts";
import type { IngressTranslation } from "./translation.ts";

/** A certificate that an Ingress names. */
export interface NamedCertificate {
  /** Its key in the configuration, where it is missing when the Secret can't be had. */
  readonly key: string;
  /** Hosts it is for; empty: all of the Ingress. */
  readonly hosts: readonly string[];
}

/** Adds the certificates to the configuration. Secrets that can't be had are reported. */
export function addCertificates(translation: IngressTranslation, { tls = [] }: IngressSpec): NamedCertificate[] {
  return tls.flatMap(({ hosts = [], secretName = "" }, index) => {
    if (secretName === "") return []; // the store's certificates do
    const key = keyOf("Secret", translation.referrer.namespace, secretName);
    const path = ["spec", "tls", index, "secretName"];
    const certificate = findCertificate(translation, { name: secretName, path }, translation.referrer);
    if (certificate !== undefined) translation.sections.certificates[key] = certificate;
    return [{ key, hosts }];
  });
}

/** Keys of the certificates that a router for a host needs. @param host empty: any */
export function certificatesFor(host: string, certificates: readonly NamedCertificate[]): readonly string[] {
  const wildcard = `*.${host.slice(host.indexOf(".") + 1)}`;
  const isFor = ({ hosts }: NamedCertificate) =>
    hosts.length === 0 || host === "" || hosts.includes(host) || hosts.includes(wildcard);
  return [...new Set(certificates.filter(isFor).map(({ key }) => key))];
}
