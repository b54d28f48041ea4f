// Lists a folder recursively, for reading a configuration and for watching it.

import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** Files and folders below a path, symbolic links followed. */
export interface Scan {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Lists a folder recursively, sorted; a file is its own list, and what can't be read is left out.
 * Names that begin with two dots are skipped: a mounted ConfigMap keeps its generations in `..data` and
 * `..2026_01_01`, and its visible names are links into them.
 */
export async function scan(path: string): Promise<Scan> {
  const found = { files: new Array<string>(), folders: new Array<string>() };
  await walk(path, found, new Set());
  found.files.sort();
  return found;
}

async function walk(path: string, found: { files: string[]; folders: string[] }, visited: Set<string>): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isDirectory()) {
    found.files.push(path);
    return;
  }
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || visited.has(target)) return; // gone meanwhile, or a link that leads back
  visited.add(target);
  found.folders.push(path);
  const names = await readdir(path).catch(() => new Array<string>());
  for (const name of names) {
    if (!name.startsWith("..")) await walk(join(path, name), found, visited);
  }
}
