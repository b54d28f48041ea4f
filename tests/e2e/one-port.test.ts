// One port for everything: Redis, PostgreSQL, HTTP, HTTPS and passthrough on one entry point, each by its own client.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect as connectSecurely } from "node:tls";
import { promisify } from "node:util";
import { hasProgram, testEnvironment } from "../../scripts/lib/debian.mjs";
import { eventually } from "../support/ask.ts";
import { type Authority, createAuthority, type KeyPairText } from "../support/private-authority.ts";
import { type Postgres, psql, type PsqlTarget, startPostgres, withoutPostgres } from "../support/postgres.ts";
import { withProxy } from "../support/proxy-process.ts";
import { type Redis, redisCli, startRedis, withoutRedis } from "../support/redis.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { type SecureBackend, type SeenByBackend, startBackend } from "../support/secure-backend.ts";

const run = promisify(execFile);
const withoutCurl = hasProgram("curl") ? false : "curl is not installed";

/** All clients at the same time, this often: who comes first is another one each time. */
const ROUNDS = 3;

/** In clear there is no server name. The rule for Redis is for clients from its address; HTTP's come from the other. */
const ADDRESS = { redis: "127.0.0.1", http: "127.0.0.2" };

/** The servers behind weir, which all tests share. */
interface Servers {
  readonly redis: Redis;
  readonly postgres: Postgres;
  /** Plain HTTP/1.1. */
  readonly http: SecureBackend;
  /** HTTP/1.1 and HTTP/2 over TLS of its own. */
  readonly https: SecureBackend;
}

/** Who signed what: weir's certificate and those of the servers have different authorities. */
interface Trust {
  readonly weir: Authority;
  readonly servers: Authority;
  readonly shown: KeyPairText;
}

let servers: Servers;
let trust: Trust;

const skip = withoutRedis || withoutPostgres || withoutCurl;

before(async () => {
  if (skip !== false) return;
  const [weir, own] = await Promise.all([createAuthority("weir"), createAuthority("servers")]);
  const shown = await weir.issue({ subject: "weir", names: "DNS:redis.test,DNS:pg.test,DNS:web.test" });
  const names = "DNS:redis-through.test,DNS:pg-through.test,DNS:web-through.test";
  const identity = await own.issue({ subject: "servers", names });
  trust = { weir, servers: own, shown };
  servers = {
    redis: await startRedis(identity),
    postgres: await startPostgres(identity),
    http: await startBackend({ name: "http" }),
    https: await startBackend({ name: "https", identity, speaks: "both" }),
  };
});

after(async () => {
  if (skip !== false) return;
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  await Promise.all([trust.weir.remove(), trust.servers.remove()]);
});

for (const runtime of threeRuntimes) {
  test(
    `Redis, PostgreSQL, HTTP, HTTPS and passthrough are all answered on one port on ${runtime.name}`,
    { skip },
    () =>
      withProxy(runtime, { dynamic: () => JSON.stringify(dynamic()) }, async ({ weir }) => {
        const clients = createClients(weir.port("web"));
        for (let round = 0; round < ROUNDS; round++) {
          const answers = clients.map(async ([title, ask, wanted]) => assert.deepEqual(await ask(), wanted, title));
          await Promise.all(answers);
        }
        await checkLateClient(weir.port("web"), "web-through.test", trust.servers);
        await checkLateClient(weir.port("web"), "web.test", trust.weir);
      }),
  );
}

/** A client that is taken for one that waits for its server to speak first, given to Redis, and begins TLS after all. */
async function checkLateClient(port: number, servername: string, authority: Authority): Promise<void> {
  await redisHas(0);
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  await redisHas(1);
  const ca = await readFile(join(authority.folder, "ca.crt"), "utf8");
  const secure = connectSecurely({ socket, servername, ca });
  await once(secure, "secureConnect");
  assert.equal(secure.authorized, true);
  await redisHas(0);
  secure.destroy();
}

/** Waits until that many clients are connected to Redis, beside the one that asks. */
async function redisHas(count: number): Promise<void> {
  const look = async () => /connected_clients:(\d+)/.exec(await redisCli(servers.redis, "INFO", "clients"))?.[1];
  assert.equal(await eventually(look, (seen) => seen === String(count + 1)), String(count + 1));
}

