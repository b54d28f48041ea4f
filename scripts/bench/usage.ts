// What a process and its children use: processor time and resident memory, from /proc.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const TICK_MICROS = 10_000; // the kernel counts processor time for user space in hundredths of a second, always
const MIB = 1024 * 1024;

/** One process, read from /proc/PID/stat. */
interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads. */
  readonly ticks: number;
}

/**
 * @param text of /proc/PID/stat; the program's name in it may hold spaces and brackets
 * @returns undefined when it is not understood
 */
export function parseStat(text: string): Stat | undefined {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const parent = Number(fields[1]);
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(pid + parent + ticks) ? undefined : { pid, parent, ticks };
}

function readStats(): readonly Stat[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => parseStat(readOr(`/proc/${pid}/stat`))).filter((stat) => stat !== undefined);
}

/** A process may end between listing and reading. */
function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** @returns a process and everything it started, of what /proc listed */
export function familyOf(pid: number, stats: readonly Stat[]): readonly Stat[] {
  const family = stats.filter((stat) => stat.pid === pid);
  for (const member of family) family.push(...stats.filter((stat) => stat.parent === member.pid));
  return family;
}

/** @returns processor time of a process with all threads and children, in microseconds since their start */
export function cpuMicros(pid: number): number {
  return familyOf(pid, readStats()).reduce((sum, stat) => sum + stat.ticks, 0) * TICK_MICROS;
}

/** @returns resident memory of a process with its children, in MiB */
export function residentMiB(pid: number): number {
  const bytes = familyOf(pid, readStats()).map((stat) => {
    const match = readOr(`/proc/${stat.pid}/status`).match(/^VmRSS:\s+(\d+) kB$/m);
    return Number(match?.[1] ?? 0) * 1024;
  });
  return bytes.reduce((sum, each) => sum + each, 0) / MIB;
}

const SETTLE_POLL_MS = 250;
const SETTLE_POLLS = 6; // calm for one and a half seconds
const SETTLE_MOST = 60; // fifteen seconds at most
const CALM_MIB = 0.25;

/** @returns resident memory once it stays the same: collectors and allocators work after the load has gone */
export async function settledMiB(pid: number): Promise<number> {
  let last = residentMiB(pid);
  let calm = 0;
  for (let polls = 0; polls < SETTLE_MOST && calm < SETTLE_POLLS; polls++) {
    await pause(SETTLE_POLL_MS);
    const now = residentMiB(pid);
    calm = Math.abs(now - last) <= CALM_MIB ? calm + 1 : 0;
    last = now;
  }
  return last;
}
