// Brings the npm packages, the pinned runtimes among them, when they are missing or older than the lock file.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { watch } from "./process.mjs";
import { hasRuntime, root, runtimeNames, runtimes, SetUpError } from "./tree.mjs";

const LEAST_NODE_MAJOR = 20;

/** @typedef {{ packages?: Record<string, { version?: string, optional?: boolean, dev?: boolean }> }} LockFile */

/**
 * Installs what is missing.
 * @throws {SetUpError} when npm fails, with what to do
 */
export async function ensurePackages() {
  requireNode();
  const reason = staleReason(join(root, "package-lock.json"), join(root, "node_modules", ".package-lock.json"));
  if (reason !== undefined) await install(reason);
  await ensureRuntimes();
}

function requireNode() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major >= LEAST_NODE_MAJOR) return;
  throw new SetUpError(
    `this is Node ${process.versions.node}; Node ${LEAST_NODE_MAJOR} or newer is wanted`,
    "install a newer Node (nodejs.org), or run it in a container of the image node:24",
  );
}

/**
 * Compares what was installed with what the lock file wants.
 * @param {string} wantedPath the lock file
 * @param {string} installedPath what npm wrote when it last finished
 * @returns {string | undefined} why packages must be installed; undefined when all is there
 */
export function staleReason(wantedPath, installedPath) {
  if (!existsSync(installedPath)) return "nothing is installed yet";
  const wanted = readLock(wantedPath);
  const installed = readLock(installedPath);
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const have = installed[path];
    // Packages for other systems are optional and rightly absent.
    if (have === undefined && entry.optional === true) continue;
    if (have?.version !== entry.version) return `${path.replace(/^.*node_modules\//, "")} changed in package-lock.json`;
  }
  return undefined;
}

/** @param {string} path */
function readLock(path) {
  try {
    /** @type {LockFile} */
    const lock = JSON.parse(readFileSync(path, "utf8"));
    return lock.packages ?? {};
  } catch (error) {
    throw new SetUpError(
      `${path} can't be read: ${error instanceof Error ? error.message : error}`,
      "restore it: git checkout package-lock.json; rm -rf node_modules",
    );
  }
}

const NPM_HINT = [
  "look at npm's message above; usual causes are no network, a proxy, or a registry that needs a login:",
  "    npm ping                     is the registry reachable?",
  "    npm config get registry      is it the right one?",
  "    npm config get https-proxy   is a proxy needed?",
  "  then run the same command again; it goes on where it stopped.",
].join("\n  ");

const QUIET = ["--include=dev", "--no-audit", "--no-fund", "--ignore-scripts=false", "--loglevel=error"];

/** @param {string} reason */
async function install(reason) {
  console.error(`set-up: npm ci (${reason}); about 850 MB on disk, once`);
  let outcome = await npm(["ci", ...QUIET]);
  if (/\bEUSAGE\b/.test(outcome.output)) {
    // npm ci wants the lock file to name the packages of every system, and some registries lack those of others.
    console.error("set-up: npm ci finds package-lock.json incomplete; npm install with the versions it names");
    outcome = await npm(["install", "--no-save", ...QUIET]);
  }
  if (outcome.code === 0) return;
  console.error(outcome.output.trimEnd());
  throw new SetUpError(`npm failed (${outcome.timedOut ? "no end in sight" : `exit code ${outcome.code}`})`, NPM_HINT);
}

/** Install scripts put the runtimes in place; some systems switch them off or lose their downloads. */
async function ensureRuntimes() {
  const missing = runtimeNames.filter((name) => !hasRuntime(name));
  if (missing.length === 0) return;
  console.error(`set-up: npm rebuild (${missing.join(", ")} not in place)`);
  await npm([
    "rebuild",
    ...missing.map((name) => runtimes[name].package),
    "--ignore-scripts=false",
    "--loglevel=error",
  ]);
  const still = missing.filter((name) => !hasRuntime(name));
  if (still.length === 0) return;
  throw new SetUpError(
    `npm did not bring these runtimes: ${still.join(", ")}`,
    "their install scripts did not run or could not download; rm -rf node_modules, and run the same command again",
  );
}

const NPM_MS = 1_200_000;

/** @param {readonly string[]} args */
function npm(args) {
  // NODE_ENV=production would drop the runtimes, which are development packages.
  return watch("npm", args, { env: { ...process.env, NODE_ENV: "development" }, timeoutMs: NPM_MS });
}
