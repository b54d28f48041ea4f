// The benchmark's report: medians, ratios, a table, and rows for other tools.

import { titleOf } from "./contenders.ts";
import type { Sample } from "./measure.ts";

/** One line of the report. Ratios are of processor time per request; null when the peer was not measured. */
export interface Row {
  readonly case: string;
  readonly proxy: string;
  readonly runtime: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerRequest: number;
  readonly residentMiB: number;
  readonly idleKiBPerConnection?: number;
  readonly ratioToNginx: number | null;
  readonly ratioToCaddy: number | null;
}

/** @returns the middle value, or the mean of the two in the middle */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** @returns one row for each proxy, in the order of its first measurement */
export function toRows(caseName: string, samples: readonly Sample[]): readonly Row[] {
  const groups = Map.groupBy(samples, (sample) => titleOf(sample.contender));
  const cpuOf = (title: string) => {
    const group = groups.get(title);
    return group === undefined ? undefined : median(group.map((sample) => sample.cpuMicrosPerRequest));
  };
  const ratio = (own: number, peer: number | undefined) => peer === undefined ? null : round(own / peer, 3);
  return [...groups.values()].map((group) => {
    const middle = (pick: (sample: Sample) => number) => median(group.map(pick));
    const cpu = middle((sample) => sample.cpuMicrosPerRequest);
    const idle = group.map((sample) => sample.idleKiBPerConnection).filter((each) => each !== undefined);
    return {
      case: caseName,
      proxy: group[0]?.contender.proxy ?? "",
      runtime: group[0]?.contender.runtime ?? "",
      requestsPerSecond: round(middle((sample) => sample.requestsPerSecond), 0),
      p50Ms: round(middle((sample) => sample.p50Ms), 3),
      p99Ms: round(middle((sample) => sample.p99Ms), 3),
      cpuMicrosPerRequest: round(cpu, 2),
      residentMiB: round(middle((sample) => sample.residentMiB), 1),
      ...(idle.length === 0 ? {} : { idleKiBPerConnection: round(median(idle), 2) }),
      ratioToNginx: ratio(cpu, cpuOf("nginx")),
      ratioToCaddy: ratio(cpu, cpuOf("caddy")),
    };
  });
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const COLUMNS: readonly (readonly [title: string, cell: (row: Row) => string])[] = [
  ["requests/s", (row) => row.requestsPerSecond.toFixed(0)],
  ["p50 ms", (row) => row.p50Ms.toFixed(2)],
  ["p99 ms", (row) => row.p99Ms.toFixed(2)],
  ["CPU us/request", (row) => row.cpuMicrosPerRequest.toFixed(1)],
  ["/ nginx", (row) => toRatio(row.ratioToNginx)],
  ["/ caddy", (row) => toRatio(row.ratioToCaddy)],
  ["RSS MiB", (row) => row.residentMiB.toFixed(1)],
];

function toRatio(ratio: number | null): string {
  return ratio === null ? "-" : ratio.toFixed(2);
}

const NAME_WIDTH = 16;

/** @returns a case's rows as a table for a terminal */
export function toTable(rows: readonly Row[]): string {
  const isIdle = rows.some((row) => row.idleKiBPerConnection !== undefined);
  const idle = ["KiB/connection", (row: Row) => row.idleKiBPerConnection?.toFixed(1) ?? "-"] as const;
  const columns = isIdle ? [...COLUMNS, idle] : COLUMNS;
  const head = ["".padEnd(NAME_WIDTH), ...columns.map(([title]) => title.padStart(10))].join("  ");
  const lines = rows.map((row) => {
    const cells = columns.map(([title, cell]) => cell(row).padStart(Math.max(10, title.length)));
    return [titleOf(row).padEnd(NAME_WIDTH), ...cells].join("  ");
  });
  return [`${rows[0]?.case ?? ""}`, head, ...lines].join("\n");
}
