// Resident memory of a process, and numbers that have come to rest: for what can only be judged when nothing moves.

import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 200;

/** @returns VmRSS in KiB */
export function residentKiB(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(match?.[1] ?? Number.NaN);
}

/** @returns milliseconds for which a process's first thread was ready to run and waited for a processor, so far */
export function readyMs(pid: number): number {
  const [, nanoseconds = "0"] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}

/**
 * Reads a number until it stays the same.
 * @param read looked at every {@link POLL_MS}
 * @param options `slack`: differences up to it are none; `calm`: looks in a row that must agree; `mostMs`: then the
 *   last value is taken as it is
 */
export async function untilStill(
  read: () => number,
  { slack = 0, calm = 3, mostMs = 20_000 }: { slack?: number; calm?: number; mostMs?: number } = {},
): Promise<number> {
  let last = read();
  let agreed = 0;
  for (let waited = 0; agreed < calm && waited < mostMs; waited += POLL_MS) {
    await delay(POLL_MS);
    const now = read();
    agreed = Math.abs(now - last) <= slack ? agreed + 1 : 0;
    last = now;
  }
  return last;
}

/** VmRSS in KiB once it moves by no more than 256 KiB from look to look. */
export function settledKiB(pid: number): Promise<number> {
  return untilStill(() => residentKiB(pid), { slack: 256, calm: 5 });
}
