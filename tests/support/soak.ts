// Many small requests through weir, and what its resident memory does meanwhile.

import { testEnvironment } from "../../scripts/lib/debian.mjs";
import { watch } from "../../scripts/lib/process.mjs";
import { balance, oneService, withProxy } from "./proxy-fixture.ts";
import { settledKiB } from "./resident.ts";
import type { RuntimeCommand } from "./runtimes.ts";
import { plainAnswer, startScripted } from "./scripted-backend.ts";

/** Resident memory after so many requests. */
export interface SoakPoint {
  readonly requests: number;
  readonly residentKiB: number;
}

/** How much load, and when memory is read. */
export interface SoakPlan {
  /** Requests before the first reading. */
  readonly first: number;
  /** Requests before the last one. */
  readonly total: number;
  /** Requests between two readings. */
  readonly step: number;
  /** Told of each reading. */
  readonly told?: (point: SoakPoint) => void;
}

const CONNECTIONS = 32;
const MOST_SECONDS = 10; // of one run of wrk
const GRACE_MS = 10_000;

/**
 * Loads weir with wrk until the plan is done.
 * @returns the readings, the first one after at least `first` requests
 * @throws {Error} when an answer was not 200 or a socket broke
 */
export async function soak(runtime: RuntimeCommand, plan: SoakPlan): Promise<readonly SoakPoint[]> {
  const answer = plainAnswer("hello, world");
  const backend = await startScripted({ request: ({ socket }) => socket.write(answer) });
  try {
    return await withProxy(runtime, oneService(balance([backend.url])), [], async ({ weir, port }) => {
      const points: SoakPoint[] = [];
      let requests = 0;
      let rate = Infinity; // the first run lasts a second, and tells
      while (requests < plan.total) {
        const goal = requests < plan.first ? plan.first : Math.min(plan.total, requests + plan.step);
        while (requests < goal) {
          const seconds = Math.min(MOST_SECONDS, Math.max(1, Math.ceil((goal - requests) / rate)));
          const done = await runWrk(port, seconds);
          requests += done;
          rate = Math.max(1, done / seconds);
        }
        const point = { requests, residentKiB: await settledKiB(weir.pid) };
        points.push(point);
        plan.told?.(point);
      }
      return points;
    });
  } finally {
    await backend.close();
  }
}

async function runWrk(port: number, seconds: number): Promise<number> {
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "-H", "Host: app.test", `http://127.0.0.1:${port}/`];
  const options = { timeoutMs: seconds * 1000 + GRACE_MS, env: testEnvironment() };
  const { code, output } = await watch("wrk", args, options);
  const requests = Number(/(\d+) requests in/.exec(output)?.[1] ?? 0);
  if (code !== 0 || requests === 0 || /Socket errors|Non-2xx/.test(output)) throw new Error(`wrk: ${output}`);
  return requests;
}
