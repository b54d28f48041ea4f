// Bytes through TCP routes: how many a second, and what each costs.

import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { runtimeBinary } from "../lib/tree.mjs";
import { type BenchCase, files, TRANSFER_CONNECTIONS } from "./cases.ts";
import { type Contender, titleOf } from "./contenders.ts";
import { type Daemon, freePort, startDaemon } from "./daemon.ts";
import { type Lab, rotate, siteFolder } from "./lab.ts";
import { median } from "./report.ts";
import { cpuMicros, residentMiB } from "./usage.ts";

/** One line of the report. The ratio is of throughput; null when HAProxy was not measured. */
export interface TransferRow {
  readonly case: string;
  readonly proxy: string;
  readonly runtime: string;
  readonly mibPerSecond: number;
  readonly cpuMillisPerGib: number;
  readonly residentMiB: number;
  readonly ratioToHaproxy: number | null;
}

/** What one measurement found. */
export interface TransferSample {
  readonly contender: Pick<Contender, "proxy" | "runtime">;
  readonly mibPerSecond: number;
  readonly cpuMillisPerGib: number;
  readonly residentMiB: number;
  /** Connections that broke. */
  readonly failed: number;
}

const MIB = 1024 * 1024;
const MIB_PER_GIB = 1024;
const WARM_UP_SECONDS = 1;
/** Read and written at once: so large that the loader's own calls hardly count. */
const PIECE_BYTES = MIB;
/** Requests under way on a connection, so that the origin never waits for the next one. */
const REQUESTS_AHEAD = 2;

/** Measures the contenders that speak TCP: `rounds` of each. */
export async function measureTransfer(
  lab: Lab,
  each: BenchCase,
  contenders: readonly Contender[],
): Promise<readonly TransferSample[]> {
  const daemons: (readonly [Contender, Daemon])[] = [];
  const samples: TransferSample[] = [];
  const sink = each.kind === "upload" ? await startSink() : undefined;
  const originPort = sink?.port ?? lab.origin.port;
  try {
    for (const contender of contenders) {
      if (contender.prepareTcp === undefined) continue;
      const [port, folder] = [await freePort(), siteFolder(lab, contender)];
      const launch = contender.prepareTcp({ port, originPort, hosts: [], folder });
      const probe = { port, host: "origin.test", path: "/small" };
      daemons.push([contender, await startDaemon(titleOf(contender), launch, probe)]);
    }
    for (let round = 0; round < lab.rounds; round++) {
      for (const [contender, daemon] of rotate(daemons, round)) {
        samples.push(await transferOnce(lab, each, contender, daemon));
      }
    }
  } finally {
    await Promise.all([...daemons.map(([, daemon]) => daemon.stop()), sink?.stop()]);
  }
  return samples;
}

async function startSink(): Promise<Daemon> {
  const port = await freePort();
  const launch = {
    command: runtimeBinary("node24"),
    args: [fileURLToPath(new URL("sink.ts", import.meta.url)), String(port)],
  };
  return await startDaemon("sink", launch, { port, host: "sink.test", path: "/" });
}

async function transferOnce(
  lab: Lab,
  each: BenchCase,
  contender: Contender,
  daemon: Daemon,
): Promise<TransferSample> {
  const lines = Array.from({ length: TRANSFER_CONNECTIONS }, () => openLine(each, daemon.port));
  try {
    await pause(WARM_UP_SECONDS);
    const bytes = (): number => lines.reduce((sum, line) => sum + line.bytes(), 0);
    const [bytesBefore, microsBefore, begun] = [bytes(), cpuMicros(daemon.pid), performance.now()];
    await pause(lab.seconds);
    const seconds = (performance.now() - begun) / 1000;
    const [moved, micros] = [(bytes() - bytesBefore) / MIB, cpuMicros(daemon.pid) - microsBefore];
    daemon.check();
    const sample = {
      contender,
      mibPerSecond: moved / seconds,
      cpuMillisPerGib: micros / 1000 / (moved / MIB_PER_GIB),
      residentMiB: residentMiB(daemon.pid),
      failed: lines.filter((line) => line.isBroken()).length,
    };
    const failed = sample.failed === 0 ? "" : `, ${sample.failed} FAILED`;
    lab.progress(`${each.name}: ${titleOf(contender)}: ${sample.mibPerSecond.toFixed(0)} MiB/s${failed}`);
    return sample;
  } finally {
    for (const line of lines) line.close();
  }
}

