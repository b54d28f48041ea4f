// Brings the programs that tests and benchmarks need from Debian: by apt as root, unpacked below .cache without it.

import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { watch } from "./process.mjs";
import { cache, debianPrefix } from "./tree.mjs";

/** @typedef {{ binary: string, package: string, use: string }} Program */
/** @typedef {Program & { reason: string }} Missing */

/** Each program, the Debian package that brings it, and what is skipped without it. */
export const programs = /** @type {const} */ ([
  { binary: "curl", package: "curl", use: "end-to-end tests" },
  { binary: "openssl", package: "openssl", use: "TLS tests" },
  { binary: "kubectl", package: "kubernetes-client", use: "tests of the embedded Kubernetes API" },
  { binary: "nginx", package: "nginx-light", use: "benchmarks and backends" },
  { binary: "haproxy", package: "haproxy", use: "benchmarks" },
  { binary: "caddy", package: "caddy", use: "benchmarks" },
  { binary: "wrk", package: "wrk", use: "benchmarks and load" },
  { binary: "h2load", package: "nghttp2-client", use: "HTTP/2 load" },
  { binary: "redis-server", package: "redis-server", use: "TCP tests" },
  { binary: "redis-cli", package: "redis-tools", use: "TCP tests" },
  { binary: "postgres", package: "postgresql", use: "tests of PostgreSQL's STARTTLS" },
  { binary: "initdb", package: "postgresql", use: "tests of PostgreSQL's STARTTLS" },
  { binary: "psql", package: "postgresql-client", use: "tests of PostgreSQL's STARTTLS" },
  { binary: "dnsmasq", package: "dnsmasq-base", use: "UDP tests" },
  { binary: "dig", package: "bind9-dnsutils", use: "UDP tests" },
]);

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"]; // daemons live here, and users lack it in PATH
const UNPACKED = join(debianPrefix, "bin");
const APT_MS = 600_000;

/** @returns {NodeJS.ProcessEnv} this environment, with everything set-up brought on PATH */
export function testEnvironment() {
  const path = (process.env["PATH"] ?? "").split(delimiter);
  const folders = [UNPACKED, ...postgresFolders("/"), ...path, ...SYSTEM_FOLDERS];
  return { ...process.env, PATH: [...new Set(folders)].join(delimiter) };
}

/**
 * Debian keeps PostgreSQL's programs off PATH, one folder for each version, behind a slow wrapper.
 * @param {string} prefix what "usr" is below
 * @returns {string[]} the newest version first
 */
function postgresFolders(prefix) {
  const versions = join(prefix, "usr/lib/postgresql");
  if (!existsSync(versions)) return [];
  const newestFirst = readdirSync(versions).sort((one, other) => Number(other) - Number(one));
  return newestFirst.map((version) => join(versions, version, "bin"));
}

/**
 * @param {string} binary
 * @returns {boolean} whether a program is on the tests' PATH
 */
export function hasProgram(binary) {
  const folders = (testEnvironment().PATH ?? "").split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, binary)));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Installs the programs that are not there yet. Never fails: what can't be brought is told, and tests skip it.
 * @param {readonly string[]} [only] binaries; all of them by default
 * @returns {Promise<readonly Missing[]>} what is still missing, and why
 */
export async function ensurePrograms(only = programs.map((program) => program.binary)) {
  const absent = () => programs.filter((program) => only.includes(program.binary) && !hasProgram(program.binary));
  if (absent().length === 0) return [];
  const names = packagesOf(absent());
  let reason = "apt-get is not on this system";
  if (hasProgram("apt-get")) {
    console.error(`set-up: Debian packages: ${names}`);
    reason = process.getuid?.() === 0 ? await installAll(absent) : "not root: apt-get can't install";
    for (const program of absent()) reason = await unpack(program.package, program.binary) ?? reason;
  }
  return absent().map((program) => ({ ...program, reason }));
}

/**
 * @param {readonly Missing[]} missing
 * @returns {string} one line for each program, and the command that brings them
 */
export function describeMissing(missing) {
  const lines = missing.map((each) =>
    `  ${each.binary} (Debian package ${each.package}; for ${each.use}): ${each.reason}`
  );
  const command = `  help: sudo apt-get install ${packagesOf(missing)}`;
  return ["set-up: these programs are missing, and tests that need them are skipped:", ...lines, command].join("\n");
}

/** @param {readonly Program[]} wanted */
function packagesOf(wanted) {
  return [...new Set(wanted.map((program) => program.package))].join(" ");
}

