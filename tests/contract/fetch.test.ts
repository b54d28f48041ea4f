// Runtime.createFetch(): trust, identities, streams and ends, against a real TLS server with a private authority.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ProxyError } from "../../src/net/error.ts";
import type { FetchClient, FetchIdentity, FetchRequest } from "../../src/net/runtime.ts";
import { createAuthority } from "../support/private-authority.ts";
import { type Seen, startTlsEcho } from "../support/tls-echo.ts";
import { runtime } from "#runtime";

const authority = await createAuthority();
const stranger = await createAuthority("stranger");
const alice = await authority.issue({ subject: "alice", algorithm: "rsa" });
const bob = await authority.issue({ subject: "bob", algorithm: "ec" });
const byAddress = await startTlsEcho(
  await authority.issue({ subject: "api", names: "DNS:kubernetes,IP:127.0.0.1" }),
  authority.ca,
);
const byName = await startTlsEcho(
  await authority.issue({ subject: "api", names: "DNS:api.internal", algorithm: "rsa" }),
  authority.ca,
);
const { ca } = authority;

after(async () => {
  await Promise.all([byAddress.stop(), byName.stop(), authority.remove(), stranger.remove()]);
});

/** Runs with a client that is closed afterwards. */
async function withClient<T>(identity: FetchIdentity, work: (client: FetchClient) => Promise<T>): Promise<T> {
  const client = runtime.createFetch(identity);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

function request(extra: Partial<FetchRequest> = {}): FetchRequest {
  return { method: "GET", headers: {}, signal: new AbortController().signal, ...extra };
}

async function seen(client: FetchClient, url: string, extra: Partial<FetchRequest> = {}): Promise<Seen> {
  return await (await client.fetch(url, request(extra))).json();
}

const accepted: readonly (readonly [string, string, FetchIdentity, Partial<Seen>])[] = [
  ["a private authority, by address", byAddress.url, { ca }, { client: "", serverName: "" }],
  ["a bundle of authorities", byAddress.url, { ca: `${stranger.ca}\n${ca}` }, { client: "" }],
  ["an RSA client certificate", byAddress.url, { ca, ...alice }, { client: "alice", authorized: true }],
  ["an EC client certificate", byAddress.url, { ca, ...bob }, { client: "bob", authorized: true }],
  ["a server name of its own", byName.url, { ca, serverName: "api.internal" }, { serverName: "api.internal" }],
  ["no verification", byName.url, { insecureSkipVerify: true }, { client: "" }],
  ["no verification, with a name and a certificate", byName.url, {
    insecureSkipVerify: true,
    serverName: "other",
    ...bob,
  }, { serverName: "other", client: "bob" }],
  ["no TLS", byAddress.plainUrl, {}, { client: "" }],
  ["a proxy", byAddress.url, { ca, ...bob, proxyUrl: byAddress.proxyUrl }, { client: "bob" }],
  ["a proxy, with a server name", byName.url, { ca, serverName: "api.internal", proxyUrl: byAddress.proxyUrl }, {
    serverName: "api.internal",
  }],
  ["a proxy with a password", byAddress.url, { ca, proxyUrl: byAddress.proxyUrl.replace("//", "//user:secret@") }, {
    client: "",
  }],
  ["a proxy, without TLS", byAddress.plainUrl, { proxyUrl: byAddress.proxyUrl }, { client: "" }],
];

for (const [what, url, identity, expected] of accepted) {
  test(`createFetch() reaches a server with ${what}`, () =>
    withClient(identity, async (client) => {
      const got = await seen(client, url);
      assert.deepEqual({ ...got, ...expected }, got);
      assert.equal((await seen(client, url)).client, got.client, "a second request");
    }));
}

const refused: readonly (readonly [string, string, FetchIdentity, RegExp])[] = [
  ["an unknown authority", byAddress.url, {}, /self.signed certificate/i],
  ["another authority", byAddress.url, { ca: stranger.ca }, /certificate/i],
  ["an address that is not in the certificate", byName.url, { ca }, /altnames|certificate/i],
  ["another name than in the certificate", byName.url, { ca, serverName: "api.external" }, /altnames|certificate/i],
  ["a proxy that refuses", byAddress.url, { ca, proxyUrl: byAddress.proxyUrl.replace("//", "//user:wrong@") }, /407/],
  ["nobody there", "https://127.0.0.1:1", { ca }, /ECONNREFUSED/],
];

for (const [what, url, identity, message] of refused) {
  test(`createFetch() rejects ${what}`, () =>
    withClient(
      identity,
      (client) => assert.rejects(client.fetch(url, request()), (error) => message.test(textOf(error))),
    ));
}

const badIdentities: readonly (readonly [string, FetchIdentity, RegExp])[] = [
  ["an authority that is no PEM", { ca: "nonsense" }, /authority holds no PEM block/],
  ["an authority that is no certificate", { ca: ca.replace(/M/g, "A") }, /block 1 is no certificate/],
  ["a certificate without key", { cert: bob.cert }, /no key for it/],
  ["a key without certificate", { key: bob.key }, /no certificate for it/],
  ["a key of another certificate", { cert: bob.cert, key: alice.key }, /belongs to another certificate/],
  ["a key that is none", { cert: bob.cert, key: bob.cert }, /key can't be read/],
];

for (const [what, identity, message] of badIdentities) {
  test(`createFetch() refuses ${what}, and does not quote it`, () => {
    assert.throws(() => runtime.createFetch(identity), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "bad-identity");
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /BEGIN|MII/);
      return true;
    });
  });
}

