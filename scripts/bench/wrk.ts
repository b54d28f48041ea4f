// Load by wrk: one thread, keep-alive connections, and what its report says.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { testEnvironment } from "../lib/debian.mjs";
import { watch } from "../lib/process.mjs";
import { type BenchCase, LOAD_CONNECTIONS, requestHost } from "./cases.ts";

/** What one run of wrk, or of h2load, found. */
export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 2xx and 3xx. */
  readonly badStatuses: number;
  /** Failed connects, reads and writes, and answers that took too long. */
  readonly socketErrors: number;
}

const GRACE_MS = 10_000; // wrk ends a little after its time

/**
 * Loads a proxy.
 * @param each what is asked
 * @param port the proxy's, on 127.0.0.1
 * @param seconds how long
 * @param folder for wrk's script
 * @throws {Error} when wrk fails or prints something else
 */
export async function runWrk(each: BenchCase, port: number, seconds: number, folder: string): Promise<LoadReport> {
  const args = ["-t1", `-c${LOAD_CONNECTIONS}`, `-d${seconds}s`, "--latency", "-H", `Host: ${requestHost(each)}`];
  if (each.postBytes > 0) args.push("-s", writeScript(each, folder));
  args.push(`${each.isTls === true ? "https" : "http"}://127.0.0.1:${port}${each.path}`);
  const outcome = await watch("wrk", args, { timeoutMs: seconds * 1000 + GRACE_MS, env: testEnvironment() });
  const report = parseWrk(outcome.output);
  if (outcome.code === 0 && report !== undefined) return report;
  throw new Error(`wrk failed (exit code ${outcome.code}):\n${outcome.output}`);
}

function writeScript(each: BenchCase, folder: string): string {
  const path = join(folder, `${each.name}.lua`);
  const lines = [
    'wrk.method = "POST"',
    `wrk.body = string.rep("x", ${each.postBytes})`,
    'wrk.headers["Content-Type"] = "application/octet-stream"',
    "",
  ];
  writeFileSync(path, lines.join("\n"));
  return path;
}

/** @returns undefined when the text is no report of wrk */
export function parseWrk(text: string): LoadReport | undefined {
  const total = text.match(/(\d+) requests in ([\d.]+\w+),/);
  if (total === null) return undefined;
  // wrk pads one-letter units with a space.
  const percentile = (rank: number) => toMillis(text.match(new RegExp(`^ *${rank}% +(\\S+) *$`, "m"))?.[1] ?? "");
  const errors = text.match(/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/);
  return {
    requests: Number(total[1]),
    seconds: toMillis(total[2] ?? "") / 1000,
    p50Ms: percentile(50),
    p99Ms: percentile(99),
    badStatuses: Number(text.match(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? 0),
    socketErrors: errors === null ? 0 : errors.slice(1).reduce((sum, count) => sum + Number(count), 0),
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** @returns milliseconds of wrk's `1.23ms`; NaN when it is no duration */
function toMillis(text: string): number {
  const match = text.match(/^([\d.]+)(us|ms|s|m|h)$/);
  return Number(match?.[1] ?? Number.NaN) * (UNIT_MS[match?.[2] ?? ""] ?? Number.NaN);
}
