// Load by h2load: HTTP/2 over TLS, several requests under way on each connection, and what its report says.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { testEnvironment } from "../lib/debian.mjs";
import { watch } from "../lib/process.mjs";
import { type BenchCase, LOAD_CONNECTIONS, requestHost } from "./cases.ts";
import type { LoadReport } from "./wrk.ts";

/** As many requests under way as wrk has connections, on fewer of them. */
const CONNECTIONS = 16;
const STREAMS = LOAD_CONNECTIONS / CONNECTIONS;
const GRACE_MS = 10_000; // h2load ends a little after its time

/**
 * Loads a proxy.
 * @param each what is asked, by GET
 * @param port the proxy's, on 127.0.0.1
 * @param seconds how long
 * @param folder for the times of all requests
 * @throws {Error} when h2load fails, prints something else, or speaks another protocol
 */
export async function runH2load(each: BenchCase, port: number, seconds: number, folder: string): Promise<LoadReport> {
  const times = join(folder, `${each.name}.tsv`);
  const load = ["-t", "1", "-c", String(CONNECTIONS), "-m", String(STREAMS), "-D", String(seconds)];
  const target = ["--connect-to", `127.0.0.1:${port}`, `https://${requestHost(each)}${each.path}`];
  const options = { timeoutMs: seconds * 1000 + GRACE_MS, env: testEnvironment() };
  try {
    const { code, output } = await watch("h2load", [...load, "--log-file", times, ...target], options);
    const report = code === 0 ? parseH2load(output, readFileSync(times, "utf8")) : undefined;
    if (report !== undefined) return report;
    throw new Error(`h2load failed (exit code ${code}):\n${output}`);
  } finally {
    rmSync(times, { force: true });
  }
}

/**
 * @param text what h2load printed
 * @param times its log: of each request, the start, the status and the microseconds it took
 * @returns undefined when it is no report of HTTP/2
 */
export function parseH2load(text: string, times: string): LoadReport | undefined {
  const total = text.match(/^requests: .* (\d+) done, \d+ succeeded, \d+ failed, (\d+) errored, (\d+) timeout$/m);
  const statuses = text.match(/^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/m);
  const seconds = Number(text.match(/^finished in ([\d.]+)s,/m)?.[1]);
  if (total === null || statuses === null || Number.isNaN(seconds)) return undefined;
  if (!/^Application protocol: h2$/m.test(text)) return undefined;
  const micros = times.trimEnd().split("\n").map((line) => Number(line.split("\t")[2])).sort((one, other) =>
    one - other
  );
  const percentile = (rank: number) => (micros[Math.floor(micros.length * rank / 100)] ?? Number.NaN) / 1000;
  return {
    requests: Number(total[1]),
    seconds,
    p50Ms: percentile(50),
    p99Ms: percentile(99),
    badStatuses: Number(statuses[3]) + Number(statuses[4]),
    socketErrors: Number(total[2]) + Number(total[3]),
  };
}
