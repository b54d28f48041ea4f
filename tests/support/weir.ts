// Starts weir as a real process for a test, and stops it with the test.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { projectRoot, type RuntimeCommand } from "./runtimes.ts";

const READY = /^weir ready(?:: (.*))?$/m;
const START_MS = 30_000;
const STOP_MS = 15_000;

/** A running weir. */
export interface Weir {
  readonly pid: number;
  /** Entry point → port it listens on. */
  readonly ports: ReadonlyMap<string, number>;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** Resolves when the output matches. @throws {Error} after `timeoutMs` */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  /** Resolves when the condition holds; looked at whenever something is written. @throws {Error} after `timeoutMs` */
  waitUntil(holds: (output: string) => boolean, timeoutMs?: number): Promise<void>;
  /** Port of an entry point. @throws {Error} when there is none of that name */
  port(entryPoint: string): number;
  signal(name: NodeJS.Signals): void;
  /** Waits for the exit without asking for it. @returns the exit code; null when a signal ended it */
  exited(): Promise<number | null>;
  /** SIGTERM, then waits for the exit. @returns the exit code */
  stop(): Promise<number | null>;
}

/** Starts weir with arguments and waits until it is ready. */
export async function startWeir(
  runtime: RuntimeCommand,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Weir> {
  const child = spawn(runtime.command, [...runtime.args, ...args], {
    cwd: projectRoot,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  const weir = new WeirProcess(child, runtime.name);
  try {
    await weir.ready();
    return weir;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

class WeirProcess implements Weir {
  readonly pid: number;
  ports: ReadonlyMap<string, number> = new Map();
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #name: string;
  readonly #exit: Promise<number | null>;
  #output = "";
  readonly #listeners = new Set<() => void>();

  constructor(child: ChildProcessByStdio<null, Readable, Readable>, name: string) {
    this.#child = child;
    this.#name = name;
    this.pid = child.pid ?? 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        this.#output += text;
        for (const listener of this.#listeners) listener();
      });
    }
    this.#exit = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  }

  async ready(): Promise<void> {
    const match = await this.waitFor(READY, START_MS);
    const pairs = (match[1] ?? "").split(/[ ,]+/).filter((pair) => pair.includes("="));
    this.ports = new Map(pairs.map((pair) => {
      const [name = "", address = ""] = pair.split("=");
      return [name, Number.parseInt(address.slice(address.lastIndexOf(":") + 1), 10)]; // `53/udp`
    }));
  }

  output(): string {
    return this.#output;
  }

  async waitFor(pattern: RegExp, timeoutMs = START_MS): Promise<RegExpMatchArray> {
    await this.#until(() => this.#output.search(pattern) !== -1, String(pattern), timeoutMs);
    const match = this.#output.match(pattern);
    if (match === null) throw new Error(`${this.#name}: ${String(pattern)} must not have the flag g`);
    return match;
  }

  waitUntil(holds: (output: string) => boolean, timeoutMs = START_MS): Promise<void> {
    return this.#until(() => holds(this.#output), String(holds), timeoutMs);
  }

  #until(holds: () => boolean, what: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (): void => {
        if (holds()) finish();
      };
      const fail = (why: string): void => finish(new Error(`${this.#name}: ${why}\n${this.#output}`));
      const timer = setTimeout(() => fail(`no output matched ${what}`), timeoutMs);
      this.#listeners.add(look);
      void this.#exit.then((code) => fail(`exited with ${String(code)} before ${what}`));
      look();
    });
  }

  port(entryPoint: string): number {
    const port = this.ports.get(entryPoint);
    if (port === undefined) throw new Error(`${this.#name} has no entry point ${entryPoint}\n${this.#output}`);
    return port;
  }

  signal(name: NodeJS.Signals): void {
    this.#send(name);
  }

  exited(): Promise<number | null> {
    return this.#exit;
  }

  async stop(): Promise<number | null> {
    this.#send("SIGTERM");
    const timer = setTimeout(() => this.#send("SIGKILL"), STOP_MS);
    const code = await this.#exit;
    clearTimeout(timer);
    return code;
  }

  /** Not `child.kill`, which on Deno sends one signal only and then tells no exit code. */
  #send(name: NodeJS.Signals): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    process.kill(this.pid, name);
  }
}

/** A folder of its own for one test. */
export async function temporaryFolder(): Promise<
  { path: string; write(name: string, text: string): Promise<string>; remove(): Promise<void> }
> {
  const path = await mkdtemp(join(tmpdir(), "weir-test-"));
  return {
    path,
    async write(name, text) {
      const file = join(path, name);
      await writeFile(file, text);
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
