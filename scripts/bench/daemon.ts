// Servers that run during a benchmark: started on a free port, waited for, and stopped by their process id.

import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, createServer } from "node:net";
import { request } from "node:http";
import { request as requestSecure } from "node:https";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { testEnvironment } from "../lib/debian.mjs";
import type { Launch } from "./contenders.ts";

/** A running server. */
export interface Daemon {
  readonly title: string;
  readonly pid: number;
  readonly port: number;
  /** @throws {Error} with what it printed, when it has ended by itself */
  check(): void;
  stop(): Promise<void>;
}

const READY_MS = 20_000;
const POLL_MS = 25;
const STOP_MS = 3000; // after it the process is killed
const KEPT_OUTPUT = 4000; // characters of a server's output shown when it fails

/** Every child still running, so that none outlives the benchmark, however it ends. */
const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** @returns a port that was free a moment ago */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** What a server must answer before it counts as ready. */
export interface Probe {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly isTls?: boolean;
}

/**
 * Starts a server and waits until it answers the probe with 200: an open port alone may have no routes yet.
 * @throws {Error} with the server's output when it ends or is not ready in time
 */
export async function startDaemon(title: string, launch: Launch, probe: Probe): Promise<Daemon> {
  // The soft limit of open files is 1,024 on many systems, too few for the idle connections.
  const script = 'ulimit -n "$(ulimit -H -n)" 2>/dev/null; exec "$@"';
  const child = spawn("/bin/sh", ["-c", script, "sh", launch.command, ...launch.args], {
    env: { ...testEnvironment(), ...launch.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Uint8Array) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  children.add(child);
  const daemon: Daemon = {
    title,
    pid: child.pid ?? 0,
    port: probe.port,
    check: () => {
      if (hasEnded(child)) {
        throw new Error(`${title} ended by itself (${child.exitCode ?? child.signalCode}):\n${output}`);
      }
    },
    stop: () => stopChild(child),
  };
  await waitUntilReady(daemon, probe, () => output);
  return daemon;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function waitUntilReady(daemon: Daemon, probe: Probe, output: () => string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  let answer = "nothing";
  while (performance.now() < deadline) {
    daemon.check();
    answer = await ask(probe);
    if (answer === "200") return;
    await pause(POLL_MS);
  }
  await daemon.stop();
  throw new Error(`${daemon.title} is not ready after ${READY_MS / 1000} s; it answers ${answer}:\n${output()}`);
}

/** @returns the status, or the error's code */
function ask(probe: Probe): Promise<string> {
  return new Promise((resolve) => {
    const { port, path, isTls = false } = probe;
    const asking = (isTls ? requestSecure : request)({
      host: "127.0.0.1",
      port,
      path,
      headers: { Host: probe.host },
      agent: false,
      ...(isTls && { servername: probe.host, rejectUnauthorized: false }),
      timeout: 2000,
    });
    asking.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(String(response.statusCode)));
      response.on("error", () => resolve("a broken body"));
    });
    asking.on("timeout", () => asking.destroy());
    asking.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asking.end();
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  }
  children.delete(child);
}
