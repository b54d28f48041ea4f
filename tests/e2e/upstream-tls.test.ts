// Backends over TLS and HTTP/2: whom weir trusts, who it says it is, and which protocol it speaks with whom.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { ask } from "../support/ask.ts";
import { type Authority, createAuthority, type KeyPairText } from "../support/private-authority.ts";
import { appliedCount, balance, type DynamicFile, type ProxyFixture, withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import {
  type BackendOptions,
  type SecureBackend,
  type SeenByBackend,
  startBackend,
} from "../support/secure-backend.ts";

const SPIFFE_ID = "spiffe://mesh.test/ns/shop/sa/backend";

/** What all tests share: an authority, one that nobody trusts, and certificates of theirs. */
interface World {
  readonly authority: Authority;
  readonly stranger: Authority;
  readonly client: KeyPairText;
  readonly named: KeyPairText;
  readonly workload: KeyPairText;
  readonly expired: KeyPairText;
  readonly foreign: KeyPairText;
}

async function createWorld(): Promise<World> {
  const [authority, stranger] = await Promise.all([createAuthority("ours"), createAuthority("stranger")]);
  const [client, named, workload, expired, foreign] = await Promise.all([
    authority.issue({ subject: "weir-client" }),
    authority.issue({ subject: "b", names: "DNS:backend.test,IP:127.0.0.1" }),
    authority.issue({ subject: "w", names: `URI:${SPIFFE_ID}` }),
    authority.issue({ subject: "old", names: "DNS:backend.test,IP:127.0.0.1", days: -1 }),
    stranger.issue({ subject: "f", names: "DNS:backend.test,IP:127.0.0.1" }),
  ]);
  return { authority, stranger, client, named, workload, expired, foreign };
}

let world: Promise<World> | undefined;
test.before(async () => {
  await (world = createWorld());
});
test.after(async () => {
  const made = await world;
  await Promise.all([made?.authority.remove(), made?.stranger.remove()]);
});

async function theWorld(): Promise<World> {
  assert.ok(world !== undefined);
  return await world;
}

async function start(t: TestContext, options: BackendOptions): Promise<SecureBackend> {
  const backend = await startBackend(options);
  t.after(() => backend.stop());
  return backend;
}

/** One service per path, each with a transport of its own. */
function services(
  parts: Readonly<Record<string, { readonly url: string; readonly transport: object; readonly more?: object }>>,
): DynamicFile {
  const map = <T>(to: (name: string) => T) => Object.fromEntries(Object.keys(parts).map((name) => [name, to(name)]));
  return {
    http: {
      routers: map((name) => ({ rule: `PathPrefix(\`/${name}\`)`, service: name })),
      services: map((name) => balance([parts[name]?.url ?? ""], { serversTransport: name, ...parts[name]?.more })),
      serversTransports: map((name) => parts[name]?.transport ?? {}),
    },
  };
}

async function seen({ port }: ProxyFixture, path: string, method?: string, body?: string): Promise<SeenByBackend> {
  const answer = await ask({ port, path, ...(method && { method }), ...(body && { body }) });
  assert.equal(answer.status, 200, `${path}: ${answer.status} ${answer.body}`);
  const text: SeenByBackend = JSON.parse(answer.body);
  return text;
}

/** Good transports by name, for a server whose certificate is the named one; and bad ones, with what the log says. */
function transports({ authority, stranger, client }: World) {
  const rootCAs = [authority.ca];
  return {
    trusted: {
      skip: { insecureSkipVerify: true },
      address: { rootCAs },
      name: { rootCAs, serverName: "backend.test" },
      san: {
        rootCAs,
        peerCertSANs: [{ type: "DNSName", value: "other.test" }, { type: "DNSName", value: "backend.test" }],
      },
      both: { rootCAs: [stranger.ca, authority.ca] },
      version: { rootCAs, minVersion: "VersionTLS13" },
      identified: { rootCAs, certificates: [{ certFile: client.cert, keyFile: client.key }] },
    },
    refused: {
      system: [{}, /not trusted/],
      ca: [{ rootCAs: [stranger.ca] }, /not trusted/],
      othername: [{ rootCAs, serverName: "other.test" }, /not for other\.test/],
      nosan: [{ rootCAs, peerCertSANs: [{ type: "DNSName", value: "other.test" }] }, /none of the names other\.test/],
      nouri: [{ rootCAs, insecureSkipVerify: true, peerCertURI: SPIFFE_ID }, /has not the URI/],
      nospiffe: [{ rootCAs, spiffe: {} }, /no SPIFFE identity/],
    },
  } as const;
}

for (const runtime of threeRuntimes) {
  test(`weir speaks TLS with those it trusts, and answers 502 for the others, on ${runtime.name}`, async (t) => {
    const made = await theWorld();
    const { port } = await start(t, { identity: made.named });
    const { trusted, refused } = transports(made);
    const url = `https://127.0.0.1:${port}`;
    const good = Object.entries(trusted).map(([name, transport]) => [name, { url, transport }] as const);
    const bad = Object.entries(refused).map(([name, [transport]]) => [name, { url, transport }] as const);
    await withProxy(runtime, services(Object.fromEntries([...good, ...bad])), [], async (proxy) => {
      for (const [name] of good) {
        const { serverName, version } = await seen(proxy, `/${name}`);
        assert.deepEqual([name, version, serverName], [name, "1.1", name === "name" ? "backend.test" : ""]);
      }
      for (const [name, [, reason]] of Object.entries(refused)) {
        const { status, body } = await ask({ port: proxy.port, path: `/${name}` });
        assert.deepEqual([name, status, body.trim()], [name, 502, "Bad Gateway"]);
        await proxy.weir.waitFor(reason);
      }
    });
  });

  test(`expired and foreign certificates are refused, workloads known by their SPIFFE id on ${runtime.name}`, async (t) => {
    const { authority, expired, foreign, workload } = await theWorld();
    const rootCAs = [authority.ca];
    const servers = await Promise.all([expired, foreign, workload].map((identity) => start(t, { identity })));
    const [old, other, mesh] = servers.map(({ port }) => `https://127.0.0.1:${port}`);
    assert.ok(old !== undefined && other !== undefined && mesh !== undefined);
    const file = services({
      old: { url: old, transport: { rootCAs } },
      oldskipped: { url: old, transport: { insecureSkipVerify: true } },
      foreign: { url: other, transport: { rootCAs } },
      mesh: { url: mesh, transport: { rootCAs, spiffe: { trustDomain: "mesh.test" } } },
      id: { url: mesh, transport: { rootCAs, spiffe: { ids: [SPIFFE_ID] } } },
      uri: { url: mesh, transport: { rootCAs, insecureSkipVerify: true, peerCertURI: SPIFFE_ID } },
      san: { url: mesh, transport: { rootCAs, peerCertSANs: [{ type: "URI", value: SPIFFE_ID }] } },
      elsewhere: { url: mesh, transport: { rootCAs, spiffe: { trustDomain: "other.test" } } },
      somebody: { url: mesh, transport: { rootCAs, spiffe: { ids: ["spiffe://mesh.test/other"] } } },
      unnamed: { url: mesh, transport: { rootCAs } },
    });
    await withProxy(runtime, file, [], async (proxy) => {
      for (const name of ["oldskipped", "mesh", "id", "uri", "san"]) await seen(proxy, `/${name}`);
      for (const name of ["old", "foreign", "elsewhere", "somebody", "unnamed"]) {
        assert.equal((await ask({ port: proxy.port, path: `/${name}` })).status, 502, name);
      }
      assert.match(proxy.weir.output(), /not of the trust domain other\.test/);
    });
  });

  test(`a backend that wants a certificate gets weir's, in HTTP/1.1 and HTTP/2, on ${runtime.name}`, async (t) => {
    const { authority, named, client } = await theWorld();
    const certificates = [{ certFile: client.cert, keyFile: client.key }];
    const rootCAs = [authority.ca];
    const backend = await start(t, { identity: named, clientCa: authority.ca, speaks: "both" });
    const url = `https://127.0.0.1:${backend.port}`;
    const file = services({
      h2: { url, transport: { rootCAs, certificates } },
      h1: { url, transport: { rootCAs, certificates, disableHTTP2: true } },
      none: { url, transport: { rootCAs } },
    });
    await withProxy(runtime, file, [], async (proxy) => {
      const [h2, h1] = [await seen(proxy, "/h2"), await seen(proxy, "/h1")];
      assert.deepEqual([h2.client, h2.version], ["weir-client", "2.0"]);
      assert.deepEqual([h1.client, h1.version], ["weir-client", "1.1"]);
      assert.equal((await ask({ port: proxy.port, path: "/none" })).status, 502);
    });
  });

  test(`HTTP/2 is agreed on, used by prior knowledge, and can be switched off on ${runtime.name}`, async (t) => {
    const { authority, named } = await theWorld();
    const [both, only2, only1, clear] = await Promise.all([
      start(t, { identity: named, speaks: "both" }),
      start(t, { identity: named, speaks: "h2" }),
      start(t, { identity: named, speaks: "h1" }),
      start(t, { speaks: "h2" }),
    ]);
    const rootCAs = [authority.ca];
    const https = ({ port }: SecureBackend) => `https://127.0.0.1:${port}`;
    const file = services({
      both: { url: https(both), transport: { rootCAs } },
      off: { url: https(both), transport: { rootCAs, disableHTTP2: true } },
      only2: { url: https(only2), transport: { rootCAs } },
      only1: { url: https(only1), transport: { rootCAs } },
      impossible: { url: https(only2), transport: { rootCAs, disableHTTP2: true } },
      h2c: { url: `h2c://127.0.0.1:${clear.port}`, transport: {} },
    });
    await withProxy(runtime, file, [], async (proxy) => {
      // all at once: those that come before the protocol is known wait for the one that asks
      const many = await Promise.all(
        Array.from({ length: 20 }, (_, at) => seen(proxy, `/both/${at}`, "POST", `b${at}`)),
      );
      assert.deepEqual(
        many.map(({ version, url, body }) => [version, url, body]),
        many.map((_, at) => {
          return ["2.0", `/both/${at}`, `b${at}`];
        }),
      );
      assert.equal(new Set(many.map(({ port }) => port)).size, 1);
      assert.equal((await seen(proxy, "/off")).version, "1.1");
      assert.equal((await seen(proxy, "/only2")).alpn, "h2");
      const ones = await Promise.all(Array.from({ length: 5 }, () => seen(proxy, "/only1")));
      assert.deepEqual(ones.map(({ version }) => version), ["1.1", "1.1", "1.1", "1.1", "1.1"]);
      const { version, alpn, host } = await seen(proxy, "/h2c", "POST", "x".repeat(200_000));
      assert.deepEqual([version, alpn, host], ["2.0", "", "app.test"]);
      assert.equal((await ask({ port: proxy.port, path: "/impossible" })).status, 502);
    });
    assert.equal(clear.connections, 1);
  });

  test(`connections are kept within their limits, and per transport, on ${runtime.name}`, async (t) => {
    const { authority, named } = await theWorld();
    const [backend, brief] = await Promise.all([named, named].map((identity) => start(t, { identity })));
    assert.ok(backend !== undefined && brief !== undefined);
    const url = `https://127.0.0.1:${backend.port}`;
    const shared = { rootCAs: [authority.ca], disableHTTP2: true };
    const file = services({
      kept: { url, transport: shared },
      none: { url, transport: { ...shared, maxIdleConnsPerHost: 0 } },
      short: {
        url: `https://127.0.0.1:${brief.port}`,
        transport: { ...shared, forwardingTimeouts: { idleConnTimeout: "1ms" } },
      },
    });
    await withProxy(runtime, file, [], async (proxy) => {
      const ports = async (path: string) => {
        const found = [];
        for (let count = 0; count < 3; count++) found.push((await seen(proxy, path)).port);
        return new Set(found).size;
      };
      assert.equal(await ports("/kept"), 1);
      assert.equal(await ports("/none"), 3);
      const first = await seen(proxy, "/short");
      await brief.closes();
      assert.notEqual((await seen(proxy, "/short")).port, first.port);
    });
  });

  test(`a backend may change its certificate, and weir its trust, while requests go on, on ${runtime.name}`, async (t) => {
    const { authority, stranger, named, foreign } = await theWorld();
    const next = await authority.issue({ subject: "next", names: "IP:127.0.0.1" });
    const backend = await start(t, { identity: named });
    const url = `https://127.0.0.1:${backend.port}`;
    const trusting = (ca: string) => services({ app: { url, transport: { rootCAs: [ca], maxIdleConnsPerHost: 0 } } });
    await withProxy(runtime, trusting(authority.ca), [], async (proxy) => {
      for (let count = 0; count < 10; count++) {
        backend.show(count % 2 === 0 ? next : named);
        await seen(proxy, "/app");
      }
      backend.show(foreign);
      assert.equal((await ask({ port: proxy.port, path: "/app" })).status, 502);
      await proxy.apply(trusting(stranger.ca));
      await seen(proxy, "/app");
    });
  });

  test(`a transport whose files can't be had closes its services, until they are there, on ${runtime.name}`, async (t) => {
    const { authority, named } = await theWorld();
    const backend = await start(t, { identity: named });
    const url = `https://127.0.0.1:${backend.port}`;
    const missing = `${authority.folder}/${runtime.name}-later.crt`;
    const file = services({
      broken: { url, transport: { rootCAs: [missing] } },
      fine: { url, transport: { insecureSkipVerify: true } },
    });
    await withProxy(runtime, file, [], async (proxy) => {
      assert.equal((await ask({ port: proxy.port, path: "/broken" })).status, 503);
      assert.match(
        proxy.weir.output(),
        /serversTransport broken@file can't be used: the certificate authorities in \S+ can't be read/,
      );
      await seen(proxy, "/fine");
      const before = appliedCount(proxy.weir);
      await writeFile(missing, authority.ca);
      await proxy.weir.waitUntil(() => appliedCount(proxy.weir) > before);
      await seen(proxy, "/broken");
    });
  });

  test(`servers are probed over TLS, and asked gRPC's health question, on ${runtime.name}`, async (t) => {
    const { authority, named } = await theWorld();
    let health = 1;
    const options = { speaks: "h2", health: () => health } as const;
    const [secure, clear] = await Promise.all([start(t, { ...options, identity: named }), start(t, options)]);
    const rootCAs = [authority.ca];
    const grpc = { healthCheck: { mode: "grpc", interval: "50ms", timeout: "5s" } };
    const plain = { healthCheck: { path: "/", interval: "50ms", timeout: "5s" } };
    const file = services({
      grpcs: { url: `https://127.0.0.1:${secure.port}`, transport: { rootCAs }, more: grpc },
      grpc: { url: `h2c://127.0.0.1:${clear.port}`, transport: {}, more: grpc },
      untrusted: { url: `https://127.0.0.1:${secure.port}`, transport: {}, more: plain },
    });
    await withProxy(runtime, file, [], async (proxy) => {
      await proxy.weir.waitFor(/server is down.*tls-certificate-refused/);
      assert.equal((await ask({ port: proxy.port, path: "/untrusted" })).status, 503);
      await seen(proxy, "/grpcs");
      await seen(proxy, "/grpc");
      health = 2;
      await proxy.weir.waitUntil((output) => output.split("it is NOT_SERVING").length > 2);
      assert.equal((await ask({ port: proxy.port, path: "/grpcs" })).status, 503);
      assert.equal((await ask({ port: proxy.port, path: "/grpc" })).status, 503);
      health = 1;
      await proxy.weir.waitUntil((output) => output.split("server is up again").length > 2);
      await seen(proxy, "/grpcs");
      await seen(proxy, "/grpc");
    });
  });

  test(`the start options say whom services without a transport trust, on ${runtime.name}`, async (t) => {
    const { authority, named } = await theWorld();
    const backend = await start(t, { identity: named, speaks: "both" });
    const file: DynamicFile = {
      http: {
        routers: { all: { rule: "PathPrefix(`/`)", service: "app" } },
        services: { app: balance([`https://127.0.0.1:${backend.port}`]) },
      },
    };
    await withProxy(runtime, file, [`--serverstransport.rootcas=${authority.folder}/ca.crt`], async (proxy) => {
      assert.equal((await seen(proxy, "/")).version, "2.0");
    });
    await withProxy(runtime, file, [], async ({ port }) => assert.equal((await ask({ port })).status, 502));
    await assert.rejects(
      withProxy(runtime, file, ["--serverstransport.rootcas=/nowhere.crt"], () => Promise.resolve()),
    );
  });
}