test("createFetch() keeps identities on one host apart, and each one's connection open", async () => {
  const [first, second, nobody] = [{ ca, ...alice }, { ca, ...bob }, { ca }].map((each) => runtime.createFetch(each));
  assert.ok(first && second && nobody);
  const ports = new Map<string, Set<number>>();
  for (const client of [first, second, nobody, first, nobody, second, first, second, nobody]) {
    const { client: name, port } = await seen(client, byAddress.url);
    assert.equal(name, client === first ? "alice" : client === second ? "bob" : "");
    ports.set(name, (ports.get(name) ?? new Set()).add(port));
  }
  assert.deepEqual([...ports.values()].map(({ size }) => size), [1, 1, 1]);
  for (const client of [first, second, nobody]) client.close();
});

test("fetch() sends method, headers and body as they are", () =>
  withClient({ ca }, async (client) => {
    for (const method of ["PUT", "POST", "PATCH", "DELETE"]) {
      const got = await seen(client, `${byAddress.url}/write`, {
        method,
        headers: { "content-type": "application/merge-patch+json", "authorization": "Bearer t", "x-list": ["a", "b"] },
        body: '{"ü":1}',
      });
      assert.deepEqual([got.method, got.body], [method, '{"ü":1}']);
      assert.equal(got.headers["content-type"], "application/merge-patch+json");
      assert.equal(got.headers["authorization"], "Bearer t");
      assert.equal(got.headers["x-list"], "a, b");
      assert.equal(got.headers["content-length"], "8");
    }
  }));

test("fetch() sends a request once, also when the connection it was kept on has died", () =>
  withClient({ ca }, async (client) => {
    for (const method of ["POST", "GET", "POST", "PUT", "PATCH", "GET", "DELETE", "POST"]) {
      await seen(client, `${byAddress.url}/dies-idle`, { method, body: method === "GET" ? undefined : "x" });
    }
    assert.equal((await seen(client, `${byAddress.url}/dies-idle`)).count, 9);
  }));

test("fetch() resolves with any status, follows no redirect, and takes an empty answer", () =>
  withClient({ ca }, async (client) => {
    const statuses: number[] = [];
    for (const path of ["/empty", "/forbidden", "/moved"]) {
      const response = await client.fetch(`${byAddress.url}${path}`, request());
      statuses.push(response.status);
      await response.text();
    }
    assert.deepEqual(statuses, [204, 403, 302]);
  }));