/** Every router is on the entry point `web`. */
function dynamic(): unknown {
  const { redis, postgres, http, https } = servers;
  const tcp = (rule: string, service: string, tls?: unknown) => ({
    entryPoints: ["web"],
    rule,
    service,
    ...(tls !== undefined && { tls }),
  });
  const through = { passthrough: true };
  const addresses = { redis: redis.port, redisTls: redis.tlsPort, postgres: postgres.port, https: https.port };
  return {
    http: {
      routers: {
        plain: { entryPoints: ["web"], rule: "Host(`web.test`)", service: "http" },
        secure: { entryPoints: ["web"], rule: "Host(`web.test`)", service: "http", tls: {} },
      },
      services: { http: { loadBalancer: { servers: [{ url: `http://127.0.0.1:${http.port}` }] } } },
    },
    tcp: {
      routers: {
        redis: tcp(`HostSNI(\`*\`) && ClientIP(\`${ADDRESS.redis}\`)`, "redis"),
        redisNamed: tcp("HostSNI(`redis.test`)", "redis", {}),
        redisThrough: tcp("HostSNI(`redis-through.test`)", "redisTls", through),
        postgresNamed: tcp("HostSNI(`pg.test`)", "postgres", {}),
        postgresThrough: tcp("HostSNI(`pg-through.test`)", "postgres", through),
        httpsThrough: tcp("HostSNI(`web-through.test`)", "https", through),
      },
      services: Object.fromEntries(
        Object.entries(addresses).map(([name, port]) => [
          name,
          { loadBalancer: { servers: [{ address: `127.0.0.1:${port}` }] } },
        ]),
      ),
    },
    tls: {
      certificates: [{ certFile: trust.shown.cert, keyFile: trust.shown.key }],
    },
  };
}

type Client = readonly [title: string, ask: () => Promise<unknown>, wanted: unknown];

/** Real clients, each of which trusts one of the two authorities only. */
function createClients(port: number): readonly Client[] {
  const weirs = join(trust.weir.folder, "ca.crt");
  const theirs = join(trust.servers.folder, "ca.crt");
  const pg = (host: string, sslrootcert: string, more: Partial<PsqlTarget> = {}) => async () => {
    const query = "select ssl, 6 * 7 from pg_stat_ssl where pid = pg_backend_pid()";
    const { stdout, stderr } = await psql({ port, host, sslmode: "verify-full", sslrootcert, ...more }, [query]);
    return stdout + stderr;
  };
  return [
    ["redis-cli in clear", () => redisCli({ port }, "PING"), "PONG"],
    ["redis-cli over weir's TLS", () => redisCli({ port, sni: "redis.test", ca: weirs }, "ECHO", "named"), "named"],
    [
      "redis-cli over the server's TLS",
      () => redisCli({ port, sni: "redis-through.test", ca: theirs }, "ECHO", "through"),
      "through",
    ],
    ["psql over weir's TLS", pg("pg.test", weirs), "f|42\n"],
    ["psql over the server's TLS", pg("pg-through.test", theirs, { channel_binding: "require" }), "t|42\n"],
    ["curl in clear", () => curl(port, "http", "web.test", []), ["http", "1.1", "1.1"]],
    ["curl in clear with HTTP/2", () => curl(port, "http", "web.test", ["--http2-prior-knowledge"]), [
      "http",
      "1.1",
      "2",
    ]],
    ["curl by HTTPS", () => curl(port, "https", "web.test", ["--http1.1", "--cacert", weirs]), ["http", "1.1", "1.1"]],
    ["curl by HTTPS with HTTP/2", () => curl(port, "https", "web.test", ["--cacert", weirs]), ["http", "1.1", "2"]],
    ["curl passed through", () => curl(port, "https", "web-through.test", ["--cacert", theirs]), ["https", "2.0", "2"]],
    ["openssl passed through", () => subjectOf(port, "web-through.test", theirs), "CN = servers, verified: 0 (ok)"],
    ["openssl at weir", () => subjectOf(port, "web.test", weirs), "CN = weir, verified: 0 (ok)"],
  ];
}

/** @returns the backend's name, the version it was asked in, and the version curl spoke */
async function curl(port: number, scheme: string, host: string, args: readonly string[]): Promise<readonly string[]> {
  const where = ["--connect-to", `${host}:${port}:127.0.0.1:${port}`, "--interface", ADDRESS.http];
  const url = `${scheme}://${host}:${port}/`;
  const { stdout } = await run("curl", ["-sS", "-m", "10", "-w", "\n%{http_version}", ...where, ...args, url], {
    env: testEnvironment(),
  });
  const [body = "", version = ""] = stdout.split("\n");
  const seen: SeenByBackend = JSON.parse(body);
  return [seen.name, seen.version, version];
}

async function subjectOf(port: number, name: string, ca: string): Promise<string> {
  const args = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", name, "-verify_hostname", name];
  const asked = run("openssl", [...args, "-CAfile", ca], { env: testEnvironment(), timeout: 10_000 });
  asked.child.stdin?.end("Q\n");
  const { stdout } = await asked;
  const subject = /^subject=(.*)$/m.exec(stdout)?.[1];
  return `${subject}, verified: ${/Verify return code: (.*)$/m.exec(stdout)?.[1]}`;
}
