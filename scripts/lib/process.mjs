// Child processes: one to be passed through, others to be watched, and none to be left behind.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { root, SetUpError } from "./tree.mjs";

/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv }} Where */
/** @typedef {{ code: number, output: string, timedOut: boolean }} Outcome */

/** @type {readonly NodeJS.Signals[]} */
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"];

/**
 * Runs a program in place of this one: its standard streams, signals and exit code are ours.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Where} [where]
 * @returns {Promise<number>} the exit code
 */
export function passThrough(command, args, where = {}) {
  const child = spawn(command, args, { stdio: "inherit", ...where });
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    // A terminal sends Ctrl-C to the whole process group: the child has it already.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  const stopWatching = onOrphaned(() => child.kill("SIGTERM"));
  const release = () => {
    stopWatching();
    for (const each of FORWARDED) process.off(each, forward);
  };
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      release();
      reject(new SetUpError(`${command} does not start: ${error.message}`));
    });
    child.on("exit", (code, signal) => {
      release();
      resolve(toExitCode(code, signal));
    });
  });
}

const PARENT_POLL_MS = 500;

/**
 * npm dies of SIGTERM without handing it on: whoever stops `npm start` so would leave the proxy running.
 * @param {() => void} orphaned called when npm, our parent, has gone
 * @returns {() => void} stop watching
 */
function onOrphaned(orphaned) {
  if (process.env["npm_lifecycle_event"] === undefined) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    orphaned();
  }, PARENT_POLL_MS);
  return () => clearInterval(timer);
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 * @returns {number} as a shell reports it: 128 and the signal's number when a signal ended it
 */
export function toExitCode(code, signal) {
  if (code !== null) return code;
  return signal === null ? 1 : 128 + (constants.signals[signal] ?? 0);
}

/** @type {Set<number>} Leaders of the process groups that `watch` started and that still run. */
const groups = new Set();

/** @param {number} leader */
function killGroup(leader) {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // The group has gone by itself.
  }
}

/** @type {readonly NodeJS.Signals[]} */
const FATAL = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Ends this process as a signal does; what it started ends with it, for children in groups of their own miss Ctrl-C. */
function endAll(/** @type {NodeJS.Signals} */ signal) {
  process.exit(128 + constants.signals[signal]);
}

process.on("exit", () => {
  for (const leader of groups) killGroup(leader);
});

/** @param {number} leader */
function addGroup(leader) {
  if (groups.size === 0) { for (const signal of FATAL) process.on(signal, endAll); }
  groups.add(leader);
}

/** @param {number} leader */
function removeGroup(leader) {
  killGroup(leader); // what the program left behind
  groups.delete(leader);
  if (groups.size === 0) { for (const signal of FATAL) process.off(signal, endAll); }
}

/**
 * Runs a program to its end in a process group of its own, collecting standard output and error.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Where & { timeoutMs: number, input?: string, onText?: (text: string) => void }} options
 *   `timeoutMs`: the whole group is killed after it
 * @returns {Promise<Outcome>} code 127 when the program does not start
 */
export function watch(command, args, options) {
  const { timeoutMs, onText, input, ...where } = options;
  const child = spawn(command, args, { cwd: root, ...where, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const leader = child.pid;
  if (leader !== undefined) addGroup(leader);
  let output = "";
  let timedOut = false;
  const collect = (/** @type {Buffer} */ chunk) => {
    const text = chunk.toString();
    output += text;
    onText?.(text);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  child.stdin.on("error", () => {}); // a program that does not read its input may close it
  child.stdin.end(input);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      timedOut = true;
      if (leader !== undefined) killGroup(leader);
    }, timeoutMs);
    const finish = (/** @type {number} */ code) => {
      clearTimeout(timer);
      if (leader !== undefined) removeGroup(leader);
      resolve({ code, output, timedOut });
    };
    child.on("error", (error) => {
      output += error.message;
      finish(127);
    });
    child.on("exit", (code, signal) => drained(child).then(() => finish(toExitCode(code, signal))));
  });
}

const DRAIN_MS = 2000; // a grandchild that outlives the program may hold its output open for ever

/** @param {import("node:child_process").ChildProcessWithoutNullStreams} child */
function drained(child) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), DRAIN_MS);
    child.on("close", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

/**
 * Runs jobs, some at the same time.
 * @template T
 * @param {readonly (() => Promise<T>)[]} jobs
 * @param {number} width how many at once
 * @returns {Promise<T[]>} in the order of `jobs`
 */
export async function runPool(jobs, width) {
  /** @type {T[]} */
  const results = new Array(jobs.length);
  let next = 0;
  const work = async () => {
    while (next < jobs.length) {
      const at = next++;
      const job = jobs[at];
      if (job !== undefined) results[at] = await job();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, work));
  return results;
}
