// A local cluster for tests: manifests in a folder of their own, echo backends behind node:http.

import { mkdtempSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtime } from "#runtime";
import { weirDefinitions } from "../../src/command/crds.ts";
import { createDevCluster, type DevCluster, type DevClusterOptions } from "../../src/dev/dev-cluster.ts";
import type { Problem } from "../../src/schema/problem.ts";
import { validateObject } from "../../src/provider/kubernetes/crd/schemas.ts";
import { serveHandler } from "./http-serve.ts";

/** A started cluster. */
export interface TestCluster {
  readonly cluster: DevCluster;
  readonly problems: readonly Problem[];
  /** The folder its manifests lie in. */
  readonly folder: string;
  /** Writes a manifest and waits until it has been read. @returns the problems of that load */
  write(file: string, text: string): Promise<readonly Problem[]>;
  /** Removes a manifest and waits until that has been noticed. */
  remove(file: string): Promise<readonly Problem[]>;
  stop(): Promise<void>;
}

let root: string | undefined;

/** For a test file's `after`: removes the manifests. Not when a cluster stops, whose watcher may still be looking. */
export async function removeManifests(): Promise<void> {
  const folder = root;
  root = undefined;
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

/** Starts a cluster on manifests by file name. */
export async function startCluster(
  files: Readonly<Record<string, string>>,
  options: Partial<DevClusterOptions> = {},
): Promise<TestCluster> {
  root ??= mkdtempSync(join(tmpdir(), "weir-dev-"));
  const folder = await mkdtemp(join(root, "manifests-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const waiting: ((problems: readonly Problem[]) => void)[] = [];
  const logger = { debug: () => undefined, error: () => undefined };
  const onReload = (problems: readonly Problem[]) => waiting.splice(0).forEach((resolve) => resolve(problems));
  const own = { runtime, serve: serveHandler, logger, onReload, definitions: weirDefinitions() };
  const validate = (object: Record<string, unknown>) => validateObject(object);
  const cluster = createDevCluster({ paths: [folder], ...own, validate, ...options });
  const { problems } = await cluster.start();
  const after = async (change: () => Promise<void>) => {
    const loaded = new Promise<readonly Problem[]>((resolve) => waiting.push(resolve));
    await change();
    const found = await loaded;
    await cluster.settled();
    return found;
  };
  return {
    cluster,
    problems,
    folder,
    write: (file, text) => after(() => writeFile(join(folder, file), text)),
    remove: (file) => after(() => rm(join(folder, file))),
    stop: () => cluster.stop(),
  };
}
