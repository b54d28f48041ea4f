// A real PostgreSQL server that speaks TLS when it is asked to, and psql.

import { execFile, spawn } from "node:child_process";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { hasProgram, testEnvironment } from "../../scripts/lib/debian.mjs";
import type { KeyPairText } from "./private-authority.ts";
import { onFreePorts, startServerProgram } from "./server-program.ts";

const run = promisify(execFile);

const PASSWORD = "correct horse";
/** The server refuses to run as root; this one is on every system. */
const NOBODY = 65_534;

/** Why tests with PostgreSQL are skipped; false: they are not. */
export const withoutPostgres: string | false = ["postgres", "initdb", "psql"].every(hasProgram)
  ? false
  : "postgresql is not installed";

/** A running server. */
export interface Postgres {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts one with a database of its own, whose user has to tell the password by SCRAM: in TLS, that ties the password
 * to the certificate the client has seen, so that nobody in between can have decrypted anything.
 * @param identity what it shows to clients that ask for TLS
 */
export async function startPostgres(identity: KeyPairText): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), "weir-postgres-"));
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  const put = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    await chmod(path, 0o600);
    if (user !== undefined) await chown(path, user, user);
    return path;
  };
  if (user !== undefined) await chown(folder, user, user);
  const [cert, key] = [await put("server.crt", identity.cert), await put("server.key", identity.key)];
  const data = join(folder, "data");
  const password = await put("password", PASSWORD);
  const fast = ["--no-sync", "--no-locale", "--no-instructions", "--encoding=UTF8"];
  await run("initdb", ["-D", data, "-U", "weir", `--pwfile=${password}`, "-A", "scram-sha-256", ...fast], {
    env: testEnvironment(),
    ...(user !== undefined && { uid: user, gid: user }),
  });
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    ssl: "on",
    ssl_cert_file: cert,
    ssl_key_file: key,
    fsync: "off",
    autovacuum: "off",
    shared_buffers: "16MB",
  };
  return await onFreePorts(1, async ([port = 0]) => {
    const all = Object.entries({ ...settings, port }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const server = await startServerProgram({
      command: "postgres",
      args: ["-D", data, ...all],
      ready: /ready to accept connections/,
      user,
      stopSignal: "SIGQUIT", // without a word to clients and without a checkpoint
    });
    const stop = async (): Promise<void> => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
    return { port, stop };
  });
}

/** Where psql connects, and how: the words of its connection string. */
export interface PsqlTarget {
  readonly port: number;
  /** The name it asks for, and looks for in the certificate; the address is 127.0.0.1. */
  readonly host: string;
  readonly sslmode: "disable" | "require" | "verify-full";
  /** File of the authority that it trusts. */
  readonly sslrootcert?: string;
  /** `require`: the password is tied to the certificate. */
  readonly channel_binding?: "require";
  /** Of psql 17 and newer. */
  readonly sslnegotiation?: "direct";
}

/** How psql ended. */
export interface PsqlResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What else psql is given. */
export interface PsqlOptions {
  /** For `copy … from stdin`. */
  readonly input?: string;
  /** Presses Ctrl-C when the server's notice contains this. */
  readonly interruptAt?: string;
}

/** Runs statements one after the other on one connection, and stops at the first that fails. */
export function psql(
  target: PsqlTarget,
  statements: readonly string[],
  options: PsqlOptions = {},
): Promise<PsqlResult> {
  const words = { ...target, hostaddr: "127.0.0.1", user: "weir", dbname: "postgres", connect_timeout: 10 };
  const string = Object.entries(words).map(([name, value]) => `${name}='${value}'`).join(" ");
  const commands = statements.flatMap((statement) => ["-c", statement]);
  const plain = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password", "-v", "ON_ERROR_STOP=1"];
  const child = spawn("psql", [...plain, string, ...commands], {
    env: { ...testEnvironment(), PGPASSWORD: PASSWORD, LC_ALL: "C" },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 20_000,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  child.stdout.on("data", (text: string) => output.stdout += text);
  child.stderr.on("data", (text: string) => {
    output.stderr += text;
    if (options.interruptAt !== undefined && text.includes(options.interruptAt)) child.kill("SIGINT");
  });
  child.stdin.on("error", () => undefined); // it may have ended before it read all
  child.stdin.end(options.input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...output }));
  });
}

/** Major version of psql. */
export async function psqlVersion(): Promise<number> {
  const { stdout } = await run("psql", ["--version"], { env: testEnvironment() });
  return Number(/(\d+)/.exec(stdout)?.[1]);
}
