// The three test runners: how each is called, and what its summary says.

import { runtimeBinary } from "./tree.mjs";

/** @typedef {import("./tree.mjs").RuntimeName} RuntimeName */
/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */

const TEST_MS = 120_000; // one test; a hang fails alone instead of taking its stage with it

/**
 * @param {RuntimeName} runtime
 * @param {readonly string[]} files relative to the repository
 * @param {{ parallel?: number }} [options] test files at once, where the runner can; default 1
 * @returns {{ command: string, args: string[] }}
 */
export function runnerCommand(runtime, files, options = {}) {
  const command = runtimeBinary(runtime);
  if (runtime === "bun") {
    return {
      command,
      args: [
        "test",
        `--timeout=${TEST_MS}`,
        ...files.map((file) => `./${file}`),
      ],
    };
  }
  // Types were checked by tsc, for each project with its own.
  if (runtime === "deno") return { command, args: ["test", "-A", "--no-check", ...files] };
  const parallel = `--test-concurrency=${options.parallel ?? 1}`;
  return { command, args: ["--test", "--test-reporter=spec", `--test-timeout=${TEST_MS}`, parallel, ...files] };
}

/**
 * Reads a runner's own summary.
 * @param {RuntimeName} runtime
 * @param {string} output
 * @returns {Totals | undefined} undefined when there is no summary: the runner itself broke
 */
export function parseTotals(runtime, output) {
  const text = withoutColours(output);
  if (runtime === "bun") return parseBun(text);
  if (runtime === "deno") return parseDeno(text);
  return parseNode(text);
}

/** @param {string} text */
function withoutColours(text) {
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}

/** @param {RegExpMatchArray | undefined} match */
function toCount(match) {
  return Number(match?.[1] ?? 0);
}

/**
 * @param {string} text
 * @returns {Totals | undefined}
 */
function parseNode(text) {
  const last = (/** @type {string} */ word) => [...text.matchAll(new RegExp(`^[ℹ#] ${word} (\\d+)$`, "gm"))].at(-1);
  if (last("tests") === undefined) return undefined;
  return {
    passed: toCount(last("pass")),
    failed: toCount(last("fail")) + toCount(last("cancelled")),
    skipped: toCount(last("skipped")) + toCount(last("todo")),
  };
}

/**
 * @param {string} text
 * @returns {Totals | undefined}
 */
function parseBun(text) {
  const last = (/** @type {string} */ word) => [...text.matchAll(new RegExp(`^ *(\\d+) ${word}s?$`, "gm"))].at(-1);
  if (!/^Ran \d+ tests? across/m.test(text)) return undefined;
  return {
    passed: toCount(last("pass")),
    failed: toCount(last("fail")) + toCount(last("error")),
    skipped: toCount(last("skip")) + toCount(last("todo")),
  };
}

/**
 * @param {string} text
 * @returns {Totals | undefined} steps (subtests) count as tests, as Node counts them
 */
function parseDeno(text) {
  const line = [...text.matchAll(/^(?:ok|FAILED) \| .*$/gm)].at(-1)?.[0];
  if (line === undefined) return undefined;
  const count = (/** @type {string} */ word) => {
    const match = line.match(new RegExp(`(\\d+) ${word}(?: \\((\\d+) steps?\\))?`));
    return Number(match?.[1] ?? 0) + Number(match?.[2] ?? 0);
  };
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

/**
 * @param {string} output
 * @returns {string[]} the names of skipped tests, with the reason where the runner tells it
 */
export function skippedNames(output) {
  const text = withoutColours(output);
  const node = [...text.matchAll(/^\s*﹣ (.+?) \([\d.]+ms\)(?: # (.*))?$/gm)];
  const bun = [...text.matchAll(/^\(skip\) (.+)$/gm)];
  const deno = [...text.matchAll(/^\s*(.+) \.\.\. ignored/gm)];
  return [...node, ...bun, ...deno].map((match) => `${match[1]}${match[2] ? `: ${match[2]}` : ""}`);
}
