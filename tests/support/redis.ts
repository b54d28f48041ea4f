// A real Redis server, in clear and in TLS, and its own client.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hasProgram, testEnvironment } from "../../scripts/lib/debian.mjs";
import type { KeyPairText } from "./private-authority.ts";
import { onFreePorts, type ServerProgram, startServerProgram } from "./server-program.ts";

const run = promisify(execFile);

/** Why tests with Redis are skipped; false: they are not. */
export const withoutRedis: string | false = hasProgram("redis-server") && hasProgram("redis-cli")
  ? false
  : "redis is not installed";

/** A running server; both ports show the same data. */
export interface Redis {
  readonly port: number;
  /** Speaks TLS from the first byte. */
  readonly tlsPort: number;
  stop(): Promise<void>;
}

/** Starts one that stores nothing. @param identity what its TLS port shows */
export async function startRedis(identity: KeyPairText): Promise<Redis> {
  const folder = await mkdtemp(join(tmpdir(), "weir-redis-"));
  const [cert, key] = [join(folder, "redis.crt"), join(folder, "redis.key")];
  await writeFile(cert, identity.cert);
  await writeFile(key, identity.key);
  const common = ["--bind", "127.0.0.1", "--save", "", "--dir", folder];
  const tls = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no"];
  const start = async ([port = 0, tlsPort = 0]: readonly number[]): Promise<Redis> => {
    const server: ServerProgram = await startServerProgram({
      command: "redis-server",
      args: ["--port", String(port), "--tls-port", String(tlsPort), ...common, ...tls],
      ready: /Ready to accept connections/,
    });
    const stop = async (): Promise<void> => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
    return { port, tlsPort, stop };
  };
  return await onFreePorts(2, start);
}

/** Where redis-cli connects, and how. */
export interface RedisTarget {
  readonly port: number;
  /** In TLS, for that server name. */
  readonly sni?: string;
  /** File of the authority that it trusts. */
  readonly ca?: string;
}

/** Runs one command. @returns what it says. Rejects when there is no connection */
export async function redisCli(target: RedisTarget, ...command: readonly string[]): Promise<string> {
  const { port, sni, ca } = target;
  const tls = sni === undefined ? [] : ["--tls", "--sni", sni, ...(ca === undefined ? [] : ["--cacert", ca])];
  const { stdout } = await run("redis-cli", ["-h", "127.0.0.1", "-p", String(port), ...tls, ...command], {
    env: testEnvironment(),
    maxBuffer: 1 << 25,
    timeout: 15_000,
  });
  return stdout.trim();
}
