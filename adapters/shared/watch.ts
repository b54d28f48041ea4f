// Watching configuration: a file or a folder, with editors' renames and the symlink swaps of mounted ConfigMaps.

import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { WatchCallback } from "../../src/net/runtime.ts";
import { scan } from "./scan.ts";

const SETTLE_MS = 20; // one save is several events: create, write, chmod, rename
const POLL_MS = 2000; // where the system can't watch: no inotify, its limit reached, or the path does not exist yet

/**
 * Calls back when the content below `path` may differ: other files, or another inode, size or time of one.
 * Events only trigger a look, so that accesses, temporary files and doubled events are not reported.
 * @returns stop
 */
export function watchPath(path: string, changed: WatchCallback): () => void {
  const watcher = new PathWatcher(resolve(path), changed);
  watcher.start();
  return () => watcher.stop();
}

class PathWatcher {
  readonly #path: string;
  readonly #changed: WatchCallback;
  readonly #watchers = new Map<string, FSWatcher>();
  #seen: string | undefined = undefined;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #poll: ReturnType<typeof setInterval> | undefined = undefined;
  #looking = false;
  #again = false;
  #stopped = false;

  constructor(path: string, changed: WatchCallback) {
    this.#path = path;
    this.#changed = changed;
  }

  start(): void {
    void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #touch(): void {
    if (this.#stopped) return;
    if (this.#looking) this.#again = true;
    else this.#timer ??= setTimeout(() => void this.#look(), SETTLE_MS);
  }

  /** Looks until two looks agree: what changed between the look and the watch would go unseen. */
  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#looking = true;
    do {
      this.#again = false;
      const { folders, signature } = await takePicture(this.#path);
      if (this.#stopped) return;
      this.#again = this.#watchFolders(folders) || this.#again;
      const before = this.#seen;
      this.#seen = signature;
      if (before !== undefined && before !== signature) this.#changed();
    } while (this.#again && !this.#stopped);
    this.#looking = false;
  }

  /** @returns whether a folder was added */
  #watchFolders(folders: ReadonlySet<string>): boolean {
    let added = false;
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (!this.#watchers.has(folder)) added = this.#watchFolder(folder) || added;
    }
    return added;
  }

  #watchFolder(folder: string): boolean {
    try {
      const watcher = watch(folder, () => this.#touch());
      watcher.on("error", () => this.#lose(folder));
      this.#watchers.set(folder, watcher);
      return true;
    } catch {
      this.#startPolling();
      return false;
    }
  }

  /** A watched folder was removed, or the system gave up on it. */
  #lose(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
    this.#startPolling();
    this.#touch();
  }

  #startPolling(): void {
    this.#poll ??= setInterval(() => this.#touch(), POLL_MS);
  }
}

/** The folders whose events concern the path, and one text that differs when any file does. */
async function takePicture(path: string): Promise<{ folders: ReadonlySet<string>; signature: string }> {
  const folders = new Set<string>([await nearestFolder(dirname(path))]);
  const { files, folders: below } = await scan(path);
  for (const folder of below) folders.add(folder);
  const lines: string[] = [];
  for (const file of files) {
    try {
      const target = await realpath(file);
      folders.add(dirname(target));
      const { ino, size, mtimeMs } = await stat(target);
      lines.push(`${file} ${target} ${ino} ${size} ${mtimeMs}`);
    } catch {
      lines.push(`${file} unreadable`); // gone since the scan, or a dangling link
    }
  }
  return { folders, signature: lines.join("\n") };
}

/** The folder, or the nearest one above that exists: where its creation will be seen. */
async function nearestFolder(folder: string): Promise<string> {
  for (let at = folder;; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found?.isDirectory() || at === dirname(at)) return at;
  }
}
