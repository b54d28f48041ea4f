// The process: arguments, limits, signals and what nobody caught. The same node:process on all three runtimes.

import { Buffer } from "node:buffer";
import process from "node:process";
import { readFileSync } from "node:fs";
import { isatty } from "node:tty";
import type { Signal } from "../../src/net/runtime.ts";
import { Output } from "./output.ts";

/** @returns the soft limit of open files now (Bun and Deno raise it at start), undefined where /proc is missing */
export function readFileLimit(): number | undefined {
  try {
    const found = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    if (found === undefined) return undefined;
    return found === "unlimited" ? Infinity : Number(found);
  } catch {
    return undefined;
  }
}

/** @returns stop listening */
export function onSignal(signal: Signal, handler: () => void): () => void {
  process.on(signal, handler);
  return () => void process.off(signal, handler);
}

/** Bun ends the process on an unhandled rejection unless it has its own listener, so both are set everywhere. */
export function onUncaught(report: (error: unknown) => void): void {
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
}

/** @returns whether standard output is a terminal; asked by descriptor: `process.stdout` would open a stream on it */
export function isTerminal(): boolean {
  return isatty(1);
}

/** Reads standard input to its end. */
export async function readStdin(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

const output = new Output(1);
const errors = new Output(2);

/** Writes to standard output; a reader that left or hangs does not stop the process. */
export function stdout(text: string): void {
  output.write(text);
}

/** Writes to standard error; see {@link stdout}. */
export function stderr(text: string): void {
  errors.write(text);
}

/** Ends the process once its output is out. */
export function exit(code: number): never {
  output.drain();
  errors.drain();
  process.exit(code);
}