/**
 * Installs all at once, and one by one what a conflict kept out.
 * @param {() => readonly Program[]} absent
 * @returns {Promise<string>} the last complaint of apt-get
 */
async function installAll(absent) {
  const lift = forbidDaemons();
  try {
    if (!existsSync("/var/lib/apt/lists") || readdirSync("/var/lib/apt/lists").length < 2) await apt(["update", "-q"]);
    let outcome = await install(absent());
    if (outcome.code !== 0) {
      await apt(["update", "-q"]); // a package list that is too old names files that are gone
      for (const program of absent()) outcome = await install([program]);
    }
    return complaint(outcome.output);
  } finally {
    lift();
  }
}

/** @param {readonly Program[]} wanted */
function install(wanted) {
  return apt(["install", "-q", "-y", "--no-install-recommends", ...wanted.map((program) => program.package)]);
}

/**
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
function apt(args, cwd) {
  // RUNLEVEL: packages start their daemons only in the run levels that have a network.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  return watch("apt-get", args, { env, timeoutMs: APT_MS, ...(cwd === undefined ? {} : { cwd }) });
}

/** @param {string} output of apt-get */
function complaint(output) {
  return output.split("\n").filter((line) => line.startsWith("E: ")).at(-1)?.slice(3) ?? "apt-get gave no reason";
}

const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Debian asks this script before it starts a daemon; nginx and its peers are wanted as programs only.
 * @returns {() => void} takes it away again
 */
function forbidDaemons() {
  if (existsSync(POLICY)) return () => {};
  writeFileSync(POLICY, "#!/bin/sh\nexit 101\n");
  chmodSync(POLICY, 0o755);
  return () => rmSync(POLICY, { force: true });
}

/**
 * Brings a program without installing anything.
 * @param {string} name of the package
 * @param {string} binary what is wanted of it
 * @returns {Promise<string | undefined>} what went wrong
 */
async function unpack(name, binary) {
  if (!unpacked.has(name)) {
    const failure = await fetchAndUnpack(name);
    if (failure !== undefined) return failure;
    unpacked.add(name);
  }
  return writeWrapper(binary) ? undefined : `the package ${name} holds no ${binary}`;
}

/** @type {Set<string>} Packages that brought one program already and may bring another. */
const unpacked = new Set();

/**
 * Downloads a package with the dependencies that are not installed, and unpacks them below .cache.
 * @param {string} name of the package
 * @returns {Promise<string | undefined>} what went wrong
 */
async function fetchAndUnpack(name) {
  const downloads = join(cache, "downloads");
  mkdirSync(downloads, { recursive: true });
  mkdirSync(UNPACKED, { recursive: true });
  try {
    const fetched = await apt(["download", "-q", ...await withDependencies(name)], downloads);
    if (fetched.code !== 0) return complaint(fetched.output);
    for (const file of readdirSync(downloads).filter((each) => each.endsWith(".deb"))) {
      const done = await watch("dpkg-deb", ["-x", join(downloads, file), debianPrefix], { timeoutMs: APT_MS });
      if (done.code !== 0) return done.output.trim();
    }
    return undefined;
  } finally {
    rmSync(downloads, { recursive: true });
  }
}

/** @param {string} name */
async function withDependencies(name) {
  const plan = await apt(["install", "-s", "-y", "--no-install-recommends", name]);
  const planned = [...plan.output.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? "");
  // A plan that fails (a conflict with an installed package) still leaves the package itself to try.
  return plan.code === 0 && planned.length > 0 ? planned : [name];
}

const BINARY_FOLDERS = ["usr/bin", "usr/sbin", "bin", "sbin"];
const LIBRARY_FOLDERS = ["usr/lib", "lib"];

/**
 * An unpacked program finds its libraries through a wrapper, so that no other program sees them.
 * @param {string} binary
 * @returns {boolean} false when no package brought it
 */
function writeWrapper(binary) {
  const folders = [...postgresFolders(debianPrefix), ...BINARY_FOLDERS.map((folder) => join(debianPrefix, folder))];
  const found = folders.map((folder) => join(folder, binary)).find(isExecutable);
  if (found === undefined) return false;
  const libraries = LIBRARY_FOLDERS.map((folder) => join(debianPrefix, folder)).flatMap((folder) => {
    if (!existsSync(folder)) return [];
    return [
      folder,
      ...readdirSync(folder).filter((each) => each.endsWith("-linux-gnu")).map((each) => join(folder, each)),
    ];
  });
  const text = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(":")}' exec '${found}' "$@"\n`;
  writeFileSync(join(UNPACKED, binary), text);
  chmodSync(join(UNPACKED, binary), 0o755);
  return true;
}
