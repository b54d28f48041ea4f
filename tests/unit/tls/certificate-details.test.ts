// What is read of certificates for people, compared with what the TLS library says.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { readCertificates } from "../../../src/net/certificate.ts";
import { readDetails } from "../../../src/tls/certificate-details.ts";
import { judgeIdentity } from "../../../src/tls/chain.ts";
import { createAuthority } from "../../support/private-authority.ts";
import { runtime } from "#runtime";

test("readDetails() knows keys, algorithms and fingerprints, and judgeIdentity() the order of chains", async () => {
  const authority = await createAuthority();
  try {
    const kinds = [["ec", "ECDSA", 256], ["rsa", "RSA", 2048]] as const;
    for (const [algorithm, keyType, keySize] of kinds) {
      const text = await authority.issue({ subject: "a.test", names: "DNS:a.test", algorithm });
      const [leaf] = readCertificates(text.cert);
      assert.ok(leaf !== undefined);
      const details = readDetails(leaf);
      const { fingerprint256 } = new X509Certificate(text.cert);
      assert.equal(details.fingerprint, fingerprint256.replaceAll(":", "").toLowerCase());
      assert.deepEqual(
        [details.keyType, details.keySize, details.version, details.signatureAlgorithm],
        [keyType, keySize, "v3", "ECDSA-SHA256"],
      );
      const judge = (cert: string, now = Date.now()) => judgeIdentity(runtime.loadIdentity({ ...text, cert }), now);
      assert.deepEqual(judge(text.cert + authority.ca), []);
      assert.match(
        judge(text.cert + text.cert + authority.ca)[0] ?? "",
        /its chain is out of order: certificate 2 has not/,
      );
      assert.match(judge(text.cert, leaf.notAfter + 1000)[0] ?? "", /it has expired on \d{4}-\d\d-\d\dT/);
      assert.match(judge(text.cert, leaf.notBefore - 1000)[0] ?? "", /it is not valid before/);
    }
  } finally {
    await authority.remove();
  }
});
