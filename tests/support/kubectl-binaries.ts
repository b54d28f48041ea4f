// Which kubectls there are to test with: the newest one on this machine, and Debian's, which is of 2020.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { kubectlBinary } from "./kubectl.ts";
import { projectRoot } from "./runtimes.ts";

const run = promisify(execFile);
const DOWNLOAD_MS = 120_000;

/** A kubectl to test with. */
export interface KubectlBinary {
  /** `newest` or `1.20`. */
  readonly name: string;
  /** Undefined where there is none. */
  readonly path: string | undefined;
  /** For a test's `skip`: false, or why there is none. */
  readonly skip: string | false;
}

/** Finds both; fetches Debian's 1.20 into `.cache` where apt-get can, without installing it. */
export async function findKubectls(): Promise<readonly [newest: KubectlBinary, old: KubectlBinary]> {
  const newest = await findNewest();
  const old = await findOld().catch(() => undefined);
  return [
    { name: "newest", path: newest, skip: newest === undefined && "kubectl is not installed" },
    {
      name: "1.20",
      path: old,
      skip: old === undefined && "kubectl 1.20 is not here: KUBECTL_1_20 may name it, or apt-get download fetch it",
    },
  ];
}

/** Some distributions put several versions beside each other, behind a program that chooses by the server's. */
async function findNewest(): Promise<string | undefined> {
  if (kubectlBinary === undefined) return undefined;
  const folder = dirname(await realpath(kubectlBinary));
  const versions = (await readdir(folder)).filter((file) => /^kubectl\.1\.\d+$/.test(file));
  const last = versions.sort((left, right) => minorOf(left) - minorOf(right)).at(-1);
  return last === undefined ? kubectlBinary : join(folder, last);
}

function minorOf(file: string): number {
  return Number(file.slice(file.lastIndexOf(".") + 1));
}

async function findOld(): Promise<string | undefined> {
  const cached = join(projectRoot, ".cache", "kubectl-1.20", "usr", "bin", "kubectl");
  for (const path of [process.env["KUBECTL_1_20"], kubectlBinary, cached]) {
    if (path !== undefined && await isOld(path)) return path;
  }
  await unpackDebian(join(projectRoot, ".cache", "kubectl-1.20"));
  return await isOld(cached) ? cached : undefined;
}

async function isOld(path: string): Promise<boolean> {
  try {
    const { stdout } = await run(path, ["version", "--client", "-o", "json"]);
    return /"gitVersion": "v1\.20\./.test(stdout);
  } catch {
    return false;
  }
}

/** Renamed into place when it is whole: test files may run at the same time. */
async function unpackDebian(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    await run("apt-get", ["download", "-q", "kubernetes-client"], { cwd: work, timeout: DOWNLOAD_MS });
    const [file = ""] = (await readdir(work)).filter((name) => name.endsWith(".deb"));
    await run("dpkg-deb", ["-x", file, "unpacked"], { cwd: work });
    await rename(join(work, "unpacked"), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
