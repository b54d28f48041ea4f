// TCP through weir: real clients and servers, half-close, resets, reloads, PROXY protocol, and several protocols on a port.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type Authority, createAuthority, type KeyPairText } from "../support/private-authority.ts";
import { type DynamicFile, withProxy } from "../support/proxy-fixture.ts";
import { RawClient, type RawServer, startRaw } from "../support/raw-tcp.ts";
import { type Redis, redisCli, type RedisTarget, startRedis, withoutRedis } from "../support/redis.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const rawFlag = ["--entrypoints.raw.address=127.0.0.1:0"];

interface Parts {
  readonly routers: Readonly<Record<string, unknown>>;
  readonly services: Readonly<Record<string, unknown>>;
  readonly [section: string]: unknown;
}

/** A file with a TCP section, and an HTTP router for everything. */
function file(tcp: Parts): DynamicFile {
  return { http: { routers: { all: { rule: "PathPrefix(`/`)", service: "noop@internal" } }, services: {} }, tcp };
}

/** Everything of an entry point to these ports. */
function plain(ports: readonly number[]): DynamicFile {
  return file({
    routers: { plain: { entryPoints: ["raw"], rule: "HostSNI(`*`)", service: "app" } },
    services: { app: balance(ports) },
  });
}

function balance(ports: readonly number[], more: Readonly<Record<string, unknown>> = {}): unknown {
  return { loadBalancer: { servers: ports.map((port) => ({ address: `127.0.0.1:${port}` })), ...more } };
}

async function serve(t: TestContext, script: Parameters<typeof startRaw>[0]): Promise<RawServer> {
  const server = await startRaw(script);
  t.after(() => server.close());
  return server;
}

/** Speaks first, then echoes. */
function greet(socket: Socket, text: string): void {
  socket.write(text);
  socket.pipe(socket);
}

/** Says at the end how many bytes it got, after a while. */
function countingEcho(socket: Socket): void {
  let count = 0;
  socket.on("data", (chunk) => {
    count += chunk.length;
    socket.write(chunk);
  });
  socket.on("end", () => socket.end(`[${count}]`));
}

