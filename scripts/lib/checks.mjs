// The checks of the house that are not tests: format, lint, types, architecture, dead code.

import { join } from "node:path";
import process from "node:process";
import { compileCache } from "./compile-cache.mjs";
import { runPool, watch } from "./process.mjs";
import { cache, root, runtimeBinary } from "./tree.mjs";

/** @typedef {{ name: string, command: string, args: readonly string[] }} Check */
/** @typedef {{ name: string, ok: boolean, output: string, seconds: number }} Checked */

/** Each has a tsconfig.json of its own, so that no folder sees another runtime's types. */
const PROJECTS = [
  "src",
  "adapters/shared",
  "adapters/node",
  "adapters/bun",
  "adapters/deno",
  "tests",
  "scripts",
];

const CHECK_MS = 300_000;

/** @returns {readonly Check[]} the slow ones first */
export function allChecks() {
  const deno = runtimeBinary("deno");
  const node = runtimeBinary("node24");
  const module = (/** @type {string} */ path) => join(root, "node_modules", path);
  return [
    { name: "dead code (knip)", command: node, args: [module("knip/bin/knip.js"), "--no-progress"] },
    { name: "lint", command: deno, args: ["lint", "--quiet"] },
    { name: "format", command: deno, args: ["fmt", "--check", "--quiet"] },
    ...PROJECTS.map((project) => {
      const memory = join(cache, "types", `${project.replace("/", "-")}.tsbuildinfo`); // only what changed is checked again
      const args = [module("typescript/bin/tsc"), "-p", project, "--incremental", "--tsBuildInfoFile", memory];
      return { name: `types of ${project}`, command: node, args };
    }),
    ...["architecture", "deploy", "gaps"].map((name) => ({
      name,
      command: node,
      args: [join(root, "scripts", "check", `${name}.ts`)],
    })),
  ];
}

/**
 * Runs checks two at a time, and tells each one's end.
 * @param {readonly Check[]} checks
 * @returns {Promise<readonly Checked[]>}
 */
export function runChecks(checks) {
  const env = { ...process.env, ...compileCache(), NO_COLOR: "1" };
  return runPool(checks.map((check) => () => runCheck(check, env)), 2);
}

/**
 * @param {Check} check
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Checked>}
 */
async function runCheck(check, env) {
  const start = performance.now();
  const outcome = await watch(check.command, check.args, { timeoutMs: CHECK_MS, env });
  const seconds = (performance.now() - start) / 1000;
  const ok = outcome.code === 0;
  console.log(`${ok ? "ok  " : "FAIL"} ${check.name} (${seconds.toFixed(1)} s)`);
  if (!ok) {
    console.log(indent(outcome.timedOut ? `${outcome.output}\nstopped after ${CHECK_MS / 1000} s` : outcome.output));
  }
  return { name: check.name, ok, output: outcome.output, seconds };
}

/** @param {string} text */
function indent(text) {
  return text.trimEnd().split("\n").map((line) => `    ${line}`).join("\n");
}
