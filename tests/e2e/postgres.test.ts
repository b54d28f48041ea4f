// psql and a real PostgreSQL server through weir: TLS terminated, passed through, and none; each begun PostgreSQL's way.

import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { createAuthority, type KeyPairText } from "../support/private-authority.ts";
import {
  type Postgres,
  psql,
  type PsqlTarget,
  psqlVersion,
  startPostgres,
  withoutPostgres,
} from "../support/postgres.ts";
import { withProxy } from "../support/proxy-process.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";

/** What all tests of this file share. */
interface Scene {
  readonly postgres: Postgres;
  /** What weir shows for pg.test. */
  readonly shown: KeyPairText;
  /** Files of the authorities that signed weir's certificate and the server's. */
  readonly ca: { readonly weir: string; readonly server: string };
  remove(): Promise<void>;
}

/** A table of some MB, as `copy` writes it. */
const ROWS = 40_000;
const table = Array.from({ length: ROWS }, (_, at) => `${at}\t${`row ${at} `.padEnd(100, "·")}\n`).join("");

/** `f`: the server got plain PostgreSQL; `t`: it speaks TLS itself. */
const encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
const whoIsThere = "select pg_backend_pid()";

let scene: Scene;

before(async () => {
  if (withoutPostgres === false) scene = await createScene();
});

after(() => withoutPostgres === false ? scene.remove() : undefined);

for (const runtime of threeRuntimes) {
  test(`psql speaks with PostgreSQL over weir's TLS, the server's own and none on ${runtime.name}`, {
    skip: withoutPostgres,
  }, (t) =>
    withPostgres(runtime, async (raw, clear) => {
      const { ca } = scene;
      const named: PsqlTarget = { port: raw, host: "pg.test", sslmode: "verify-full", sslrootcert: ca.weir };
      const through: PsqlTarget = { ...named, host: "through.test", sslrootcert: ca.server };
      const plain: PsqlTarget = { port: clear, host: "pg.test", sslmode: "disable" };
      await checkSession(named, "f");
      await checkSession({ ...through, channel_binding: "require" }, "t");
      await checkSession(plain, "f");
      await checkSession({ ...through, port: clear, channel_binding: "require" }, "t");
      await checkDirect(raw);
      await checkCancel(plain);
      if (await psqlVersion() < 17) return t.diagnostic("psql is older than 17: no sslnegotiation=direct");
      await checkSession({ ...named, sslnegotiation: "direct" }, "f");
      await checkSession({ ...through, sslnegotiation: "direct" }, "t");
    }));

  test(`psql is refused where name, certificate or password do not hold on ${runtime.name}`, {
    skip: withoutPostgres,
  }, () =>
    withPostgres(runtime, async (raw) => {
      const { ca } = scene;
      const refused: [PsqlTarget, RegExp][] = [
        [{ port: raw, host: "other.test", sslmode: "require" }, /SSL error: .*unrecognized name/],
        [{ port: raw, host: "pg.test", sslmode: "verify-full", sslrootcert: ca.server }, /certificate verify failed/],
        [
          { port: raw, host: "through.test", sslmode: "verify-full", sslrootcert: ca.weir },
          /certificate verify failed/,
        ],
        [{ port: raw, host: "pg.test", sslmode: "require", channel_binding: "require" }, /channel binding/],
        [{ port: raw, host: "pg.test", sslmode: "disable" }, /expected authentication request|invalid response/],
      ];
      const ends = await Promise.all(refused.map(([target]) => psql(target, [whoIsThere])));
      for (const [at, [target, said]] of refused.entries()) {
        assert.match(ends[at]?.stderr ?? "", said, JSON.stringify(target));
        assert.equal(ends[at]?.stdout, "");
      }
      const good = await psql({ port: raw, host: "pg.test", sslmode: "require" }, ["select 1"]);
      assert.equal(good.stdout, "1\n");
    }));
}

