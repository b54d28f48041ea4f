// How weir does with a cluster of many routes: how soon it serves them, how soon a change shows, how it takes a storm.

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { type ChangedKind, changedKinds } from "./kube-command.ts";
import { KubeCluster } from "./kube-cluster.ts";
import { readyMs, residentKiB } from "./resident.ts";
import type { RuntimeCommand } from "./runtimes.ts";
import { hostOf, WEIGHTED_EVERY } from "./scale-objects.ts";
import { plainAnswer, type ScriptedBackend, startScripted } from "./scripted-backend.ts";
import { startWeir, type Weir } from "./weir.ts";
import { get, SteadyClient } from "./wire-client.ts";

/** How much is measured. */
export interface ScalePlan {
  readonly routes: number;
  /** One after another, over all kinds. */
  readonly changes: number;
  /** In one burst. */
  readonly storm: number;
  /** Further arguments for weir. */
  readonly args?: readonly string[];
}

/** What came of it. Times in milliseconds. */
export interface ScaleResult {
  /** From the start of the process to the first answer of a route. */
  readonly firstAnswerMs: number;
  readonly residentKiB: number;
  /** From the write in the API to the first answer that shows it, sorted, by kind. */
  readonly changes: ReadonlyMap<ChangedKind, readonly number[]>;
  /** Of all changes, without the time for which weir's thread was ready to run and had no processor; sorted. */
  readonly undisturbed: readonly number[];
  readonly storm: StormResult;
}

/** What a storm did. */
export interface StormResult {
  readonly changes: number;
  /** Routing tables built until its last change showed. */
  readonly builds: number;
  /** From its last write until that showed. */
  readonly settledMs: number;
  readonly requests: number;
  readonly failed: readonly string[];
  /** Of all requests meanwhile, sorted. */
  readonly latencies: readonly number[];
  readonly residentKiB: number;
}

const PAUSE_MS = 1; // between two looks
const MOST_MS = 10_000; // for one change
const MOST_GAP_MS = 300; // between two changes
const LOAD_CLIENTS = 4;
const LOAD_PAUSE_MS = 2;
const LETTERS = ["one", "two", "spare"] as const;

/** A cluster of routes with backends behind them; weir is started on it any number of times. */
export class ScaleStage {
  readonly #cluster: KubeCluster;
  readonly #backends: readonly ScriptedBackend[];
  readonly #plan: ScalePlan;
  #endpoint = "";

  private constructor(plan: ScalePlan, backends: readonly ScriptedBackend[]) {
    this.#plan = plan;
    this.#backends = backends;
    this.#cluster = new KubeCluster();
  }

  /** Makes all objects. */
  static async open(plan: ScalePlan): Promise<ScaleStage> {
    const backends = await Promise.all(LETTERS.map((letter) => {
      const answer = plainAnswer(letter);
      return startScripted({ request: ({ socket }) => socket.write(answer) });
    }));
    const stage = new ScaleStage(plan, backends);
    const [one = 0, two = 0, spare = 0] = backends.map(({ port }) => port);
    await stage.#cluster.tell({ do: "fill", routes: plan.routes, ports: [one, two, spare] });
    stage.#endpoint = `http://127.0.0.1:${await stage.#cluster.number({ do: "serve" })}`;
    return stage;
  }

  async close(): Promise<void> {
    await this.#cluster.stop();
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }

  /** Measures one runtime. */
  async measure(runtime: RuntimeCommand): Promise<ScaleResult> {
    const startedAt = performance.now();
    const weir = await startWeir(runtime, [
      "--entrypoints.web.address=127.0.0.1:0",
      `--providers.kubernetescrd.endpoint=${this.#endpoint}`,
      "--log.level=DEBUG",
      "--log.nocolor=true",
      ...this.#plan.args ?? [],
    ]);
    try {
      const client = new SteadyClient(weir.port("web"));
      await this.#firstAnswer(client, weir);
      const firstAnswerMs = performance.now() - startedAt;
      const resident = residentKiB(weir.pid);
      const { changes, undisturbed } = await this.#changeOneByOne(client, weir);
      const storm = await this.#storm(weir, client);
      client.close();
      return { firstAnswerMs, residentKiB: resident, changes, undisturbed, storm };
    } finally {
      await weir.stop();
    }
  }

  async #firstAnswer(client: SteadyClient, weir: Weir): Promise<void> {
    const deadline = performance.now() + MOST_MS;
    while (await textOf(client, this.#plan.routes - 1) === undefined) {
      if (performance.now() > deadline) throw new Error(`no route is served\n${weir.output()}`);
      await delay(PAUSE_MS);
    }
  }

