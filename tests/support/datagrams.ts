// Many datagrams from many source ports through weir, while clients are in a conversation that must not suffer.

import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ask, eventually } from "./ask.ts";
import { Conversation, sendStranger, startDatagramEcho } from "./datagram-peers.ts";
import { withProxy } from "./proxy-fixture.ts";
import { residentKiB } from "./resident.ts";
import type { RuntimeCommand } from "./runtimes.ts";
import type { Weir } from "./weir.ts";

/** How much is sent. */
export interface DatagramPlan {
  /** From strangers, all together. */
  readonly datagrams: number;
  /** Source ports they come from, each once. */
  readonly sources: number;
  /** Clients in a conversation. */
  readonly conversations: number;
  /** Strangers' datagrams per second, at most. */
  readonly rate: number;
  /** Limit of open files weir starts with, which bounds its sessions, too; default: as many as it may have. */
  readonly fileLimit?: number;
  /** Told of the progress every {@link LOOK_MS}. */
  readonly told?: (progress: Pick<DatagramResult, "sent" | "sessions" | "residentKiB">) => void;
}

/** What became of it. */
export interface DatagramResult {
  readonly seconds: number;
  /** Strangers' datagrams, and those without an answer. */
  readonly sent: number;
  readonly unanswered: number;
  /** The most sessions there were, as weir's metric tells. */
  readonly sessions: number;
  /** Sessions there were altogether. */
  readonly sessionsEver: number;
  /** The conversations' questions, those without an answer, and answers of another session than the client had. */
  readonly asked: number;
  readonly lost: number;
  readonly moved: number;
  readonly slowestMs: number;
  /** Datagrams the system threw away because weir did not read them in time. */
  readonly dropped: number;
  /** Resident before the first datagram, and the most there was. */
  readonly residentBeforeKiB: number;
  readonly residentKiB: number;
}

/** Strangers at the same time: as many datagrams as fit into the smallest receive buffer, with room to spare. */
const STRANGERS_AT_ONCE = 64;
/** Ports of strangers: none of those the system gives to others. */
const FIRST_PORT = 5_000;
const PORTS_PER_ADDRESS = 25_000;
const PATIENCE_MS = 3_000;
/** Questions of one conversation are this far apart; the conversations take turns. */
const PERIOD_MS = 250;
const TURN_MS = 10;
const LOOK_MS = 1_000;
const OPEN = /^weir_service_open_connections\{protocol="udp",service="echo@file"\} (\d+)/m;
const TOTAL = /^weir_service_connections_total\{protocol="udp",service="echo@file"\} (\d+)/m;

const flags = [
  "--entrypoints.dns.address=127.0.0.1:0/udp",
  "--entrypoints.dns.udp.timeout=10m", // nobody falls silent for so long: only the table's bound ends sessions
  "--entrypoints.traefik.address=127.0.0.1:0",
  "--metrics.prometheus",
  "--log.level=INFO",
];

/** Starts weir and sends all of it. */
export async function exchangeDatagrams(runtime: RuntimeCommand, plan: DatagramPlan): Promise<DatagramResult> {
  const echo = await startDatagramEcho();
  const udp = {
    routers: { echo: { entryPoints: ["dns"], service: "echo" } },
    services: { echo: { loadBalancer: { servers: [{ address: `127.0.0.1:${echo.port}` }] } } },
  };
  try {
    return await withProxy(
      limited(runtime, plan.fileLimit),
      { http: { routers: {}, services: {} }, udp },
      flags,
      ({ weir }) => new Exchange(weir, plan).run(),
    );
  } finally {
    echo.close();
  }
}

/** The same runtime below another limit of open files. */
function limited(runtime: RuntimeCommand, fileLimit?: number): RuntimeCommand {
  const script = `ulimit -n ${fileLimit ?? '"$(ulimit -H -n)"'}; exec "$@"`;
  return { name: runtime.name, command: "/bin/sh", args: ["-c", script, "sh", runtime.command, ...runtime.args] };
}

class Exchange {
  readonly #weir: Weir;
  readonly #plan: DatagramPlan;
  readonly #target: number;
  readonly #seen = { sessions: 0, sessionsEver: 0, residentKiB: 0 };
  #nextSource = 0;
  #sent = 0;
  #unanswered = 0;
  #isOver = false;

