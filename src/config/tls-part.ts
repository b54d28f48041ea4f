// TLS parts: from what files hold to the values inside, and what is wrong between their fields.

import type { RouterTlsInput } from "./router-schema.ts";
import { compact } from "./compact.ts";
import type { ClientTls, Domain, RouterTls, TlsCertificate, TlsOptions, TlsStore } from "./dynamic-tls.ts";
import { builtInTlsOptions, tlsVersions } from "./dynamic-tls.ts";
import { toKeyPair, toPemSource } from "./pem.ts";
import type {
  CertificateInput,
  ClientTlsInput,
  ClientTlsVersions,
  TlsOptionsInput,
  TlsStoreInput,
} from "./tls-schema.ts";

/** A router's wishes. */
export function toRouterTls(input: RouterTlsInput): RouterTls {
  return compact({ ...input, domains: input.domains?.map(toDomain) });
}

/** A certificate without its source. */
export function toCertificate({ stores, ...pair }: CertificateInput): TlsCertificate {
  return compact({ ...toKeyPair(pair), stores });
}

/** A store without its source. */
export function toTlsStore({ defaultCertificate, defaultGeneratedCert }: TlsStoreInput): TlsStore {
  return compact({
    defaultCertificate: defaultCertificate && toKeyPair(defaultCertificate),
    defaultGeneratedCert: defaultGeneratedCert &&
      compact({
        ...defaultGeneratedCert,
        domain: defaultGeneratedCert.domain && toDomain(defaultGeneratedCert.domain),
      }),
  });
}

/** Options without their source. */
export function toTlsOptions(input: TlsOptionsInput): TlsOptions {
  const { clientAuth, preferServerCipherSuites: _, ...rest } = input;
  const caFiles = (clientAuth?.caFiles ?? []).map(toPemSource);
  return compact({ ...rest, clientAuth: clientAuth && toClientAuth(caFiles, clientAuth.clientAuthType) });
}

/**
 * What is asked of clients; as in Traefik, authorities alone ask for a certificate of theirs.
 * @param caFiles wherever they come from
 */
export function toClientAuth(
  caFiles: NonNullable<TlsOptions["clientAuth"]>["caFiles"],
  type: NonNullable<TlsOptions["clientAuth"]>["clientAuthType"] | undefined,
): NonNullable<TlsOptions["clientAuth"]> {
  return { caFiles, clientAuthType: type ?? (caFiles.length > 0 ? "RequireAndVerifyClientCert" : "NoClientCert") };
}

/** What is wrong between the fields of options: their users must not serve. Each names its field. */
export function tlsOptionsFaults(
  options: TlsOptions,
): { readonly path: readonly string[]; readonly message: string }[] {
  const faults = [];
  const { minVersion, maxVersion, clientAuth } = options;
  if (minVersion !== undefined && maxVersion !== undefined && isAbove(minVersion, maxVersion)) {
    faults.push({ path: ["minVersion"], message: `"minVersion" ${minVersion} is above "maxVersion" ${maxVersion}` });
  }
  const verifies = clientAuth?.clientAuthType === "VerifyClientCertIfGiven" ||
    clientAuth?.clientAuthType === "RequireAndVerifyClientCert";
  if (verifies && clientAuth.caFiles.length === 0) {
    const message =
      `"clientAuthType" ${clientAuth.clientAuthType} needs "caFiles": without them no certificate is valid`;
    faults.push({ path: ["clientAuth", "clientAuthType"], message });
  }
  return faults;
}

/** Options that nobody can serve with: who refers to them is closed, and does not fall back to others. */
export function brokenTlsOptions(defects: readonly string[]): TlsOptions {
  return { ...builtInTlsOptions, defects };
}

/** TLS towards servers. */
export function toClientTls(input: ClientTlsInput & ClientTlsVersions): ClientTls {
  const { serverName, insecureSkipVerify, rootCAs, certificates, peerCertURI, peerCertSANs, spiffe } = input;
  const { cipherSuites, minVersion, maxVersion } = input;
  return compact({
    serverName,
    insecureSkipVerify,
    rootCAs: rootCAs.map(toPemSource),
    certificates: certificates?.map(toKeyPair),
    cipherSuites,
    minVersion,
    maxVersion,
    peerCertURI,
    peerCertSANs,
    spiffe: spiffe && compact(spiffe),
  });
}

function toDomain(domain: { readonly main: string; readonly sans?: readonly string[] | undefined }): Domain {
  return compact(domain);
}

function isAbove(version: typeof tlsVersions[number], limit: typeof tlsVersions[number]): boolean {
  return tlsVersions.indexOf(version) > tlsVersions.indexOf(limit);
}