  /** Random gaps: a change may come right after another one, or after a quiet time. */
  async #changeOneByOne(client: SteadyClient, weir: Weir): Promise<Pick<ScaleResult, "changes" | "undisturbed">> {
    const times = new Map<ChangedKind, number[]>(changedKinds.map((kind) => [kind, []]));
    const undisturbed: number[] = [];
    for (let count = 0; count < this.#plan.changes; count++) {
      const kind = changedKinds[count % changedKinds.length] ?? "route";
      const waitedMs = readyMs(weir.pid);
      const tookMs = await this.#changeOne(client, kind, this.#indexOf(kind, count));
      times.get(kind)?.push(tookMs);
      undisturbed.push(tookMs - (readyMs(weir.pid) - waitedMs));
      await delay(Math.random() * MOST_GAP_MS);
    }
    const changes = new Map([...times].map(([kind, list]) => [kind, list.toSorted(ascending)]));
    return { changes, undisturbed: undisturbed.sort(ascending) };
  }

  #indexOf(kind: ChangedKind, count: number): number {
    const index = count * 7919 % this.#plan.routes;
    const weighted = index - index % WEIGHTED_EVERY;
    return kind === "route" ? weighted : weighted + 1; // of a weighted one only the weights show
  }

  /** @returns milliseconds from the write to the first answer that differs */
  async #changeOne(client: SteadyClient, kind: ChangedKind, index: number): Promise<number> {
    const before = await textOf(client, index);
    const looking = untilOther(client, index, before);
    const writtenAt = await this.#cluster.number({ do: "change", kind, index });
    const seenAt = await looking;
    if (seenAt === undefined) throw new Error(`a change of the ${kind} ${index} did not show within ${MOST_MS} ms`);
    return seenAt - writtenAt;
  }

  async #storm(weir: Weir, client: SteadyClient): Promise<StormResult> {
    const { storm: changes, routes } = this.#plan;
    const half = Math.floor(routes / 2);
    const built = buildsIn(weir.output());
    const load = startLoad(weir.port("web"), half, routes);
    await delay(100);
    const writtenAt = await this.#cluster.number({ do: "storm", changes, below: half });
    const sentinel = half - half % WEIGHTED_EVERY + 1;
    const tookMs = await this.#changeOne(client, "service", sentinel);
    const settledMs = now() - writtenAt;
    if (tookMs > settledMs) throw new Error("the clocks differ");
    await delay(500);
    const { latencies, failed } = await load.stop();
    return {
      changes,
      builds: buildsIn(weir.output()) - built,
      settledMs,
      requests: latencies.length,
      failed,
      latencies,
      residentKiB: residentKiB(weir.pid),
    };
  }
}

/** The value that a share of sorted numbers does not exceed. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Numbers of all kinds, sorted. */
export function allOf(changes: ScaleResult["changes"]): number[] {
  return [...changes.values()].flat().sort(ascending);
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** By the clock that all processes share. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Which backend answers for a route; undefined when none does. */
async function textOf(client: SteadyClient, index: number): Promise<string | undefined> {
  const answer = await withinLimit(client.send(get(hostOf(index))), index);
  return answer.status === 200 ? answer.body.toString() : undefined;
}

function withinLimit<T>(work: Promise<T>, index: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer from ${hostOf(index)} in ${MOST_MS} ms`)), MOST_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Asks until somebody else answers. @returns when; undefined when that takes too long */
async function untilOther(
  client: SteadyClient,
  index: number,
  before: string | undefined,
): Promise<number | undefined> {
  const deadline = now() + MOST_MS;
  while (now() < deadline) {
    const text = await textOf(client, index);
    if (text !== undefined && text !== before) return now();
    await delay(PAUSE_MS);
  }
  return undefined;
}

function buildsIn(output: string): number {
  return output.split("configuration applied").length - 1;
}

/** Clients that ask routes from an index up to another one, one after another. */
function startLoad(
  port: number,
  from: number,
  to: number,
): { stop(): Promise<{ latencies: number[]; failed: string[] }> } {
  const latencies: number[] = [];
  const failed: string[] = [];
  let isOver = false;
  const run = async (first: number): Promise<void> => {
    const client = new SteadyClient(port);
    for (let count = first; !isOver; count += LOAD_CLIENTS) {
      const begin = performance.now();
      const answer = await client.send(get(hostOf(from + count % (to - from))));
      latencies.push(performance.now() - begin);
      if (answer.status !== 200 || answer.ending !== "whole") failed.push(`${answer.status} ${answer.ending}`);
      await delay(LOAD_PAUSE_MS);
    }
    client.close();
  };
  const running = Promise.all(Array.from({ length: LOAD_CLIENTS }, (_, index) => run(index)));
  return {
    async stop() {
      isOver = true;
      await running;
      return { latencies: latencies.sort(ascending), failed };
    },
  };
}