async function createScene(): Promise<Scene> {
  const [ours, theirs] = await Promise.all([createAuthority("weir"), createAuthority("server")]);
  const shown = await ours.issue({ subject: "pg.test", names: "DNS:pg.test" });
  const identity = await theirs.issue({ subject: "through.test", names: "DNS:through.test" });
  const postgres = await startPostgres(identity);
  return {
    postgres,
    shown,
    ca: { weir: join(ours.folder, "ca.crt"), server: join(theirs.folder, "ca.crt") },
    remove: async () => {
      await postgres.stop();
      await Promise.all([ours.remove(), theirs.remove()]);
    },
  };
}

/** weir with routes by name on one entry point, and a route for everything on the other. */
function withPostgres(runtime: RuntimeCommand, use: (raw: number, clear: number) => Promise<void>): Promise<void> {
  const { postgres, shown } = scene;
  const router = (rule: string, entryPoint: string, tls?: unknown) => ({
    rule,
    entryPoints: [entryPoint],
    service: "postgres",
    ...(tls !== undefined && { tls }),
  });
  const dynamic = {
    tcp: {
      routers: {
        named: router("HostSNI(`pg.test`)", "raw", {}),
        through: router("HostSNI(`through.test`)", "raw", { passthrough: true }),
        plain: router("HostSNI(`*`)", "clear"),
      },
      services: { postgres: { loadBalancer: { servers: [{ address: `127.0.0.1:${postgres.port}` }] } } },
    },
    tls: {
      certificates: [{ certFile: shown.cert, keyFile: shown.key }],
    },
  };
  return withProxy(runtime, {
    dynamic: () => JSON.stringify(dynamic),
    flags: ["--entrypoints.raw.address=127.0.0.1:0", "--entrypoints.clear.address=127.0.0.1:0"],
  }, ({ weir }) => use(weir.port("raw"), weir.port("clear")));
}

/** Some MB in and out again, byte for byte, and the connection is still the same one. */
async function checkSession(target: PsqlTarget, isEncrypted: "t" | "f"): Promise<void> {
  const title = JSON.stringify(target);
  const { code, stdout, stderr } = await psql(target, [
    whoIsThere,
    encrypted,
    "create temporary table words (id int, word text)",
    "copy words from stdin",
    "select count(*), sum(length(word)) from words",
    "copy words to stdout",
    whoIsThere,
  ], { input: table });
  assert.deepEqual([code, stderr], [0, ""], title);
  const [first, second, third] = stdout.split("\n", 3);
  const [pid, ssl, sums] = [first ?? "", second ?? "", third ?? ""];
  assert.deepEqual([ssl, sums], [isEncrypted, `${ROWS}|${ROWS * 100}`], title);
  assert.equal(stdout === `${pid}\n${ssl}\n${sums}\n${table}${pid}\n`, true, `${title}: ${stdout.length} characters`);
}

/** TLS without asking for it first, as of version 17: the server's first word comes through. */
async function checkDirect(port: number): Promise<void> {
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: "pg.test",
    ALPNProtocols: ["postgresql"],
    rejectUnauthorized: false,
  });
  await once(socket, "secureConnect");
  assert.equal(socket.alpnProtocol, "postgresql");
  const words = "\0\x03\0\0user\0weir\0database\0postgres\0\0"; // StartupMessage of protocol 3.0
  socket.write(`\0\0\0${String.fromCharCode(words.length + 4)}${words}`, "latin1");
  const [answer] = await once(socket, "data");
  assert.match(String(answer), /^R.*SCRAM-SHA-256/s);
  socket.destroy();
}

/** Ctrl-C: psql opens a second connection, whose first bytes are a request to cancel what runs on the first. */
async function checkCancel(target: PsqlTarget): Promise<void> {
  const sleep = "do $$ begin raise notice 'asleep'; perform pg_sleep(60); end $$";
  const { code, stderr } = await psql(target, [sleep], { interruptAt: "asleep" });
  assert.match(stderr, /canceling statement due to user request/);
  assert.notEqual(code, 0);
}