  constructor(weir: Weir, plan: DatagramPlan) {
    this.#weir = weir;
    this.#plan = plan;
    this.#target = weir.port("dns");
  }

  async run(): Promise<DatagramResult> {
    const talks = await Promise.all(
      Array.from({ length: this.#plan.conversations }, () => Conversation.open(this.#target)),
    );
    const residentBeforeKiB = residentKiB(this.#weir.pid);
    const begun = performance.now();
    const talking = this.#talk(talks);
    const looking = this.#look();
    await Promise.all(Array.from({ length: STRANGERS_AT_ONCE }, () => this.#sendStrangers(begun)));
    const seconds = (performance.now() - begun) / 1000;
    this.#isOver = true;
    await Promise.all([talking, looking]);
    await eventually(() => talks.every(({ open }) => open === 0), (is) => is);
    const sum = (pick: (talk: Conversation) => number): number => talks.reduce((all, talk) => all + pick(talk), 0);
    for (const talk of talks) talk.close();
    return {
      ...this.#seen,
      residentBeforeKiB,
      seconds,
      sent: this.#sent,
      unanswered: this.#unanswered,
      asked: sum(({ asked }) => asked),
      lost: sum(({ open }) => open),
      moved: sum(({ moved }) => moved),
      slowestMs: Math.max(...talks.map(({ slowestMs }) => slowestMs)),
      dropped: droppedAt(this.#target),
    };
  }

  /** One stranger after the other, until all have come. */
  async #sendStrangers(begun: number): Promise<void> {
    const { datagrams, sources, rate } = this.#plan;
    for (;;) {
      const source = this.#nextSource++;
      if (source >= sources) return;
      const early = begun + source * 1000 * datagrams / sources / rate - performance.now();
      if (early > 0) await delay(early);
      // What does not divide evenly is spread over the first ones.
      const count = Math.floor(datagrams / sources) + (source < datagrams % sources ? 1 : 0);
      const ip = `127.0.1.${1 + Math.floor(source / PORTS_PER_ADDRESS)}`;
      const port = FIRST_PORT + source % PORTS_PER_ADDRESS;
      const stay = await sendStranger({ ip, port, target: this.#target, count, patienceMs: PATIENCE_MS });
      this.#sent += count;
      this.#unanswered += stay.unanswered;
    }
  }

  /** Each asks once in a period, all of them evenly. */
  async #talk(talks: readonly Conversation[]): Promise<void> {
    let asked = 0;
    const begun = performance.now();
    while (!this.#isOver) {
      const due = Math.floor((performance.now() - begun) / PERIOD_MS * talks.length);
      // After a stall of this process nobody asks twice in a row.
      asked = Math.max(asked, due - talks.length);
      for (; asked < due; asked++) talks[asked % talks.length]?.ask();
      await delay(TURN_MS);
    }
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      await this.#lookOnce();
      this.#plan.told?.({ ...this.#seen, sent: this.#sent });
      await delay(LOOK_MS);
    }
    await this.#lookOnce();
  }

  async #lookOnce(): Promise<void> {
    const { body } = await ask({ port: this.#weir.port("traefik"), path: "/metrics" });
    const seen = this.#seen;
    seen.sessions = Math.max(seen.sessions, Number(OPEN.exec(body)?.[1] ?? Number.NaN));
    seen.sessionsEver = Number(TOTAL.exec(body)?.[1] ?? Number.NaN);
    seen.residentKiB = Math.max(seen.residentKiB, residentKiB(this.#weir.pid));
  }
}

/** On 127.0.0.1, as the system lists sockets of IPv4, and of IPv6 that speak IPv4. */
const LOOPBACKS: readonly (readonly [list: string, ip: string])[] = [
  ["/proc/net/udp", "0100007F"],
  ["/proc/net/udp6", "0000000000000000FFFF00000100007F"],
];

/** @returns datagrams that found the receive buffer of a port on 127.0.0.1 full */
function droppedAt(port: number): number {
  const number = port.toString(16).toUpperCase().padStart(4, "0");
  for (const [list, ip] of LOOPBACKS) {
    const rows = readFileSync(list, "utf8").split("\n").map((line) => line.trim().split(/\s+/));
    const row = rows.find(([, local]) => local === `${ip}:${number}`);
    if (row !== undefined) return Number(row.at(-1));
  }
  return Number.NaN;
}