test("fetch() unpacks gzip", () =>
  withClient({ ca }, async (client) => {
    const response = await client.fetch(`${byAddress.url}/zipped`, request());
    assert.equal(await response.text(), "whole");
    assert.equal((await seen(client, byAddress.url)).headers["accept-encoding"], "gzip");
  }));

test("fetch() reads a large body with pauses", () =>
  withClient({ ca }, async (client) => {
    const response = await client.fetch(`${byAddress.url}/large`, request());
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assert.equal(bytes, 8 * 1024 * 1024);
  }));

for (const path of ["/cut", "/cut-zipped"]) {
  test(`fetch() fails the body of an answer that breaks off (${path})`, () =>
    withClient({ ca }, async (client) => {
      const response = await client.fetch(`${byAddress.url}${path}`, request());
      await assert.rejects(response.text());
    }));
}

test("fetch() gives up with the signal's reason: before, while it waits, and while it reads", () =>
  withClient({ ca }, async (client) => {
    const reason = new Error("enough");
    const before = AbortSignal.abort(reason);
    await assert.rejects(client.fetch(byAddress.url, request({ signal: before })), reason);
    const controller = new AbortController();
    const response = await client.fetch(`${byAddress.url}/stream`, request({ signal: controller.signal }));
    const reader = response.body?.getReader();
    assert.equal(new TextDecoder().decode((await reader?.read())?.value), "first\n");
    const rest = reader?.read();
    controller.abort(reason);
    await assert.rejects(async () => await rest, reason);
  }));

test("fetch() gives up at once, wherever the request is", () =>
  withClient({ ca }, async (client) => {
    const reason = new Error("enough");
    for (let turns = 0; turns < 12; turns++) {
      const controller = new AbortController();
      const { signal } = controller;
      const asked = client.fetch(`${byAddress.url}/never`, request({ signal }));
      const ends = assert.rejects(asked, reason);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
      controller.abort(reason);
      await ends;
    }
  }));

test("cancelling a body ends its connection, not the others", () =>
  withClient({ ca }, async (client) => {
    const { port } = await seen(client, byAddress.url);
    const response = await client.fetch(`${byAddress.url}/stream`, request());
    await response.body?.cancel();
    const again = await seen(client, byAddress.url);
    assert.notEqual(again.port, port, "the connection of the stream was the kept one, and is gone");
  }));

test("fetch() holds 300 streams open at once", () =>
  withClient({}, async (client) => {
    const controller = new AbortController();
    const open = Array.from({ length: 300 }, async () => {
      const response = await client.fetch(`${byAddress.plainUrl}/stream`, request({ signal: controller.signal }));
      const reader = response.body?.getReader();
      await reader?.read();
      return reader;
    });
    const readers = await Promise.all(open);
    assert.equal(readers.length, 300);
    const ends = readers.map((reader) => assert.rejects(async () => await reader?.read()));
    controller.abort(new Error("over"));
    await Promise.all(ends);
  }));

test("close() lets open requests end and refuses new ones", async () => {
  const client = runtime.createFetch({ ca });
  const controller = new AbortController();
  const response = await client.fetch(`${byAddress.url}/stream`, request({ signal: controller.signal }));
  const reader = response.body?.getReader();
  client.close();
  assert.equal(new TextDecoder().decode((await reader?.read())?.value), "first\n");
  await assert.rejects(client.fetch(byAddress.url, request()), /closed/);
  const rest = reader?.read();
  controller.abort(new Error("over"));
  await assert.rejects(async () => await rest, /over/);
});

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  const inner = error instanceof AggregateError ? error.errors.map(textOf).join(" ") : "";
  return `${code} ${error.message} ${inner}`;
}
