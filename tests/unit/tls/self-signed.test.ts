// The certificate of last resort, as another reader than its writer sees it.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { readCertificates } from "../../../src/net/certificate.ts";
import { createSelfSigned, SELF_SIGNED_NAME } from "../../../src/tls/self-signed.ts";
import { runtime } from "#runtime";

test("createSelfSigned() makes a certificate that verifies, with its key", async () => {
  const now = Date.now();
  const text = await createSelfSigned(now);
  const identity = runtime.loadIdentity(text); // the two belong together
  const certificate = new X509Certificate(text.cert);
  assert.equal(identity.kind, "ec");
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.ca, false);
  assert.ok(Math.abs(Date.parse(certificate.validTo) - now - 365 * 86_400_000) < 2000);
});

test("createSelfSigned() names it as Traefik does its own, differently each time", async () => {
  const all = await Promise.all([createSelfSigned(Date.now()), createSelfSigned(Date.now())]);
  const leaves = all.flatMap(({ cert }) => readCertificates(cert));
  for (const { commonName, names } of leaves) {
    assert.equal(commonName, SELF_SIGNED_NAME);
    assert.match(names.dns.join(), /^[0-9a-f]{32}\.[0-9a-f]{32}\.weir\.default$/);
  }
  assert.equal(new Set(leaves.map(({ serial }) => serial)).size, 2);
  assert.ok(leaves.every(({ serial }) => serial.length === 32));
});
