// Reads the start-up options again while weir runs: entry points follow, everything else waits for a restart.

import type { LoadedStatic } from "../config/load-static.ts";
import { loadStatic } from "../config/load-static.ts";
import type { StaticConfiguration } from "../config/static.ts";
import { problemFields } from "../control/problem-log.ts";
import type { EntryPointChange, EntryPointPlace } from "../control/entry-point-set.ts";
import { toProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import type { Proxy } from "../proxy.ts";
import { isMapping } from "../schema/path.ts";
import type { Problem } from "../schema/problem.ts";
import type { Logger } from "../telemetry/logger.ts";

/** What reloading works with. */
export interface StaticReloadOptions {
  readonly runtime: Pick<Runtime, "env" | "files">;
  /** Flags, as at start: they may name the file. */
  readonly args: readonly string[];
  readonly logger: Logger;
  readonly proxy: Pick<Proxy, "changeEntryPoints">;
}

/** Follows the file of the start-up options, where there is one. */
export class StaticReload {
  readonly #options: StaticReloadOptions;
  /** What the process was started with. */
  readonly #started: StaticConfiguration;
  /** Problems that were told already. */
  #known: ReadonlySet<string>;
  /** Options of which it was told that they wait. */
  #waiting = "";
  #watched: string | undefined = undefined;
  #unwatch: () => void = () => undefined;
  /** One reading at a time. */
  #turn: Promise<void> = Promise.resolve();
  #isPending = false;
  #isStopped = false;

  constructor(options: StaticReloadOptions, loaded: LoadedStatic, started: StaticConfiguration) {
    this.#options = options;
    this.#started = started;
    this.#known = keysOf(loaded.problems);
    this.#watch(loaded);
  }

  /** Reads everything again, soon. Never fails: what is wrong is logged, and stays as it was. */
  reload(): Promise<void> {
    if (this.#isPending) return this.#turn;
    this.#isPending = true;
    return this.#turn = this.#turn.then(async () => {
      this.#isPending = false;
      try {
        if (!this.#isStopped) await this.#reload();
      } catch (thrown) {
        this.#options.logger.error("the start-up options can't be read again", { error: toProxyError(thrown) });
      }
    });
  }

  /** Looks no longer. Resolves when what was begun is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unwatch();
    await this.#turn;
  }

  async #reload(): Promise<void> {
    const { runtime, args, logger } = this.#options;
    const loaded = await loadStatic(runtime, args);
    this.#watch(loaded);
    this.#tellProblems(loaded.problems);
    const { configuration } = loaded;
    if (configuration === undefined) {
      logger.error("the start-up options have errors: entry points stay as they are");
      return;
    }
    this.#tellWaiting(configuration);
    await this.#change(configuration.entryPoints);
  }

  async #change(entryPoints: StaticConfiguration["entryPoints"]): Promise<void> {
    const { logger, proxy } = this.#options;
    try {
      tellChange(logger, await proxy.changeEntryPoints(entryPoints));
    } catch (thrown) {
      const error = toProxyError(thrown);
      if (error.code === "proxy-stopped") return;
      logger.error(`${error.message}; all entry points stay as they are`, { code: error.code });
    }
  }

  #watch({ file }: LoadedStatic): void {
    if (this.#isStopped || file?.path === this.#watched) return;
    this.#unwatch();
    this.#watched = file?.path;
    this.#unwatch = file === undefined
      ? () => undefined
      : this.#options.runtime.files.watch(file.path, () => void this.reload());
  }

  #tellProblems(problems: readonly Problem[]): void {
    const { logger } = this.#options;
    for (const problem of problems) {
      if (this.#known.has(JSON.stringify(problem))) continue;
      if (problem.severity === "error") logger.error(problem.message, problemFields(problem));
      else logger.warn(problem.message, problemFields(problem));
    }
    this.#known = keysOf(problems);
  }

  #tellWaiting(configuration: StaticConfiguration): void {
    const options = changedOptions({ ...this.#started, entryPoints: {} }, { ...configuration, entryPoints: {} });
    const waiting = options.join(", ");
    if (waiting !== "" && waiting !== this.#waiting) {
      this.#options.logger.warn(`these options have changed and need a restart: ${waiting}`, { options: waiting });
    }
    this.#waiting = waiting;
  }
}

function tellChange(logger: Logger, { opened, closed, changed, unchanged }: EntryPointChange): void {
  for (const place of opened) logger.info(`the entry point ${place.name} is open`, fieldsOf(place));
  for (const place of changed) logger.info(`the entry point ${place.name} has changed`, fieldsOf(place));
  for (const name of closed) {
    logger.info(`the entry point ${name} is closed; what is under way may finish`, { entryPointName: name });
  }
  if (unchanged.length === 0) return;
  const options = unchanged.map((option) => `entryPoints.${option}`).join(", ");
  logger.warn(`these options have changed and need a restart, or another address: ${options}`, { options });
}

function fieldsOf({ name, host, port, protocol }: EntryPointPlace): Readonly<Record<string, unknown>> {
  return { entryPointName: name, address: `${host.includes(":") ? `[${host}]` : host}:${port}/${protocol}` };
}

function keysOf(problems: readonly Problem[]): ReadonlySet<string> {
  return new Set(problems.map((problem) => JSON.stringify(problem)));
}

/** Names of the options that differ, as flags spell them. */
export function changedOptions(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isMapping(before) || !isMapping(after)) return [path.join(".")];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => changedOptions(before[name], after[name], [...path, name]));
}
