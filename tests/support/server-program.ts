// A server of somebody else's, run for a test on a port that was free, and stopped by its process id.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { testEnvironment } from "../../scripts/lib/debian.mjs";
import { startRaw } from "./raw-tcp.ts";

/** How to start it. */
export interface ServerProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** What it says, on either stream, when it can be asked. */
  readonly ready: RegExp;
  /** Who it runs as. Default: whoever runs the test. */
  readonly user?: number | undefined;
  /** What ends it soonest. Default: SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

/** A running server. */
export interface ServerProgram {
  /** Resolves when it has ended. */
  stop(): Promise<void>;
}

const READY_MS = 15_000;
const TRIES = 5;

/** Those still running: none outlives the test, however it ends. */
const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Starts it, and waits until it is ready. @throws {Error} with what it said, when it ends or takes too long */
export async function startServerProgram(options: ServerProgramOptions): Promise<ServerProgram> {
  const { command, args, user, stopSignal = "SIGTERM" } = options;
  const child = spawn(command, args, {
    env: testEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    ...(user !== undefined && { uid: user, gid: user }),
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(stopSignal);
    await once(child, "exit");
  };
  try {
    await readiness(child, options);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts something on ports that were free a moment ago, and on others when somebody was faster. */
export async function onFreePorts<T>(count: number, start: (ports: readonly number[]) => Promise<T>): Promise<T> {
  for (let turn = 1;; turn++) {
    const held = await Promise.all(Array.from({ length: count }, () => startRaw(() => undefined)));
    const ports = held.map(({ port }) => port);
    await Promise.all(held.map((server) => server.close()));
    try {
      return await start(ports);
    } catch (error) {
      if (turn === TRIES || !/in use/i.test(String(error))) throw error;
    }
  }
}

function readiness(child: ChildProcess, { command, ready }: ServerProgramOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`${command} ${why}:\n${text}`));
    };
    const timer = setTimeout(() => fail("was not ready in time"), READY_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        text += String(chunk);
        if (!ready.test(text)) return;
        clearTimeout(timer);
        text = "";
        resolve();
      });
    }
    child.once("error", ({ message }) => fail(`does not start: ${message}`));
    child.once("close", (code) => fail(`ended with exit code ${String(code)}`));
  });
}
