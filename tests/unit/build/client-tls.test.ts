// From a transport's TLS options to what its servers are dialled with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readServerTls } from "../../../src/build/client-tls.ts";
import type { ClientTls } from "../../../src/config/dynamic-tls.ts";
import { createSelfSigned } from "../../../src/tls/self-signed.ts";
import { pemOf } from "../tls/fakes.ts";
import { FakeRuntime } from "./fakes.ts";

const plain: ClientTls = { insecureSkipVerify: false, rootCAs: [] };
const ca = (await createSelfSigned(Date.now())).cert;
const pair = { certificate: pemOf("client"), privateKey: { text: "key" } };

function read(more: Partial<ClientTls>, gaps: readonly string[] = []) {
  const fake = new FakeRuntime();
  fake.gaps = gaps.map((feature) => ({ feature, reason: "" }));
  return readServerTls({ ...plain, ...more }, fake.runtime);
}

function dialOf(more: Partial<ClientTls>, gaps?: readonly string[]) {
  const result = read(more, gaps);
  assert.ok(result.fault === undefined, result.fault);
  return { ...result.tls.of("10.0.0.1"), warnings: result.warnings };
}

test("readServerTls() takes versions apart: each bound may stand alone", () => {
  const bounds = (more: Partial<ClientTls>) => {
    const { minVersion, maxVersion } = dialOf(more);
    return [minVersion, maxVersion];
  };
  assert.deepEqual(bounds({}), [undefined, undefined]);
  assert.deepEqual(bounds({ minVersion: "VersionTLS13" }), ["1.3", "1.3"]);
  assert.deepEqual(bounds({ maxVersion: "VersionTLS12" }), ["1.2", "1.2"]);
  assert.deepEqual(bounds({ maxVersion: "VersionTLS11" }), ["1.1", "1.1"]);
});

test("readServerTls() names suites as the library does, and tells what the runtime lacks", () => {
  const cipherSuites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"];
  assert.deepEqual(dialOf({ cipherSuites }).ciphers, ["ECDHE-RSA-AES128-GCM-SHA256"]);
  assert.match(dialOf({ cipherSuites }, ["tls-ciphers"]).warnings.join(), /"cipherSuites" has no effect/);
});

test("readServerTls() joins authorities, and shows the first certificate", () => {
  const twice = dialOf({ rootCAs: [{ text: ca }, { text: ca, file: "/ca.crt" }], certificates: [pair, pair] });
  assert.equal(twice.ca, `${ca}\n${ca}`);
  assert.deepEqual(twice.identity?.leaf.names.dns, ["client"]);
  assert.match(twice.warnings.join(), /only the first of the 2 certificates/);
});

test("readServerTls() skips verification only where nothing is to be verified", () => {
  assert.equal(dialOf({ insecureSkipVerify: true }).skipVerify, true);
  assert.equal(dialOf({ insecureSkipVerify: true, peerCertURI: "spiffe://a/b" }).skipVerify, false);
  assert.equal(dialOf({ insecureSkipVerify: true, spiffe: {}, rootCAs: [{ text: ca }] }).skipVerify, false);
});

test("readServerTls() gives the same key to what means the same, and another to each difference", () => {
  const keyOf = (more: Partial<ClientTls>) => {
    const result = read(more);
    return result.fault === undefined ? result.tls.key : result.fault;
  };
  const differences: Partial<ClientTls>[] = [
    {},
    { serverName: "a" },
    { insecureSkipVerify: true },
    { rootCAs: [{ text: ca }] },
    { certificates: [pair] },
    { minVersion: "VersionTLS13" },
    { peerCertURI: "spiffe://a/b" },
    { peerCertSANs: [{ type: "DNSName", value: "a" }] },
    { spiffe: { trustDomain: "a" }, rootCAs: [{ text: ca }] },
  ];
  assert.equal(new Set(differences.map(keyOf)).size, differences.length);
  for (const each of differences) assert.equal(keyOf(each), keyOf({ ...each }));
});

const faults: readonly [more: Partial<ClientTls>, fault: RegExp][] = [
  [{ rootCAs: [{ file: "/ca.pem" }] }, /the certificate authorities in \/ca\.pem can't be read/],
  [{ rootCAs: [{ text: "nothing" }] }, /no PEM block/],
  [{ certificates: [{ ...pair, privateKey: { text: "other" } }] }, /belongs to another certificate/],
  [{ certificates: [{ ...pair, privateKey: { file: "/key.pem" } }] }, /the private key in \/key\.pem can't be read/],
  [{ spiffe: {} }, /SPIFFE identities are checked against rootCAs/],
  [{ spiffe: { ids: ["x"] }, rootCAs: [{ text: ca }] }, /"x" is no SPIFFE identity/],
];

for (const [more, fault] of faults) {
  test(`readServerTls() says of what it can't use: ${fault.source}`, () => assert.match(read(more).fault ?? "", fault));
}