/** A connection that carries bytes until it is closed. */
interface Line {
  /** Carried so far, as this end has seen. */
  bytes(): number;
  isBroken(): boolean;
  close(): void;
}

function openLine(each: BenchCase, port: number): Line {
  return each.kind === "upload" ? openUpload(port) : openDownload(each.path, port);
}

function openDownload(path: string, port: number): Line {
  const size = files[path] ?? Number.NaN;
  const request = `GET ${path} HTTP/1.1\r\nHost: origin.test\r\n\r\n`;
  let bytes = 0;
  let asked = 0;
  // One buffer for all reads: nothing is made of what comes.
  const onread = {
    buffer: new Uint8Array(PIECE_BYTES),
    callback: (count: number) => {
      bytes += count;
      if (bytes > (asked - REQUESTS_AHEAD) * size) ask();
      return true;
    },
  };
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
  const ask = (): void => {
    asked++;
    socket.write(request);
  };
  for (let ahead = 0; ahead < REQUESTS_AHEAD; ahead++) ask();
  return toLine(socket, () => bytes);
}

function openUpload(port: number): Line {
  const piece = new Uint8Array(PIECE_BYTES).fill(0x78);
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const fill = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("connect", fill);
  socket.on("drain", fill);
  return toLine(socket, () => socket.bytesWritten - socket.writableLength);
}

function toLine(socket: Socket, bytes: () => number): Line {
  let broken = false;
  let closed = false;
  socket.on("error", () => broken = true);
  socket.on("close", () => broken ||= !closed);
  return {
    bytes,
    isBroken: () => broken,
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** @returns one row for each proxy, in the order of its first measurement */
export function toTransferRows(caseName: string, samples: readonly TransferSample[]): readonly TransferRow[] {
  const groups = Map.groupBy(samples, (sample) => titleOf(sample.contender));
  const speedOf = (group: readonly TransferSample[]) => median(group.map(({ mibPerSecond }) => mibPerSecond));
  const peer = groups.get("haproxy");
  return [...groups.values()].map((group) => ({
    case: caseName,
    proxy: group[0]?.contender.proxy ?? "",
    runtime: group[0]?.contender.runtime ?? "",
    mibPerSecond: round(speedOf(group), 0),
    cpuMillisPerGib: round(median(group.map(({ cpuMillisPerGib }) => cpuMillisPerGib)), 1),
    residentMiB: round(median(group.map((sample) => sample.residentMiB)), 1),
    ratioToHaproxy: peer === undefined ? null : round(speedOf(group) / speedOf(peer), 3),
  }));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const COLUMNS: readonly (readonly [title: string, cell: (row: TransferRow) => string])[] = [
  ["MiB/s", (row) => row.mibPerSecond.toFixed(0)],
  ["/ haproxy", (row) => row.ratioToHaproxy?.toFixed(2) ?? "-"],
  ["CPU ms/GiB", (row) => row.cpuMillisPerGib.toFixed(0)],
  ["RSS MiB", (row) => row.residentMiB.toFixed(1)],
];

const NAME_WIDTH = 16;
const CELL_WIDTH = 10;

/** @returns a case's rows as a table for a terminal */
export function toTransferTable(rows: readonly TransferRow[]): string {
  const head = ["".padEnd(NAME_WIDTH), ...COLUMNS.map(([title]) => title.padStart(CELL_WIDTH))].join("  ");
  const lines = rows.map((row) => {
    const cells = COLUMNS.map(([, cell]) => cell(row).padStart(CELL_WIDTH));
    return [titleOf(row).padEnd(NAME_WIDTH), ...cells].join("  ");
  });
  return [`${rows[0]?.case ?? ""}`, head, ...lines].join("\n");
}
