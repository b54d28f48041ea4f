// TLS as configuration files write it: certificates, options, stores, and what routers and transports want of TLS.

import * as z from "zod";
import { nonEmptyString, oneOf } from "../schema/primitives.ts";
import { secret } from "../schema/secret.ts";
import { clientAuthTypes, tlsVersions } from "./dynamic-tls.ts";
import { domainSchema } from "./router-schema.ts";
import { cipherSuiteNames, curveNames } from "./tls-names.ts";

/** A certificate and its key. */
export const keyPairSchema = z.strictObject({
  certFile: nonEmptyString.describe("Certificate chain, as a file or PEM."),
  keyFile: secret(nonEmptyString).describe("Private key, as a file or PEM."),
});

/** A certificate that is chosen by the name a client asks for. */
export const certificateSchema = keyPairSchema.extend({
  stores: z.array(nonEmptyString).optional().describe("Names of stores. Default: `default`."),
});

const tlsVersion = oneOf(tlsVersions);

/** How a TLS server speaks. */
export const tlsOptionsSchema = z.strictObject({
  minVersion: tlsVersion.default("VersionTLS12").describe("Oldest TLS version."),
  maxVersion: tlsVersion.optional().describe("Newest TLS version."),
  cipherSuites: z.array(oneOf(cipherSuiteNames)).optional().describe("Cipher suites up to TLS 1.2."),
  curvePreferences: z.array(oneOf(curveNames)).optional().describe("Key exchanges, the preferred ones first."),
  clientAuth: z.strictObject({
    caFiles: z.array(nonEmptyString).default([]).describe("Authorities of the clients' certificates, as files or PEM."),
    clientAuthType: oneOf(clientAuthTypes).optional().describe(
      "What is asked of clients. Default: a valid certificate where `caFiles` are given.",
    ),
  }).optional().describe("Certificates of clients."),
  sniStrict: z.boolean().default(false).describe("Refuses clients that ask for a name no certificate has."),
  alpnProtocols: z.array(nonEmptyString).default(["h2", "http/1.1", "acme-tls/1"]).describe(
    "Protocols offered, the preferred ones first.",
  ),
  disableSessionTickets: z.boolean().default(false).describe("Does not resume sessions by tickets."),
  preferServerCipherSuites: z.boolean().optional().describe("Deprecated and without effect."),
});

/** What is used where no certificate fits. */
export const tlsStoreSchema = z.strictObject({
  defaultCertificate: keyPairSchema.optional().describe("Shown where no other fits."),
  defaultGeneratedCert: z.strictObject({
    resolver: nonEmptyString.describe("Name of the certificate resolver."),
    domain: domainSchema.optional().describe("The names to ask for."),
  }).optional().describe("A default certificate that is asked for."),
});

/** Who servers must be, as SPIFFE names them. */
export const spiffeSchema = z.strictObject({
  ids: z.array(nonEmptyString).optional().describe("Allowed identities; they win over `trustDomain`."),
  trustDomain: z.string().optional().describe("Allowed trust domain."),
});

/** How servers are spoken to in TLS. */
export const clientTlsSchema = z.strictObject({
  serverName: z.string().optional().describe("Server name asked for in TLS."),
  insecureSkipVerify: z.boolean().default(false).describe("Does not check the servers' certificates."),
  rootCAs: z.array(nonEmptyString).default([]).describe("Certificate authorities, as files or PEM."),
  certificates: z.array(keyPairSchema).optional().describe("Client certificates."),
  peerCertURI: z.string().optional().describe("URI that must be in the server's certificate."),
  peerCertSANs: z.array(z.strictObject({
    type: oneOf(["DNSName", "URI"]).describe("Kind of the name."),
    value: nonEmptyString.describe("The name."),
  })).optional().describe("Names of which one must be in the server's certificate."),
  spiffe: spiffeSchema.optional().describe("SPIFFE identities of the servers."),
});

/** Versions and cipher suites, which HTTP transports may set beside {@link clientTlsSchema}. */
export const clientTlsVersionsSchema = z.strictObject({
  cipherSuites: z.array(oneOf(cipherSuiteNames)).optional().describe("Cipher suites up to TLS 1.2."),
  minVersion: tlsVersion.optional().describe("Oldest TLS version."),
  maxVersion: tlsVersion.optional().describe("Newest TLS version."),
});

/** See {@link certificateSchema}. */
export type CertificateInput = z.output<typeof certificateSchema>;
/** See {@link tlsOptionsSchema}. */
export type TlsOptionsInput = z.output<typeof tlsOptionsSchema>;
/** See {@link tlsStoreSchema}. */
export type TlsStoreInput = z.output<typeof tlsStoreSchema>;
/** See {@link clientTlsSchema}. */
export type ClientTlsInput = z.output<typeof clientTlsSchema>;
/** See {@link clientTlsVersionsSchema}. */
export type ClientTlsVersions = Partial<z.output<typeof clientTlsVersionsSchema>>;
