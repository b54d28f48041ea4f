// Runs the real kubectl against a server, with a discovery cache of its own.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";

/** How a command ended. */
export interface KubectlResult {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that goes on: `logs -f`, `get -w`. */
export interface KubectlStream {
  /** Resolves when the output so far satisfies a test. Rejects when the command ends before. */
  until(test: (stdout: string) => boolean): Promise<string>;
  /** Interrupts the command and waits for its end. */
  stop(): Promise<void>;
}

/** kubectl for one server. */
export interface Kubectl {
  /** Runs a command to its end. @param stdin a manifest for `-f -` */
  run(args: readonly string[], stdin?: string): Promise<KubectlResult>;
  /** Runs a command that must succeed. @returns what it printed */
  ok(args: readonly string[], stdin?: string): Promise<string>;
  /** Starts a command that goes on until it is stopped. */
  follow(args: readonly string[]): KubectlStream;
  /** Removes the cache. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 20_000;

/** The binary: `KUBECTL`, or the first on PATH; undefined where there is none. */
export const kubectlBinary: string | undefined = findBinary();

/** For a test's `skip`: false, or why it can't run. */
export const skipWithoutKubectl: string | false = kubectlBinary === undefined
  ? "kubectl is not installed (Debian: kubernetes-client)"
  : false;

function findBinary(): string | undefined {
  const named = process.env["KUBECTL"];
  if (named !== undefined && named !== "") return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "kubectl")).find((path) => existsSync(path));
}

/** How kubectl is run. */
export interface KubectlOptions {
  /** Default: the one of {@link kubectlBinary}. */
  readonly binary?: string | undefined;
  /** Where it runs: names of files in its messages are relative to it. Default: as the test. */
  readonly folder?: string;
  /** Added to the environment: `KUBE_EDITOR`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** @param url of the API server */
export async function createKubectl(url: string, options: KubectlOptions = {}): Promise<Kubectl> {
  const { binary = kubectlBinary ?? "kubectl", folder, env } = options;
  const home = await mkdtemp(join(tmpdir(), "weir-kubectl-"));
  const config = join(home, "config");
  await writeFile(config, ""); // old versions warn of one that is missing
  const common = ["--server", url, "--cache-dir", join(home, "cache")];
  const start = (args: readonly string[]) =>
    spawn(binary, [...common, ...args], {
      env: { ...process.env, HOME: home, KUBECONFIG: config, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      ...(folder !== undefined && { cwd: folder }),
    });
  const run = (args: readonly string[], stdin = "") =>
    new Promise<KubectlResult>((resolve, reject) => {
      const child = start(args);
      const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
      const output = { stdout: "", stderr: "" };
      child.stdout.on("data", (chunk) => output.stdout += String(chunk));
      child.stderr.on("data", (chunk) => output.stderr += String(chunk));
      child.on("error", reject);
      child.on("close", (exit) => {
        clearTimeout(timer);
        resolve({ exit, ...output });
      });
      child.stdin.end(stdin);
    });
  return {
    run,
    ok: async (args, stdin) => {
      const { exit, stdout, stderr } = await run(args, stdin);
      if (exit !== 0) throw new Error(`kubectl ${args.join(" ")} exited with ${exit}: ${stderr}`);
      return stdout;
    },
    follow: (args) => followChild(start(args), args),
    close: () => rm(home, { recursive: true, force: true }),
  };
}

function followChild(child: ReturnType<typeof spawn>, args: readonly string[]): KubectlStream {
  let stdout = "";
  let ended = false;
  const listeners = new Set<() => void>();
  const tell = () => [...listeners].forEach((listener) => listener());
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  child.stdin?.end();
  child.stdout?.on("data", (chunk) => {
    stdout += String(chunk);
    tell();
  });
  closed.then(() => {
    ended = true;
    tell();
  });
  return {
    until: (test) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => finish(`printed only ${JSON.stringify(stdout)}`), TIMEOUT_MS);
        const finish = (failure?: string) => {
          clearTimeout(timer);
          listeners.delete(look);
          if (failure === undefined) resolve(stdout);
          else reject(new Error(`kubectl ${args.join(" ")} ${failure}`));
        };
        const look = () => {
          if (test(stdout)) finish();
          else if (ended) finish(`ended after ${JSON.stringify(stdout)}`);
        };
        listeners.add(look);
        look();
      }),
    stop: async () => {
      child.kill("SIGINT");
      await closed;
    },
  };
}
