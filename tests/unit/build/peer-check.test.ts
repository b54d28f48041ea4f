// What a transport wants of servers' certificates beside a trusted chain.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readPeerCheck } from "../../../src/build/peer-check.ts";
import type { ClientTls } from "../../../src/config/dynamic-tls.ts";
import { identityOf } from "../tls/fakes.ts";

const ID = "spiffe://mesh.test/ns/a/sa/b";
const name = "app.test";
const isSkipped = { insecureSkipVerify: true };

interface Case {
  readonly tls: Partial<ClientTls>;
  readonly dns?: readonly string[];
  readonly uri?: readonly string[];
  readonly reason?: RegExp;
}

const cases: readonly Case[] = [
  { tls: { peerCertURI: ID }, dns: [name], uri: [ID] },
  { tls: { peerCertURI: ID }, uri: [ID], reason: /it is not for app\.test; its names are spiffe/ },
  { tls: { peerCertURI: ID }, dns: [name], reason: /has not the URI spiffe\S+; its names are app\.test/ },
  { tls: { peerCertURI: ID, ...isSkipped }, uri: ["spiffe://x.test/y", ID] },
  { tls: { peerCertURI: ID, ...isSkipped }, uri: [`${ID}/more`], reason: /has not the URI/ },
  {
    tls: { peerCertSANs: [{ type: "DNSName", value: "Other.test" }, { type: "URI", value: ID }] },
    dns: ["other.test"],
  },
  { tls: { peerCertSANs: [{ type: "DNSName", value: "x" }, { type: "URI", value: ID }] }, uri: [ID] },
  { tls: { peerCertSANs: [{ type: "DNSName", value: "x.test" }] }, dns: [name], reason: /none of the names x\.test/ },
  { tls: { peerCertSANs: [{ type: "DNSName", value: name }], peerCertURI: ID }, dns: [name], reason: /not the URI/ },
  { tls: { spiffe: {} }, uri: [ID] },
  { tls: { spiffe: {} }, dns: [name], reason: /no SPIFFE identity/ },
  { tls: { spiffe: {} }, uri: [ID, "spiffe://mesh.test/other"], reason: /no SPIFFE identity/ },
  { tls: { spiffe: {} }, uri: ["spiffe://mesh.test/a/../b"], reason: /no SPIFFE identity/ },
  { tls: { spiffe: { trustDomain: "mesh.test" } }, uri: [ID] },
  { tls: { spiffe: { trustDomain: "spiffe://mesh.test" } }, uri: [ID] },
  { tls: { spiffe: { trustDomain: "mesh" } }, uri: [ID], reason: /not of the trust domain mesh/ },
  { tls: { spiffe: { ids: [ID], trustDomain: "other.test" } }, uri: [ID] },
  { tls: { spiffe: { ids: [ID] } }, uri: [`${ID}2`], reason: /not among those allowed/ },
];

for (const { tls, dns = [], uri = [], reason } of cases) {
  test(`readPeerCheck() of ${JSON.stringify(tls)} judges ${JSON.stringify([...dns, ...uri])}`, () => {
    const check = readPeerCheck({ insecureSkipVerify: false, rootCAs: [], ...tls });
    assert.ok("judge" in check && check.judge !== undefined);
    const { leaf } = identityOf([], { names: { dns, uri, ip: [], email: [] } });
    const verdict = check.judge(leaf, name);
    if (reason === undefined) assert.equal(verdict, undefined);
    else assert.match(verdict ?? "", reason);
  });
}

test("readPeerCheck() leaves the search for the name alone where nothing else is asked for", () => {
  assert.deepEqual(readPeerCheck({ ...isSkipped, rootCAs: [], peerCertSANs: [], peerCertURI: "" }), {
    judge: undefined,
  });
});

for (const spiffe of [{ ids: ["mesh.test/a"] }, { ids: [ID, "spiffe://a/b?c"] }, { trustDomain: "a b" }]) {
  test(`readPeerCheck() refuses ${JSON.stringify(spiffe)}`, () => {
    assert.ok("fault" in readPeerCheck({ insecureSkipVerify: false, rootCAs: [], spiffe }));
  });
}