for (const runtime of threeRuntimes) {
  test(`redis-cli speaks with redis-server in clear, over weir's TLS and over its own on ${runtime.name}`, {
    skip: withoutRedis,
  }, async (t) => {
    const { authority, redis, shown } = await startSecureRedis(t);
    const ca = join(authority.folder, "ca.crt");
    const byName = (name: string, tls: unknown) => ({ entryPoints: ["raw"], rule: `HostSNI(\`${name}\`)`, tls });
    const configuration: DynamicFile = {
      ...file({
        routers: {
          plain: { entryPoints: ["clear"], rule: "HostSNI(`*`)", service: "clear" },
          named: { ...byName("redis.test", {}), service: "clear" },
          through: { ...byName("through.test", { passthrough: true }), service: "secure" },
        },
        services: { clear: balance([redis.port]), secure: balance([redis.tlsPort]) },
      }),
      tls: { certificates: [{ certFile: shown.cert, keyFile: shown.key }] },
    };
    const flags = [...rawFlag, "--entrypoints.clear.address=127.0.0.1:0"];
    await withProxy(runtime, configuration, flags, async ({ weir }) => {
      const raw = weir.port("raw");
      await checkRedis({ port: weir.port("clear") });
      await checkRedis({ port: raw, sni: "redis.test", ca });
      await checkRedis({ port: raw, sni: "through.test", ca });
      await assert.rejects(redisCli({ port: raw, sni: "other.test", ca }, "PING"), /unrecognized name/);
    });
  });

  test(`either side may end first and still get everything on ${runtime.name}`, async (t) => {
    const late = await serve(t, countingEcho);
    const early = await serve(t, (socket) => {
      let got = "";
      socket.end("goodbye");
      socket.on("data", (chunk) => got += String(chunk));
      socket.on("end", () => told(got));
    });
    let told: (text: string) => void = () => undefined;
    await withProxy(runtime, plain([late.port]), rawFlag, async ({ weir, apply }) => {
      const client = new RawClient(weir.port("raw"));
      const payload = "x".repeat(1_000_000);
      client.socket.end(payload);
      await client.until(({ ended }) => ended);
      assert.equal(client.text.length, payload.length + "[1000000]".length);
      assert.equal(client.text.slice(-9), "[1000000]");
      await apply(file({
        routers: { plain: { entryPoints: ["raw"], rule: "HostSNI(`*`)", service: "app" } },
        services: { app: balance([early.port], { serversTransport: "patient" }) },
        serversTransports: { patient: { terminationDelay: "-1s" } },
      }));
      const heard = new Promise<string>((resolve) => told = resolve);
      const second = new RawClient(weir.port("raw"));
      await second.until(({ ended }) => ended);
      second.socket.end("and more");
      assert.deepEqual([second.text, await heard], ["goodbye", "and more"]);
    });
  });

  test(`a reset on one side is a reset on the other on ${runtime.name}`, async (t) => {
    const server = await serve(t, (socket) => socket.once("data", () => socket.resetAndDestroy()));
    await withProxy(runtime, plain([server.port]), rawFlag, async ({ weir }) => {
      const client = new RawClient(weir.port("raw"));
      client.socket.write("x");
      await client.until(({ over }) => over !== undefined);
      assert.equal(client.over, "ECONNRESET");
    });
  });

  test(`connections go by weight, past a dead server, and stay where they are over a reload on ${runtime.name}`, async (t) => {
    const named = (name: string) => serve(t, (socket) => greet(socket, name));
    const [a, b] = await Promise.all([named("a"), named("b")]);
    const configuration = file({
      routers: { plain: { entryPoints: ["raw"], rule: "HostSNI(`*`)", service: "split" } },
      services: {
        split: { weighted: { services: [{ name: "a", weight: 2 }, { name: "b", weight: 1 }] } },
        a: balance([1, a.port]),
        b: balance([b.port]),
      },
    });
    await withProxy(runtime, configuration, rawFlag, async ({ weir, apply }) => {
      const clients: RawClient[] = [];
      for (let turn = 0; turn < 6; turn++) {
        const client = new RawClient(weir.port("raw"));
        clients.push(await client.until(({ text }) => text !== ""));
      }
      assert.equal(clients.map(({ text }) => text).sort().join(""), "aaaabb");
      await apply(plain([b.port]));
      const [first] = clients;
      first?.socket.write("still here");
      await first?.until(({ text }) => text.endsWith("still here"));
      const next = await new RawClient(weir.port("raw")).until(({ text }) => text !== "");
      assert.equal(next.text, "b");
      for (const client of [...clients, next]) client.socket.destroy();
    });
  });

  test(`PROXY protocol comes in from trusted peers, goes out, and decides who may connect on ${runtime.name}`, async (t) => {
    const server = await serve(t, (socket) => socket.pipe(socket));
    const configuration = file({
      routers: {
        near: { entryPoints: ["raw"], rule: "HostSNI(`*`)", service: "app", middlewares: ["near"] },
      },
      services: { app: balance([server.port], { serversTransport: "telling" }) },
      serversTransports: { telling: { proxyProtocol: { version: 1 } } },
      middlewares: { near: { ipAllowList: { sourceRange: ["198.51.100.0/24"] } } },
    });
    const flags = [...rawFlag, "--entrypoints.raw.proxyprotocol.trustedips=127.0.0.1"];
    await withProxy(runtime, configuration, flags, async ({ weir }) => {
      const client = new RawClient(weir.port("raw"));
      client.socket.write("PROXY TCP4 198.51.100.7 203.0.113.5 4711 443\r\nhello");
      await client.until(({ text }) => text.endsWith("hello"));
      assert.equal(client.text, "PROXY TCP4 198.51.100.7 203.0.113.5 4711 443\r\nhello");
      client.socket.destroy();
      const stranger = new RawClient(weir.port("raw"));
      stranger.socket.write("PROXY TCP4 192.0.2.7 203.0.113.5 4711 443\r\nhello");
      await stranger.until(({ ended, over }) => ended || over !== undefined);
      assert.equal(stranger.text, "");
      stranger.socket.destroy();
    });
  });

  test(`a server that speaks first, TLS passed through and HTTP share a port on ${runtime.name}`, async (t) => {
    const greeting = await serve(t, (socket) => greet(socket, "5.7.0-MySQL\n"));
    const secure = await startTlsServer(t);
    const configuration = file({
      routers: {
        mysql: { entryPoints: ["raw"], rule: "HostSNI(`*`) && ClientIP(`127.0.0.1`)", service: "mysql" },
        db: { entryPoints: ["raw", "web"], rule: "HostSNI(`db.test`)", service: "db", tls: { passthrough: true } },
      },
      services: { mysql: balance([greeting.port]), db: balance([secure.port]) },
    });
    await withProxy(runtime, configuration, rawFlag, async ({ weir, port }) => {
      const silent = await new RawClient(weir.port("raw")).until(({ text }) => text !== "");
      assert.equal(silent.text, "5.7.0-MySQL\n");
      silent.socket.destroy();
      for (const entry of [weir.port("raw"), port]) {
        assert.match(await askByTls(entry, "db.test"), /CN ?= ?db\.test/);
      }
      const http = new RawClient(port);
      http.socket.end("GET / HTTP/1.0\r\nHost: a.test\r\n\r\n");
      await http.until(({ ended }) => ended);
      assert.match(http.text, /^HTTP\/1\.1 418 /);
    });
  });

  test(`servers are spoken to in TLS when they say so, and only if they are who they should be on ${runtime.name}`, async (t) => {
    const secure = await startTlsServer(t);
    const configuration = (serverName: string, rootCAs: readonly string[]): DynamicFile =>
      file({
        routers: { plain: { entryPoints: ["raw"], rule: "HostSNI(`*`)", service: "app" } },
        services: {
          app: {
            loadBalancer: {
              servers: [{ address: `127.0.0.1:${secure.port}`, tls: true }],
              serversTransport: "trusting",
            },
          },
        },
        serversTransports: { trusting: { tls: { serverName, rootCAs } } },
      });
    await withProxy(runtime, configuration("db.test", [secure.ca]), rawFlag, async ({ weir, apply }) => {
      const client = new RawClient(weir.port("raw"));
      client.socket.write("hello\n");
      await client.until(({ text }) => text === "olleh\n");
      client.socket.destroy();
      await apply(configuration("other.test", [secure.ca]));
      const refused = await new RawClient(weir.port("raw")).until(({ ended, over }) => ended || over !== undefined);
      refused.socket.destroy();
      await weir.waitFor(/no server takes the TCP connection/);
    });
  });

  test(`TCP connections live until the grace time is over on ${runtime.name}`, async (t) => {
    const server = await serve(t, (socket) => socket.pipe(socket));
    const flags = [...rawFlag, "--entrypoints.raw.transport.lifecycle.gracetimeout=1s"];
    await withProxy(runtime, plain([server.port]), flags, async ({ weir }) => {
      const client = new RawClient(weir.port("raw"));
      client.socket.write("before");
      await client.until(({ text }) => text === "before");
      weir.signal("SIGTERM");
      await refusing(weir.port("raw"));
      client.socket.write(" during");
      await client.until(({ text }) => text === "before during");
      await client.until(({ over }) => over !== undefined);
      assert.equal(await weir.exited(), 0);
    });
  });
}

