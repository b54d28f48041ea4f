// The choice of a certificate.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientHello } from "../../../src/net/client-hello.ts";
import type { TlsIdentity } from "../../../src/net/tls.ts";
import { CertificateStore, namesOf } from "../../../src/tls/certificate-store.ts";
import { helloFor, identityOf } from "./fakes.ts";

const NOW = 5000;
const exact = identityOf(["a.test"]);
const wild = identityOf(["*.test"]);
const wildRsa = identityOf(["*.test"], { kind: "rsa" });
const deep = identityOf(["*.b.test"]);
const rsa = identityOf(["a.test"], { kind: "rsa", notBefore: 4000 });
const newer = identityOf(["a.test"], { notBefore: 2000, serial: "02" });
const expired = identityOf(["a.test"], { notBefore: 3000, notAfter: 4500, serial: "03" });
const future = identityOf(["a.test"], { notBefore: 6000, serial: "04" });
const address = identityOf(["10.0.0.1", "2001:db8::1"]);
const fallback = identityOf(["fallback.test"]);
const onlyRsa = { signatures: [0x0804, 0x0401] };
const old = { versions: [0x0303], ciphers: [0xc02f], signatures: [0x0403, 0x0401] };

const rows: readonly [
  title: string,
  identities: readonly TlsIdentity[],
  hello: ClientHello,
  chosen: TlsIdentity | undefined,
  more?: { ip?: string; strict?: boolean },
][] = [
  ["the exact name before the wildcard", [wild, exact], helloFor("a.test"), exact],
  ["the wildcard for other names", [wild, exact], helloFor("x.test"), wild],
  ["one label for a wildcard, not two", [wild], helloFor("x.y.test"), fallback],
  ["no label for a wildcard: not", [wild], helloFor("test"), fallback],
  ["the wildcard of the parent", [wild, deep], helloFor("x.b.test"), deep],
  ["the elliptic curve's before RSA's", [rsa, exact], helloFor("a.test"), exact],
  ["RSA's for a client that knows no other", [rsa, exact], helloFor("a.test", onlyRsa), rsa],
  ["RSA's for a client of TLS 1.2 without the suites", [rsa, exact], helloFor("a.test", old), rsa],
  ["RSA's under a wildcard before one that is of no use", [wildRsa, exact], helloFor("a.test", onlyRsa), wildRsa],
  ["the newest of equal ones", [exact, newer], helloFor("a.test"), newer],
  ["the newest, whatever their order", [newer, exact], helloFor("a.test"), newer],
  ["one that is valid before a newer one that has expired", [expired, exact], helloFor("a.test"), exact],
  ["one that is valid before one that is not yet", [future, exact], helloFor("a.test"), exact],
  ["RSA's that is valid before an elliptic curve's that has expired", [expired, rsa], helloFor("a.test"), rsa],
  ["one that has expired, rather than the fallback", [expired], helloFor("a.test"), expired],
  ["one that can't be used, rather than the fallback", [exact], helloFor("a.test", onlyRsa), exact],
  ["that of the address, without a name", [exact, address], helloFor(""), address, { ip: "10.0.0.1" }],
  ["that of an address of version 6", [address], helloFor(""), address, { ip: "2001:DB8:0::1" }],
  ["the fallback, without a name", [exact], helloFor(""), fallback, { ip: "10.0.0.2" }],
  ["the fallback for unknown names", [exact], helloFor("nobody.test"), fallback],
  ["nothing for unknown names, when strict", [exact], helloFor("nobody.test"), undefined, { strict: true }],
  ["the fallback for its own name, when strict", [exact], helloFor("fallback.test"), fallback, { strict: true }],
  ["nothing without a name, when strict", [exact], helloFor(""), undefined, { strict: true }],
];

for (const [title, identities, hello, chosen, { ip = "127.0.0.1", strict = false } = {}] of rows) {
  test(`choose() takes ${title}`, () => {
    const store = new CertificateStore({ identities, fallback });
    assert.equal(store.choose(hello, ip, NOW, strict), chosen);
  });
}

test("namesOf() folds case and dots, and takes a common name that is a host", () => {
  const names = (dns: string[], commonName: string) => [...namesOf(identityOf(dns, { commonName }))];
  assert.deepEqual(names(["A.test."], "b.test"), ["a.test", "b.test"]);
  assert.deepEqual(names([], "Some Company"), []);
  assert.deepEqual(names(["10.0.0.1"], "localhost"), ["10.0.0.1"]);
});
