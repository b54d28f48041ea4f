// Runs a program to its end: its output bounded, its time limited.

import { spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { ProxyError } from "../../src/net/error.ts";
import type { ProgramOptions, ProgramResult } from "../../src/net/runtime.ts";

const OUTPUT_LIMIT = 1024 * 1024; // characters kept of each stream; the rest is read and dropped
const KILL_AFTER_MS = 2000; // between asking a program to end and ending it

/** See `Runtime.run`. */
export function run(options: ProgramOptions): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what it starts itself ends with it.
    const child = spawn(options.command, [...options.args], {
      env: { ...process.env, ...options.env },
      detached: true,
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let timedOut = false;
    let killer: ReturnType<typeof setTimeout> | undefined;
    const finish = (code: number | undefined) => {
      clearTimeout(timer);
      clearTimeout(killer);
      resolve({ code, timedOut, stdout: stdout(), stderr: stderr() });
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end(child.pid, "SIGTERM");
      killer = setTimeout(() => end(child.pid, "SIGKILL"), KILL_AFTER_MS);
      // Somebody who left the group may keep the pipes open: what came so far is all there will be.
      child.once("exit", () => {
        closeAll(child.stdout, child.stderr);
        finish(undefined);
      });
    }, options.timeoutMs);
    child.once("error", (cause) => {
      clearTimeout(timer);
      reject(startError(options.command, cause));
    });
    child.once("close", (code) => finish(timedOut ? undefined : code ?? undefined));
    child.stdin.on("error", () => {}); // a program that does not read its input is none of our business
    child.stdin.end(options.stdin ?? "");
  });
}

/** Ends a group of processes. */
function end(group: number | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    if (group !== undefined) process.kill(-group, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function collect(stream: Readable): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    if (text.length < OUTPUT_LIMIT) text += chunk.slice(0, OUTPUT_LIMIT - text.length);
  });
  return () => text;
}

function closeAll(...streams: readonly Readable[]): void {
  for (const stream of streams) stream.destroy();
}

function startError(command: string, cause: Error): ProxyError {
  const reason = "code" in cause && cause.code === "ENOENT" ? "there is no such program" : cause.message;
  return new ProxyError(`run ${JSON.stringify(command)}: ${reason}`, {
    code: "run-failed",
    source: "internal",
    status: 500,
    cause,
  });
}
