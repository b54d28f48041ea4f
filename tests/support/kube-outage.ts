// Outages of the Kubernetes API under traffic: what clients notice, how often the API is asked, how soon weir catches up.

import { setTimeout as delay } from "node:timers/promises";
import { KubeCluster } from "./kube-cluster.ts";
import type { KubeCommand } from "./kube-command.ts";
import type { RuntimeCommand } from "./runtimes.ts";
import { plainAnswer, type ScriptedBackend, startScripted } from "./scripted-backend.ts";
import { startWeir, type Weir } from "./weir.ts";
import { ask, get, SteadyClient } from "./wire-client.ts";

/** One way to be out of order. */
export interface OutageKind {
  readonly name: string;
  /** Brings it about, also when another one was there before; never does it look well in between. */
  readonly begin: readonly KubeCommand[];
}

/** What an outage did. */
export interface OutageResult {
  readonly name: string;
  readonly seconds: number;
  /** Through weir. */
  readonly requests: number;
  readonly failed: readonly string[];
  /** To the API, while it lasted. */
  readonly asked: number;
  /** The most in any ten seconds. */
  readonly mostAsked: number;
  /** From its end until a change that was made meanwhile was served, by both providers, in seconds. */
  readonly convergedS: number;
}

const CUT: KubeCommand = { do: "cut" };
const SERVE: KubeCommand = { do: "serve" };
const END: readonly KubeCommand[] = [{ do: "fault" }, SERVE, CUT]; // what hangs breaks off, as behind a load balancer
const REWIND = 1_000_000;
const RETRY_AFTER_S = 2;

/** All ways. Each begins with all connections cut: an open watch asks nothing. */
export const outageKinds: readonly OutageKind[] = [
  { name: "refuses connections", begin: [{ do: "refuse" }] },
  { name: "resets connections", begin: [{ do: "reset" }] },
  faulty("hangs", { type: "hang" }),
  faulty("answers 500", { type: "status", code: 500 }),
  faulty("answers 503", { type: "status", code: 503 }),
  faulty("answers garbage", { type: "garbage" }),
  faulty("breaks off within its answers", { type: "truncate" }),
  faulty("answers with other kinds", { type: "wrong-kind" }),
  faulty("goes back in its versions", { type: "rewind", by: REWIND }),
  faulty("answers 429", { type: "throttle", retryAfter: RETRY_AFTER_S }),
];

function faulty(name: string, fault: Extract<KubeCommand, { do: "fault" }>["fault"] & object): OutageKind {
  // What hangs under the fault before is cut, and not answered after all.
  return { name, begin: [{ do: "refuse" }, { do: "fault", fault }, SERVE] };
}

const WINDOW_MS = 10_000;
const PAUSE_MS = 3; // between two requests of the load
const MOST_CONVERGE_MS = 60_000;
const STEADY = "steady.outage.test";

/** An API server, a weir that reads it, and traffic through weir. */
export class OutageStage {
  readonly #cluster: KubeCluster;
  readonly #backend: ScriptedBackend;
  readonly #weir: Weir;
  #changes = 0;

  private constructor(cluster: KubeCluster, backend: ScriptedBackend, weir: Weir) {
    this.#cluster = cluster;
    this.#backend = backend;
    this.#weir = weir;
  }

  /** Starts all of it, and waits until weir serves. */
  static async open(runtime: RuntimeCommand): Promise<OutageStage> {
    const answer = plainAnswer("ok");
    const backend = await startScripted({ request: ({ socket }) => socket.write(answer) });
    const cluster = new KubeCluster();
    try {
      await cluster.tell({ do: "add", host: STEADY, port: backend.port });
      const endpoint = `http://127.0.0.1:${await cluster.number({ do: "serve" })}`;
      const weir = await startWeir(runtime, [
        "--entrypoints.web.address=127.0.0.1:0",
        `--providers.kubernetescrd.endpoint=${endpoint}`,
        `--providers.kubernetesingress.endpoint=${endpoint}`,
        "--log.level=DEBUG",
        "--log.nocolor=true",
      ]);
      const stage = new OutageStage(cluster, backend, weir);
      await stage.#converged(STEADY);
      return stage;
    } catch (error) {
      await cluster.stop();
      await backend.close();
      throw error;
    }
  }

  /** What weir has written. */
  get output(): string {
    return this.#weir.output();
  }

  async close(): Promise<void> {
    await this.#weir.stop();
    await this.#cluster.stop();
    await this.#backend.close();
  }

  /**
   * One outage of several kinds in turn.
   * @param seconds of each kind
   * @param told of each kind that begins
   */
  async outlive(kinds: readonly OutageKind[], seconds: number, told?: (kind: string) => void): Promise<OutageResult> {
    await this.#calm();
    const load = startLoad(this.#weir.port("web"));
    await this.#cluster.tell({ do: "asked" });
    const startedAt = performance.now();
    const host = `change-${this.#changes++}.outage.test`;
    for (const [index, kind] of kinds.entries()) {
      told?.(kind.name);
      for (const command of kind.begin) await this.#cluster.tell(command);
      if (index === 0) await this.#cluster.tell({ do: "add", host, port: this.#backend.port });
      await delay(seconds * 1000);
    }
    const asked = asList(await this.#cluster.tell({ do: "asked" }));
    const lastedS = (performance.now() - startedAt) / 1000;
    for (const command of END) await this.#cluster.tell(command);
    const endedAt = performance.now();
    await this.#converged(host);
    const convergedS = (performance.now() - endedAt) / 1000;
    const { requests, failed } = await load.stop();
    const name = kinds.map((kind) => kind.name).join(", ");
    return {
      name,
      seconds: lastedS,
      requests,
      failed,
      asked: asked.length,
      mostAsked: mostWithin(asked, WINDOW_MS),
      convergedS,
    };
  }

  /** Until nobody has asked the API for a second: the past is not to be counted. */
  async #calm(): Promise<void> {
    do {
      await this.#cluster.tell({ do: "asked" });
      await delay(1000);
    } while (asList(await this.#cluster.tell({ do: "asked" })).length > 0);
  }

  async #converged(host: string): Promise<void> {
    const deadline = performance.now() + MOST_CONVERGE_MS;
    for (const each of [host, `ingress.${host}`]) {
      while ((await ask(this.#weir.port("web"), get(each))).status !== 200) {
        if (performance.now() > deadline) throw new Error(`${each} is not served\n${this.output}`);
        await delay(PAUSE_MS);
      }
    }
  }
}

/** The most times that lie within any span. @param times sorted */
export function mostWithin(times: readonly number[], spanMs: number): number {
  let [most, from] = [0, 0];
  for (const [index, time] of times.entries()) {
    while ((times[from] ?? time) <= time - spanMs) from++;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

function asList(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

/** Clients of routes of both providers that ask without a break. */
function startLoad(port: number): { stop(): Promise<{ requests: number; failed: string[] }> } {
  const failed: string[] = [];
  let requests = 0;
  let isOver = false;
  const run = async (host: string): Promise<void> => {
    const client = new SteadyClient(port);
    while (!isOver) {
      const answer = await client.send(get(host));
      requests++;
      if (answer.status !== 200 || answer.ending !== "whole") failed.push(`${host}: ${answer.status} ${answer.ending}`);
      await delay(PAUSE_MS);
    }
    client.close();
  };
  const running = Promise.all([run(STEADY), run(`ingress.${STEADY}`)]);
  return {
    async stop() {
      isOver = true;
      await running;
      return { requests, failed };
    },
  };
}
