// Strangers flood a UDP entry point while clients talk: sessions stay within their bound, and no client loses an answer.
// Exits with 1 when one of the two does not hold.
//
//   node scripts/datagrams.mjs                                          bun, deno and node24: a million from 100,000 ports
//   node scripts/datagrams.mjs --runtime bun --datagrams 200000 --sources 20000 --rate 5000 --conversations 500

import process from "node:process";
import { parseArgs } from "node:util";
import { type DatagramPlan, type DatagramResult, exchangeDatagrams } from "../../tests/support/datagrams.ts";
import { type RuntimeCommand, threeRuntimes } from "../../tests/support/runtimes.ts";

const MOST_SESSIONS = 16_384;
const MOST_SOURCES = 6_000_000; // ports of all the addresses strangers have
const KIB_PER_MIB = 1024;
const TELL_EVERY = 10; // looks

const { values } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true },
    datagrams: { type: "string", default: "1000000" },
    sources: { type: "string", default: "100000" },
    conversations: { type: "string", default: "300" },
    rate: { type: "string", default: "10000" },
  },
});
const wanted = (values.runtime ?? []).flatMap((value) => value.split(","));
const runtimes = threeRuntimes.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (runtimes.length === 0) {
  fail(`--runtime ${wanted.join(",")}: one of ${threeRuntimes.map(({ name }) => name).join(", ")} is wanted`);
}
const sources = count("sources", values.sources, MOST_SOURCES);
const datagrams = count("datagrams", values.datagrams, Infinity);
if (datagrams < sources) fail(`--datagrams ${datagrams}: at least one from each of the ${sources} sources is wanted`);
const conversations = count("conversations", values.conversations, MOST_SESSIONS);
const plan: DatagramPlan = { datagrams, sources, conversations, rate: count("rate", values.rate, Infinity) };

process.exitCode = 0;
for (const runtime of runtimes) if (!await isFine(runtime)) process.exitCode = 1;

async function isFine(runtime: RuntimeCommand): Promise<boolean> {
  const say = (text: string): void => console.log(`${runtime.name.padEnd(7)} ${text}`);
  let looks = 0;
  const result = await exchangeDatagrams(runtime, {
    ...plan,
    told: ({ sent, sessions, residentKiB }) => {
      if (looks++ % TELL_EVERY === 0) say(`${sent} sent, ${sessions} sessions, ${toMiB(residentKiB)} MiB`);
    },
  });
  for (const line of describe(result)) say(line);
  const misses = missesOf(result);
  say(misses.length === 0 ? "passed" : `FAILED: ${misses.join("; ")}`);
  return misses.length === 0;
}

function describe(result: DatagramResult): string[] {
  const { seconds, sent, unanswered, sessions, sessionsEver, asked, lost, moved, slowestMs, dropped } = result;
  return [
    `strangers: ${sent} datagrams in ${seconds.toFixed(1)} s, ${unanswered} without an answer`,
    `sessions: at most ${sessions} at once, ${sessionsEver} in all; ${toMiB(result.residentKiB)} MiB resident, ` +
    `${toMiB(result.residentBeforeKiB)} MiB before`,
    `conversations: ${lost} of ${asked} answers lost, ${moved} sessions lost, ${slowestMs.toFixed(0)} ms at most; ` +
    `${dropped} datagrams dropped by the system in front of weir`,
  ];
}

function missesOf({ sent, sessions, lost, moved, dropped }: DatagramResult): string[] {
  return [
    ...(sent < datagrams ? [`only ${sent} datagrams were sent`] : []),
    ...(sessions <= MOST_SESSIONS ? [] : ["more sessions than there may be"]),
    ...(lost === 0 ? [] : [`conversations lost answers${dropped > 0 ? ": the system dropped datagrams" : ""}`]),
    ...(moved === 0 ? [] : ["conversations lost their sessions"]),
  ];
}

function count(name: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number <= most) return number;
  fail(`--${name} ${text}: a whole number above 0${most === Infinity ? "" : ` and up to ${most}`} is wanted`);
}

function fail(message: string): never {
  console.error(`datagrams: ${message}`);
  process.exit(2);
}

function toMiB(kib: number): string {
  return (kib / KIB_PER_MIB).toFixed(0);
}
