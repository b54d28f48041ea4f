// The stages of `npm test`: which files, on which runtimes, with which limits.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { compileCache } from "./compile-cache.mjs";
import { testEnvironment } from "./debian.mjs";
import { runPool, watch } from "./process.mjs";
import { parseTotals, runnerCommand, skippedNames } from "./runners.mjs";
import { cache, root } from "./tree.mjs";

/** @typedef {import("./tree.mjs").RuntimeName} RuntimeName */
/** @typedef {import("./runners.mjs").Totals} Totals */
/** @typedef {"unit" | "contract" | "conformance" | "e2e"} StageName */

/**
 * @typedef {object} Stage
 * @property {StageName} name also the folder below tests/
 * @property {readonly RuntimeName[]} runtimes whose runner runs the files
 * @property {number} width runners at once
 * @property {number} parallel test files at once within Node's runner
 * @property {number} timeoutMs of one runner
 * @property {boolean} live whether the runner's output is shown while it runs
 * @property {boolean} keepsCompiled whether Node keeps compiled modules: not where time and memory of weir are judged
 */

/** @typedef {Totals & { label: string, seconds: number, problem?: string, skips: readonly string[] }} StageResult */

/** @type {readonly Stage[]} */
export const stages = [
  {
    name: "unit",
    runtimes: ["node24", "bun", "deno"],
    width: 2,
    parallel: 2,
    timeoutMs: 300_000,
    live: false,
    keepsCompiled: true,
  },
  {
    name: "contract",
    runtimes: ["node22", "node24", "node26", "bun", "deno"],
    width: 1,
    parallel: 1,
    timeoutMs: 180_000,
    live: false,
    keepsCompiled: false,
  },
  // Replays what real API servers answered: the same handler on any runtime, so one will do.
  {
    name: "conformance",
    runtimes: ["node24"],
    width: 1,
    parallel: 1,
    timeoutMs: 400_000,
    live: false,
    keepsCompiled: true,
  },
  // End-to-end tests start weir on each runtime themselves; Node's runner only drives them.
  {
    name: "e2e",
    runtimes: ["node24"],
    width: 1,
    parallel: 1,
    timeoutMs: 1_200_000,
    live: true,
    keepsCompiled: false,
  },
];

/**
 * @param {string} folder
 * @returns {string[]} test files below it, sorted, relative to the repository
 */
export function testFiles(folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"));
  return files.map((entry) => relative(root, join(entry.parentPath, entry.name))).sort();
}

/**
 * Runs a stage on its runtimes.
 * @param {Stage} stage
 * @param {{ runtimes: readonly RuntimeName[], paths: readonly string[] }} narrow `runtimes`: only these, unless empty;
 *   `paths`: only test files whose path begins with one of them, unless empty
 * @returns {Promise<readonly StageResult[]>}
 */
export async function runStage(stage, narrow) {
  const files = testFiles(join("tests", stage.name)).filter((file) => isWanted(file, narrow.paths));
  if (files.length === 0 && narrow.paths.length > 0) return [];
  // The runner of the end-to-end tests stays; what they start is narrowed through the environment.
  const runtimes = stage.name !== "e2e" && narrow.runtimes.length > 0 ? narrow.runtimes : stage.runtimes;
  const compiled = stage.keepsCompiled ? compileCache() : {};
  const env = { ...testEnvironment(), ...compiled, NO_COLOR: "1", WEIR_TEST_RUNTIMES: narrow.runtimes.join(",") };
  return await runPool(runtimes.map((runtime) => () => runOn(stage, runtime, files, env)), stage.width);
}

/**
 * @param {string} file
 * @param {readonly string[]} paths
 */
function isWanted(file, paths) {
  return paths.length === 0 || paths.some((path) => file.startsWith(relative(root, path)));
}

/**
 * @param {Stage} stage
 * @param {RuntimeName} runtime
 * @param {readonly string[]} files
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<StageResult>}
 */
async function runOn(stage, runtime, files, env) {
  const label = `${stage.name} on ${runtime}`;
  if (files.length === 0) return none(label, `tests/${stage.name} holds no test file`);
  const start = performance.now();
  const { command, args } = runnerCommand(runtime, files, { parallel: stage.parallel });
  const onText = stage.live ? { onText: (/** @type {string} */ text) => void process.stdout.write(text) } : {};
  const outcome = await watch(command, args, { timeoutMs: stage.timeoutMs, env, ...onText });
  const seconds = (performance.now() - start) / 1000;
  const log = saveLog(label, outcome.output);
  const result = judge(label, outcome, parseTotals(runtime, outcome.output), stage.timeoutMs);
  const { problem } = result;
  const skips = skippedNames(outcome.output);
  const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
  const bad = result.failed > 0;
  console.log(`${bad ? "FAIL" : "ok  "} ${label}: ${counts} (${seconds.toFixed(1)} s)${problem ? `: ${problem}` : ""}`);
  if (bad) console.log(stage.live ? `     log: ${log}` : `${outcome.output.trimEnd()}\n     log: ${log}`);
  return { ...result, seconds, skips };
}

/**
 * Weighs a runner's summary against how it ended: a run that broke, hung or ran nothing is a failure.
 * @param {string} label
 * @param {import("./process.mjs").Outcome} outcome
 * @param {Totals | undefined} totals
 * @param {number} timeoutMs
 * @returns {StageResult}
 */
function judge(label, outcome, totals, timeoutMs) {
  if (outcome.timedOut) return none(label, `stopped after ${timeoutMs / 1000} s`, totals);
  if (totals === undefined) return none(label, `the runner ended with exit code ${outcome.code} and no summary`);
  if (totals.passed + totals.failed + totals.skipped === 0) return none(label, "no test ran", totals);
  if (outcome.code !== 0 && totals.failed === 0) {
    return none(label, `the runner ended with exit code ${outcome.code}`, totals);
  }
  return { ...totals, label, seconds: 0, skips: [] };
}

/**
 * @param {string} label
 * @param {string} problem
 * @param {Totals} [totals]
 * @returns {StageResult} with the problem counted as one failure
 */
function none(label, problem, totals = { passed: 0, failed: 0, skipped: 0 }) {
  return { ...totals, failed: totals.failed + 1, label, problem, seconds: 0, skips: [] };
}

/**
 * @param {string} label
 * @param {string} output
 * @returns {string} where it was written, relative to the repository
 */
function saveLog(label, output) {
  const folder = join(cache, "test-logs");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${label.replaceAll(" ", "-")}.log`);
  writeFileSync(path, output);
  return relative(root, path);
}
