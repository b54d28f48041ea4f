// Providers' states → one routing table at a time: collects, merges, builds, and swaps.

import type { BuildContext } from "../build/context.ts";
import { buildRoutingTable } from "../build/build.ts";
import type { RoutingTable } from "../build/build.ts";
import { mergeConfigurations } from "../config/merge.ts";
import { toProxyError } from "../net/error.ts";
import type { Provider, ProviderState } from "../provider/provider.ts";
import type { Problem } from "../schema/problem.ts";
import type { Logger } from "../telemetry/logger.ts";
import { problemFields } from "./problem-log.ts";

/** What a watcher works with. */
export interface WatcherOptions {
  readonly providers: readonly Provider[];
  readonly build: BuildContext;
  readonly logger: Logger;
  /** Milliseconds between two builds; a change after a quiet time is built at once. */
  readonly throttleMs: number;
  /** Puts a table in force. */
  swap(table: RoutingTable): void;
  /** A build is over. */
  built(ok: boolean): void;
}

const FIRST_STATE_MS = 5_000; // a provider that can't be reached must not keep the others from serving

/** Watches providers. */
export class ConfigurationWatcher {
  readonly #options: WatcherOptions;
  readonly #states = new Map<string, ProviderState>();
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #builtAt = Number.NEGATIVE_INFINITY;
  /** Problems that were logged, so that a reload tells only what is new. */
  #known: ReadonlySet<string> = new Set();
  #firstStates: (() => void) | undefined = undefined;
  #stopped = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** Starts all providers. Resolves when each has told its first state, or after a while without. */
  async start(): Promise<void> {
    const { providers } = this.#options;
    this.#build();
    let timer: ReturnType<typeof setTimeout> | undefined = undefined;
    const complete = new Promise<void>((resolve) => {
      this.#firstStates = resolve;
      timer = setTimeout(resolve, FIRST_STATE_MS);
    });
    for (const provider of providers) provider.start((state) => this.#update(provider.name, state));
    if (providers.length > 0) await complete;
    clearTimeout(timer);
    this.#firstStates = undefined;
    this.#buildNow();
  }

  /** Builds again from what the providers told last: something else that routing depends on has changed. */
  rebuild(): void {
    if (this.#builtAt !== Number.NEGATIVE_INFINITY) this.#buildNow();
  }

  /** Stops all providers; the table in force stays. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#options.providers.map((provider) => provider.stop()));
  }

  #update(name: string, state: ProviderState): void {
    if (this.#stopped) return;
    this.#states.set(name, state);
    if (this.#states.size === this.#options.providers.length) this.#firstStates?.();
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#builtAt + this.#options.throttleMs - performance.now());
    this.#timer = setTimeout(() => this.#buildNow(), wait);
  }

  #buildNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#stopped) this.#build();
  }

  #build(): void {
    const { build, logger } = this.#options;
    const startedAt = performance.now();
    build.state.begin();
    try {
      const table = buildRoutingTable(mergeConfigurations(this.#states), build);
      build.state.commit();
      this.#options.swap(table);
      this.#report(table.problems);
      this.#options.built(true);
      const { routers, services } = table.status;
      logger.debug("configuration applied", {
        routers: routers.length,
        services: services.length,
        problems: table.problems.length,
        durationMs: Math.round(performance.now() - startedAt),
      });
    } catch (thrown) {
      build.state.rollback();
      this.#options.built(false);
      logger.error("the configuration could not be built; the last one stays in force", {
        error: toProxyError(thrown),
      });
    }
    this.#builtAt = performance.now();
  }

  #report(problems: readonly Problem[]): void {
    const seen = new Set<string>();
    for (const problem of problems) {
      const key = JSON.stringify(problem);
      if (seen.has(key)) continue;
      seen.add(key);
      if (this.#known.has(key)) continue;
      const { logger } = this.#options;
      if (problem.severity === "error") logger.error(problem.message, problemFields(problem));
      else logger.warn(problem.message, problemFields(problem));
    }
    this.#known = seen;
  }
}
