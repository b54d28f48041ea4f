// Certificates and keys as files name them: the path of a PEM file, or the PEM text itself.

import type { KeyPair, PemSource, TlsCertificate } from "./dynamic-tls.ts";

/** Tells a path from PEM text, as Traefik does; only for what the operator wrote, never for a Secret's value. */
export function toPemSource(fileOrContent: string): PemSource {
  return fileOrContent.includes("-----BEGIN") ? { text: fileOrContent } : { file: fileOrContent };
}

/** A pair as `certFile` and `keyFile` name it. */
export function toKeyPair(pair: { readonly certFile: string; readonly keyFile: string }): KeyPair {
  return { certificate: toPemSource(pair.certFile), privateKey: toPemSource(pair.keyFile) };
}

/** The same certificate, given twice: it is in the stores of both. */
export function joinCertificates(first: TlsCertificate | undefined, second: TlsCertificate): TlsCertificate {
  if (first === undefined) return second;
  if (first.stores === undefined && second.stores === undefined) return first;
  const stores = [...first.stores ?? ["default"], ...second.stores ?? ["default"]];
  return { ...first, stores: [...new Set(stores)] };
}
