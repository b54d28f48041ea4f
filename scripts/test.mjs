// `npm test`: brings what is missing, runs the checks and every test on every runtime, and counts truly.
//
//   npm test                                       everything
//   npm test -- unit e2e                           some stages: checks, unit, contract, conformance, e2e
//   npm test -- unit --runtime bun,node24          some runtimes
//   npm test -- tests/unit/rule                    some files

import { existsSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { allChecks, runChecks } from "./lib/checks.mjs";
import { describeMissing, ensurePrograms } from "./lib/debian.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { runStage, stages } from "./lib/stages.mjs";
import { runMain, SetUpError, toRuntimeName } from "./lib/tree.mjs";

/** @typedef {import("./lib/stages.mjs").StageResult} StageResult */

const STAGES = ["checks", ...stages.map((stage) => stage.name)];

/** @param {readonly string[]} args */
function readArguments(args) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { runtime: { type: "string", multiple: true } },
    allowPositionals: true,
  });
  const runtimes = (values.runtime ?? []).flatMap((value) => value.split(",")).map(toRuntimeName);
  const paths = positionals.filter((word) => !STAGES.includes(word));
  const unknown = paths.find((path) => !existsSync(path));
  if (unknown !== undefined) {
    throw new SetUpError(`"${unknown}" is neither a stage nor a path`, `stages: ${STAGES.join(", ")}`);
  }
  const named = positionals.filter((word) => STAGES.includes(word));
  const byDefault = paths.length > 0 ? STAGES.slice(1) : STAGES;
  return { runtimes, paths, wanted: named.length > 0 ? named : byDefault };
}

/**
 * @param {ReturnType<typeof readArguments>} choice
 * @returns {Promise<StageResult[]>}
 */
async function runAll(choice) {
  /** @type {StageResult[]} */
  const results = [];
  if (choice.wanted.includes("checks")) {
    const start = performance.now();
    const checked = await runChecks(allChecks());
    const failed = checked.filter((check) => !check.ok).length;
    const seconds = (performance.now() - start) / 1000;
    results.push({ label: "checks", passed: checked.length - failed, failed, skipped: 0, seconds, skips: [] });
  }
  for (const stage of stages.filter((each) => choice.wanted.includes(each.name))) {
    results.push(...await runStage(stage, choice));
  }
  return results;
}

/** @param {readonly StageResult[]} results */
function printSummary(results) {
  const skips = results.flatMap((result) => result.skips.map((skip) => `  ${result.label}: ${skip}`));
  if (skips.length > 0) console.log(["", "skipped:", ...skips].join("\n"));
  console.log("\nstage                  passed  failed  skipped  seconds");
  for (const { label, passed, failed, skipped, seconds } of results) {
    const columns = [String(passed).padStart(6), String(failed).padStart(6), String(skipped).padStart(7)];
    console.log(`${label.padEnd(21)}  ${columns.join("  ")}  ${seconds.toFixed(0).padStart(7)}`);
  }
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    results.reduce((total, each) => total + each[key], 0);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  return sum("failed");
}

await runMain(async () => {
  const choice = readArguments(process.argv.slice(2));
  await ensurePackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) console.error(describeMissing(missing));
  const results = await runAll(choice);
  if (results.length === 0) throw new SetUpError("no test file matches", "name a file or folder below tests/");
  return printSummary(results) === 0 ? 0 : 1;
});
