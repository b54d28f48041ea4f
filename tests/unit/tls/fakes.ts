// What tests of TLS share: identities without keys, hellos, and a TLS library that knows a few names.

import type { ClientHello } from "../../../src/net/client-hello.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { createSelfSigned } from "../../../src/tls/self-signed.ts";
import type { IdentityText, SecureServer, SecureSettings, TlsIdentity } from "../../../src/net/tls.ts";

/** Modern: both kinds of keys, all versions of note. */
export const modernHello: ClientHello = {
  serverName: "",
  alpn: ["http/1.1"],
  versions: [0x0304, 0x0303],
  ciphers: [0x1301, 0xc02b, 0xc02f],
  signatures: [0x0403, 0x0804, 0x0401],
  groups: [29],
  isAcme: false,
};

/** A client that asks for a name. */
export function helloFor(serverName: string, more: Partial<ClientHello> = {}): ClientHello {
  return { ...modernHello, serverName, ...more };
}

/** An identity with these names; what it is made of is empty. */
export function identityOf(
  names: readonly string[],
  more: Partial<TlsIdentity["leaf"]> & Partial<Pick<TlsIdentity, "kind">> = {},
): TlsIdentity {
  const { kind = "ec", ...leaf } = more;
  const ip = names.filter((name) => /^[\d.]+$|:/.test(name));
  return {
    cert: names.join(","),
    key: "",
    kind,
    leaf: {
      der: new Uint8Array(0),
      names: { dns: names.filter((name) => !ip.includes(name)), ip, uri: [], email: [] },
      notBefore: 1000,
      notAfter: 9000,
      subject: [],
      issuer: [],
      commonName: "",
      serial: "01",
      keyAlgorithm: "",
      ...leaf,
    },
  };
}

/** PEM of the names, for {@link fakeIdentity}: a certificate that is always valid. */
export function pemOf(...names: readonly string[]): { readonly text: string } {
  return { text: `-----BEGIN CERTIFICATE-----\n${btoa(names.join(","))}\n-----END CERTIFICATE-----` };
}

/** Reads {@link pemOf}; the key must be `key`. */
export function fakeIdentity({ cert, key }: IdentityText): TlsIdentity {
  if (key !== "key") throw refusal("bad-certificate", "the key belongs to another certificate");
  const [, base64 = ""] = /-----\n(.*)\n-----/.exec(cert) ?? [];
  return { ...identityOf(atob(base64).split(","), { notBefore: 0, notAfter: 4e12 }), cert: FAKE_CHAIN, key };
}

/** Something that can be read, where only the chain's order is looked at. */
const FAKE_CHAIN = (await createSelfSigned(Date.now())).cert;

/** A library that knows all suites but RC4 and all curves but P-521. */
export function fakeSecureServer(made: SecureSettings[]): (settings: SecureSettings) => SecureServer {
  return (settings) => {
    const { ciphers = [], curves = [], clientCa } = settings;
    if (ciphers.some((name) => name.includes("RC4"))) throw refusal("bad-tls-options", "RC4 is not known");
    if (curves.includes("P-521")) throw refusal("bad-tls-options", "P-521 is not known");
    if (clientCa === "broken") throw refusal("bad-tls-options", "the certificate authorities can't be read");
    made.push(settings);
    return { accept: () => undefined };
  };
}

function refusal(code: string, message: string): ProxyError {
  return new ProxyError(message, { code, source: "internal", status: 500 });
}
