// What a benchmark run includes: arguments to options.

import { parseArgs } from "node:util";
import { type BenchCase, cases } from "./cases.ts";
import { type Contender, contenders, peers } from "./contenders.ts";

/** A run, narrowed by arguments. */
export interface BenchOptions {
  readonly cases: readonly BenchCase[];
  readonly contenders: readonly Contender[];
  /** Load of one measurement, in seconds; a second of warm-up comes before it. */
  readonly seconds: number;
  /** Measurements of each proxy; the table shows the median. */
  readonly rounds: number;
  /** Where to write the rows as JSON. */
  readonly json: string | undefined;
  readonly help: boolean;
}

/** What `--help` prints. */
export const usage = `npm run bench -- [options]
  --case NAME,…      ${cases.map((each) => each.name).join(", ")}
  --proxy NAME,…     weir, ${peers.join(", ")}
  --runtime NAME,…   weir's runtimes: node22, node24 (or node), node26, bun, deno; default bun,node24,deno
  --seconds N        load of one measurement; default 4
  --rounds N         measurements of each proxy, of which the median counts; default 3
  --json PATH        writes the rows as JSON
Exit code 1 when any request failed.`;

const DEFAULT_RUNTIMES = ["bun", "node24", "deno"];

/**
 * @param args command line
 * @throws {RangeError} naming the argument, its value and what was wanted
 */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string", multiple: true },
      proxy: { type: "string", multiple: true },
      runtime: { type: "string", multiple: true },
      seconds: { type: "string", default: "4" },
      rounds: { type: "string", default: "3" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const caseNames = pick("--case", values.case, cases.map((each) => each.name));
  const proxies = pick("--proxy", values.proxy, ["weir", ...peers]);
  const asked = values.runtime?.join(",").split(",").map((name) => name === "node" ? "node24" : name);
  const runtimes = pick("--runtime", asked ?? DEFAULT_RUNTIMES, ["node22", "node24", "node26", "bun", "deno"]);
  return {
    cases: cases.filter((each) => caseNames.includes(each.name)),
    contenders: contenders(proxies, runtimes),
    seconds: toNumber("--seconds", values.seconds, 60),
    rounds: toNumber("--rounds", values.rounds, 20),
    json: values.json,
    help: values.help,
  };
}

function pick(flag: string, given: readonly string[] | undefined, known: readonly string[]): readonly string[] {
  const words = (given ?? known).flatMap((value) => value.split(","));
  const wrong = words.find((word) => !known.includes(word));
  if (wrong !== undefined) throw new RangeError(`${flag} "${wrong}": wanted ${known.join(", ")}`);
  return words;
}

function toNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${flag} "${text}": wanted a whole number from 1 to ${most}`);
}
