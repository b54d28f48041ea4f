// Looks at PEM texts before a TLS library does: Deno's takes anything, and the others say little of what is wrong.

import { createPrivateKey, X509Certificate } from "node:crypto";
import { ProxyError } from "../../src/net/error.ts";
import type { FetchIdentity } from "../../src/net/runtime.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** @throws {ProxyError} code `bad-identity`, naming the text that is wrong and never quoting it */
export function checkIdentity({ ca, cert, key }: FetchIdentity): void {
  if (ca !== undefined) readCertificates(ca, "certificate authority");
  if (cert === undefined && key === undefined) return;
  if (key === undefined) throw bad("there is a client certificate, but no key for it");
  if (cert === undefined) throw bad("there is a client key, but no certificate for it");
  const [first] = readCertificates(cert, "client certificate");
  const secret = readKey(key);
  if (first?.checkPrivateKey(secret) === false) throw bad("the client key belongs to another certificate");
}

function readCertificates(text: string, what: string): X509Certificate[] {
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0) throw bad(`the ${what} holds no PEM block "CERTIFICATE"`);
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw bad(`the ${what} can't be read: block ${index + 1} is no certificate`, cause);
    }
  });
}

function readKey(text: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw bad("the client key can't be read: wanted an unencrypted private key in PEM", cause);
  }
}

function bad(message: string, cause?: unknown): ProxyError {
  return new ProxyError(message, { code: "bad-identity", source: "internal", status: 500, cause });
}