/** redis-server, which shows a certificate for through.test, and one for redis.test of the same authority. */
async function startSecureRedis(
  t: TestContext,
): Promise<{ readonly authority: Authority; readonly redis: Redis; readonly shown: KeyPairText }> {
  const authority = await createAuthority();
  t.after(() => authority.remove());
  const [shown, own] = [
    await authority.issue({ subject: "redis.test", names: "DNS:redis.test" }),
    await authority.issue({ subject: "through.test", names: "DNS:through.test" }),
  ];
  const redis = await startRedis(own);
  t.after(() => redis.stop());
  return { authority, redis, shown };
}

/** Short and long answers. */
async function checkRedis(target: RedisTarget): Promise<void> {
  const length = 4 * 1024 * 1024 + 3;
  assert.equal(await redisCli(target, "PING"), "PONG");
  assert.equal(await redisCli(target, "SET", "k", JSON.stringify(target)), "OK");
  assert.equal(await redisCli(target, "GET", "k"), JSON.stringify(target));
  assert.equal(await redisCli(target, "SETRANGE", "large", String(length - 3), "end"), String(length));
  assert.equal((await redisCli(target, "--raw", "GET", "large")).length, length);
}

/** Resolves when nobody listens there any more. */
async function refusing(port: number): Promise<void> {
  for (;;) {
    const client = new RawClient(port);
    const outcome = await new Promise<string>((resolve) => {
      client.socket.once("connect", () => resolve("open"));
      client.socket.once("error", () => resolve("refused"));
    });
    client.socket.destroy();
    if (outcome === "refused") return;
  }
}

/** OpenSSL as a server for db.test, which sends lines back the other way round. */
async function startTlsServer(t: TestContext): Promise<{ readonly port: number; readonly ca: string }> {
  const authority = await createAuthority();
  const { cert, key } = await authority.issue({ subject: "db.test", names: "DNS:db.test" });
  await authority.remove();
  const folder = await mkdtemp(join(tmpdir(), "weir-tls-"));
  await writeFile(join(folder, "cert.pem"), cert);
  await writeFile(join(folder, "key.pem"), key);
  const files = ["-cert", join(folder, "cert.pem"), "-key", join(folder, "key.pem")];
  const server = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", ...files, "-rev"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  t.after(async () => {
    server.kill();
    await once(server, "exit");
    await rm(folder, { recursive: true, force: true });
  });
  let text = "";
  for await (const chunk of server.stdout) {
    text += String(chunk);
    const port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    if (port !== undefined) return { port: Number(port), ca: authority.ca };
  }
  throw new Error(`openssl s_server told no port: ${text}`);
}

/** What OpenSSL as a client sees. */
async function askByTls(port: number, name: string): Promise<string> {
  const client = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", name], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  let text = "";
  client.stdout.on("data", (chunk) => text += String(chunk));
  client.stdin.end("hello\n");
  await once(client, "close");
  return text;
}
