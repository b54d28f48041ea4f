// Measures proxies in a case: all in one run, in turn, several rounds.

import { type BenchCase, hostNames, IDLE_CONNECTIONS, requestHost } from "./cases.ts";
import { makeCertificate } from "./certificate.ts";
import { type Contender, titleOf } from "./contenders.ts";
import { type Daemon, freePort, startDaemon } from "./daemon.ts";
import { runH2load } from "./h2load.ts";
import { openIdle } from "./idle.ts";
import { type Lab, rotate, siteFolder } from "./lab.ts";
import { cpuMicros, residentMiB, settledMiB } from "./usage.ts";
import { type LoadReport, runWrk } from "./wrk.ts";

/** What one measurement found; idle measurements have no load figures of their own beside the warm-up's. */
export interface Sample {
  readonly contender: Contender;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerRequest: number;
  readonly residentMiB: number;
  readonly idleKiBPerConnection?: number;
  readonly failed: number;
}

const WARM_UP_SECONDS = 1;

/** @returns every measurement of a case: `rounds` of each contender */
export function measureCase(lab: Lab, each: BenchCase, contenders: readonly Contender[]): Promise<readonly Sample[]> {
  return each.kind === "idle" ? measureIdle(lab, each, contenders) : measureLoad(lab, each, contenders);
}

async function measureLoad(lab: Lab, each: BenchCase, contenders: readonly Contender[]): Promise<readonly Sample[]> {
  const daemons: (readonly [Contender, Daemon])[] = [];
  const samples: Sample[] = [];
  try {
    for (const contender of contenders) daemons.push([contender, await start(lab, each, contender)]);
    for (let round = 0; round < lab.rounds; round++) {
      for (const [contender, daemon] of rotate(daemons, round)) {
        samples.push(await loadOnce(lab, each, contender, daemon));
      }
    }
  } finally {
    await Promise.all(daemons.map(([, daemon]) => daemon.stop()));
  }
  return samples;
}

async function start(lab: Lab, each: BenchCase, contender: Contender): Promise<Daemon> {
  const folder = siteFolder(lab, contender);
  const port = await freePort();
  const hosts = hostNames(each);
  const { isTls = false } = each;
  const site = { port, originPort: lab.origin.port, hosts, folder };
  const launch = contender.prepare(isTls ? { ...site, tls: makeCertificate(folder, hosts) } : site);
  return await startDaemon(titleOf(contender), launch, { port, host: requestHost(each), path: "/small", isTls });
}

async function loadOnce(lab: Lab, each: BenchCase, contender: Contender, daemon: Daemon): Promise<Sample> {
  const run = each.isHttp2 === true ? runH2load : runWrk;
  const warm = await run(each, daemon.port, WARM_UP_SECONDS, lab.folder);
  const before = cpuMicros(daemon.pid);
  const report = await run(each, daemon.port, lab.seconds, lab.folder);
  const micros = cpuMicros(daemon.pid) - before;
  daemon.check();
  const sample: Sample = {
    contender,
    ...toLoad(report, micros),
    residentMiB: residentMiB(daemon.pid),
    failed: failures(warm) + failures(report),
  };
  tell(lab, each, sample);
  return sample;
}

function toLoad(report: LoadReport, micros: number) {
  return {
    requestsPerSecond: report.requests / report.seconds,
    p50Ms: report.p50Ms,
    p99Ms: report.p99Ms,
    cpuMicrosPerRequest: micros / report.requests,
  };
}

function failures(report: LoadReport): number {
  return report.badStatuses + report.socketErrors;
}

function tell(lab: Lab, each: BenchCase, sample: Sample): void {
  const cpu = `${sample.cpuMicrosPerRequest.toFixed(1)} us/request`;
  const idle = sample.idleKiBPerConnection;
  const figure = idle === undefined ? cpu : `${idle.toFixed(1)} KiB/connection`;
  const failed = sample.failed === 0 ? "" : `, ${sample.failed} FAILED`;
  lab.progress(`${each.name}: ${titleOf(sample.contender)}: ${figure}${failed}`);
}

/** Memory given back is not given back to the system: every round of every proxy starts a new process. */
async function measureIdle(lab: Lab, each: BenchCase, contenders: readonly Contender[]): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < lab.rounds; round++) {
    for (const contender of rotate(contenders, round)) samples.push(await idleOnce(lab, each, contender));
  }
  return samples;
}

async function idleOnce(lab: Lab, each: BenchCase, contender: Contender): Promise<Sample> {
  const daemon = await start(lab, each, contender);
  try {
    const startMicros = cpuMicros(daemon.pid);
    const warm = await runWrk(each, daemon.port, WARM_UP_SECONDS, lab.folder);
    const micros = cpuMicros(daemon.pid) - startMicros;
    const before = await settledMiB(daemon.pid);
    const crowd = await openIdle(daemon.port, requestHost(each), each.path, IDLE_CONNECTIONS);
    const after = await settledMiB(daemon.pid);
    crowd.close();
    daemon.check();
    const sample: Sample = {
      contender,
      ...toLoad(warm, micros),
      residentMiB: after,
      idleKiBPerConnection: (after - before) * 1024 / IDLE_CONNECTIONS,
      failed: crowd.failed + failures(warm),
    };
    tell(lab, each, sample);
    return sample;
  } finally {
    await daemon.stop();
  }
}
