// Checks certificates and keys before a TLS library gets them: Deno's takes anything, and the others say little of what is wrong.

import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readCertificates } from "../../src/net/certificate.ts";
import type { KeyKind } from "../../src/net/client-hello.ts";
import { ProxyError } from "../../src/net/error.ts";
import type { IdentityText, TlsIdentity } from "../../src/net/tls.ts";

const KINDS: Readonly<Record<string, KeyKind>> = { "rsa": "rsa", "rsa-pss": "rsa", "ec": "ec", "ed25519": "ed25519" };

/** @throws {ProxyError} code `bad-certificate`, naming what is wrong and never quoting it */
export function loadIdentity({ cert, key }: IdentityText): TlsIdentity {
  const [leaf] = readCertificates(cert);
  if (leaf === undefined) throw bad('there is no PEM block "CERTIFICATE"');
  const secret = readKey(key);
  const kind = KINDS[secret.asymmetricKeyType ?? ""];
  if (kind === undefined) throw bad(`a key of type ${secret.asymmetricKeyType}; wanted RSA, ECDSA or Ed25519`);
  if (!belongs(leaf.der, secret)) throw bad("the key belongs to another certificate");
  return { cert, key, leaf, kind };
}

function readKey(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw bad("the key can't be read: wanted an unencrypted private key in PEM", cause);
  }
}

function belongs(der: Uint8Array, secret: KeyObject): boolean {
  try {
    return new X509Certificate(der).checkPrivateKey(secret);
  } catch (cause) {
    throw bad("the certificate can't be read by the TLS library", cause);
  }
}

function bad(message: string, cause?: unknown): ProxyError {
  return new ProxyError(message, { code: "bad-certificate", source: "internal", status: 500, cause });
}
