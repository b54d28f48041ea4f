// TLS in the dynamic configuration: certificates, options and stores, and what routers and transports want of TLS.

import type { Breakable, Part } from "./dynamic-part.ts";

/** The `tls` section. */
export interface TlsConfiguration {
  readonly certificates: Readonly<Record<string, TlsCertificate>>;
  readonly options: Readonly<Record<string, TlsOptions>>;
  readonly stores: Readonly<Record<string, TlsStore>>;
}

/** PEM text: in a file whose path was configured by the operator, or given in place (a Secret's value always is). */
export type PemSource = { readonly file: string } | {
  readonly text: string;
  /** Where it was read from. */
  readonly file?: string;
};

/** A certificate chain and its private key. */
export interface KeyPair {
  readonly certificate: PemSource;
  readonly privateKey: PemSource;
}

/** A certificate that is chosen by the server name a client asks for. */
export interface TlsCertificate extends Part, Breakable, KeyPair {
  /** Names of the stores it is in. Default: the default store. */
  readonly stores?: readonly string[];
}

/** Traefik's names of TLS versions, oldest first. */
export const tlsVersions = ["VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"] as const;

/** A TLS version. */
export type TlsVersion = typeof tlsVersions[number];

/** What is asked of clients; the first asks for nothing. */
export const clientAuthTypes = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;

/** How a TLS server speaks. */
export interface TlsOptions extends Part, Breakable {
  /** It is what routers get that name no options, or `default`. Two of them close those routers. */
  readonly isDefault?: boolean;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** Names of the IANA registry; absent: the runtime's choice. */
  readonly cipherSuites?: readonly string[];
  readonly curvePreferences?: readonly string[];
  readonly clientAuth?: ClientAuth;
  /** Refuse clients that ask for a name no certificate has. */
  readonly sniStrict: boolean;
  readonly alpnProtocols: readonly string[];
  readonly disableSessionTickets: boolean;
}

/** Certificates of clients. */
export interface ClientAuth {
  readonly caFiles: readonly PemSource[];
  readonly clientAuthType: typeof clientAuthTypes[number];
}

/** What routers get that name no options and find no default ones. */
export const builtInTlsOptions: TlsOptions = {
  minVersion: "VersionTLS12",
  sniStrict: false,
  alpnProtocols: ["h2", "http/1.1", "acme-tls/1"],
  disableSessionTickets: false,
};

/** What is used where no certificate fits the name a client asks for. */
export interface TlsStore extends Part, Breakable {
  /** It is the one in force. Traefik honours no other; its name is `default`. */
  readonly isDefault?: boolean;
  readonly defaultCertificate?: KeyPair;
  /** To be obtained from a certificate resolver. */
  readonly defaultGeneratedCert?: { readonly resolver: string; readonly domain?: Domain };
}

/** Names of one certificate. */
export interface Domain {
  readonly main: string;
  readonly sans?: readonly string[];
}

/** TLS wishes of a router. */
export interface RouterTls {
  /** Key, or `name@provider`. Absent or `default`: the default options. */
  readonly options?: string;
  readonly certResolver?: string;
  readonly domains?: readonly Domain[];
  /** Keys of certificates the router was given: one that is missing or broken closes it. */
  readonly certificates?: readonly string[];
  /** Where they stand in the router's source: `["spec", "tls", "secretName"]`. */
  readonly certificatesPath?: readonly (string | number)[];
}

/** TLS wishes of a TCP router. */
export interface TcpRouterTls extends RouterTls {
  /** The bytes go to the server as they are: it has the certificate. */
  readonly passthrough: boolean;
}

/** How servers are spoken to in TLS. */
export interface ClientTls {
  readonly serverName?: string;
  readonly insecureSkipVerify: boolean;
  readonly rootCAs: readonly PemSource[];
  /** Shown to servers that ask. */
  readonly certificates?: readonly KeyPair[];
  readonly cipherSuites?: readonly string[];
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** One of them must be in the server's certificate. */
  readonly peerCertURI?: string;
  readonly peerCertSANs?: readonly SubjectAltName[];
  readonly spiffe?: { readonly ids?: readonly string[]; readonly trustDomain?: string };
}

/** A name in a certificate. */
export interface SubjectAltName {
  readonly type: "DNSName" | "URI";
  readonly value: string;
}

/** A TLS section with nothing in it. */
export const emptyTls: TlsConfiguration = { certificates: {}, options: {}, stores: {} };
