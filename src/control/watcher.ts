// Providers' states → one routing table at a time: collects, merges, builds, and swaps.

import type { BuildContext } from "../build/context.ts";
import { buildRoutingTable } from "../build/build.ts";
import type { RoutingTable } from "../build/build.ts";
import { mergeConfigurations, type MergedConfiguration, MergeMemory } from "../config/merge.ts";
import { keysOf } from "../config/patched-record.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import { Throttle } from "../net/throttle.ts";
import type { Provider, ProviderState } from "../provider/provider.ts";
import type { Problem } from "../schema/problem.ts";
import type { Logger } from "../telemetry/logger.ts";
import { problemFields } from "./problem-log.ts";

/** What a watcher works with. */
export interface WatcherOptions {
  /** Each with a name of its own. */
  readonly providers: readonly Provider[];
  readonly build: BuildContext;
  /** Providers whose routers win ties, the first one first. Default: Traefik's order. */
  readonly precedence?: readonly string[];
  readonly logger: Logger;
  /** Least milliseconds between two builds; a change after a quiet time is built at once. */
  readonly throttleMs: number;
  /** How many milliseconds `start` waits for providers that tell nothing. Default: 10 s. */
  readonly patienceMs?: number;
  /** Puts a table in force. */
  swap(table: RoutingTable): void;
  /** A build is over. */
  built(ok: boolean): void;
}

interface Built {
  readonly config: MergedConfiguration;
  readonly table: RoutingTable;
}

const PATIENCE_MS = 10_000; // a provider that can't be reached must not keep the others from serving, nor a Pod unready

/** Watches providers. */
export class ConfigurationWatcher {
  readonly #options: WatcherOptions;
  readonly #states = new Map<string, ProviderState>();
  readonly #memory = new MergeMemory();
  /** Providers that have told nothing yet. */
  readonly #silent: Set<string>;
  readonly #throttle: Throttle;
  #hasBuilt = false;
  /** The last build succeeded. */
  #isSound = true;
  /** Problems that were logged, so that a reload tells only what is new. */
  #known: ReadonlySet<string> = new Set();
  #firstStates: (() => void) | undefined = undefined;
  /** Until all have told their first state, what one of them refers to may be in another's. */
  #isEarly = true;
  #hasStarted = false;
  #stopped = false;

  /** @throws {ProxyError} `duplicate-provider`: the states of one would overwrite those of the other */
  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#silent = new Set();
    this.#throttle = new Throttle(() => this.#buildNow(), options.throttleMs);
    for (const { name } of options.providers) {
      if (this.#silent.has(name)) throw duplicate(name);
      this.#silent.add(name);
    }
  }

  /** Providers whose first state is waited for, as long as not everything is in force; undefined: `start` is over. */
  get awaited(): readonly string[] | undefined {
    return this.#hasStarted ? undefined : [...this.#silent];
  }

  /** Starts all providers. Resolves when each has told its first state, or after a while without. */
  async start(): Promise<void> {
    const complete = this.#allTold();
    for (const provider of this.#options.providers) this.#startOne(provider);
    await complete;
    this.#isEarly = false;
    if (this.#throttle.isPending || !this.#hasBuilt || this.#silent.size > 0) this.#throttle.flush();
    this.#hasStarted = true;
  }

  /**
   * Builds again from what the providers told last: something else that routing depends on has changed.
   * @returns false when that failed; true before the first build, too
   */
  rebuild(): boolean {
    if (!this.#hasBuilt) return true;
    this.#throttle.flush();
    return this.#isSound;
  }

  /** Has the providers look at their sources again. */
  reload(): void {
    for (const provider of this.#options.providers) provider.reload?.();
  }

  /** Stops all providers; the table in force stays. Never fails. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#throttle.stop();
    this.#firstStates?.();
    await Promise.all(this.#options.providers.map((provider) => this.#stopOne(provider)));
  }

  #startOne(provider: Provider): void {
    try {
      provider.start((state) => this.#update(provider.name, state));
    } catch (thrown) {
      const error = toProxyError(thrown);
      this.#options.logger.error("a provider could not be started", { providerName: provider.name, error });
      this.#told(provider.name);
    }
  }

  async #stopOne(provider: Provider): Promise<void> {
    try {
      await provider.stop();
    } catch (thrown) {
      const error = toProxyError(thrown);
      this.#options.logger.error("a provider could not be stopped", { providerName: provider.name, error });
    }
  }

  #allTold(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#firstStates?.(), this.#options.patienceMs ?? PATIENCE_MS);
      this.#firstStates = () => {
        clearTimeout(timer);
        this.#firstStates = undefined;
        resolve();
      };
      if (this.#silent.size === 0) this.#firstStates();
    });
  }

  #update(name: string, state: ProviderState): void {
    if (this.#stopped) return;
    this.#states.set(name, state);
    this.#throttle.trigger();
    this.#told(name);
  }

  #told(name: string): void {
    if (this.#silent.delete(name) && this.#silent.size === 0) this.#firstStates?.();
  }

  #buildNow(): void {
    const startedAt = performance.now();
    const built = this.#build();
    this.#hasBuilt = true;
    this.#isSound = built !== undefined;
    this.#options.built(this.#isSound);
    if (built !== undefined) this.#report(built, performance.now() - startedAt);
  }

  /** @returns undefined when it failed: everything stays as it was */
  #build(): Built | undefined {
    const { build, logger, swap, precedence } = this.#options;
    build.state.begin();
    try {
      const config = mergeConfigurations(this.#states, precedence, this.#memory);
      const table = buildRoutingTable(config, build);
      swap(table);
      build.state.commit();
      return { config, table };
    } catch (thrown) {
      build.state.rollback();
      const error = toProxyError(thrown);
      logger.error("the configuration could not be built; the last one stays in force", { error });
      return undefined;
    }
  }

  #report({ config, table: { problems } }: Built, durationMs: number): void {
    const { logger } = this.#options;
    if (!this.#isEarly) this.#judge(problems);
    if (!logger.enabled("DEBUG")) return;
    logger.debug("configuration applied", {
      routers: keysOf(config.http.routers).length,
      services: keysOf(config.http.services).length,
      problems: problems.length,
      durationMs: Math.round(durationMs),
    });
  }

  #judge(problems: readonly Problem[]): void {
    const seen = new Set<string>();
    for (const problem of problems) {
      const key = JSON.stringify({ ...problem, hint: undefined }); // it may name neighbours, which come and go
      if (!seen.has(key) && !this.#known.has(key)) this.#tell(problem);
      seen.add(key);
    }
    this.#known = seen;
    for (const provider of this.#options.providers) provider.judged?.(problems);
  }

  #tell(problem: Problem): void {
    const { logger } = this.#options;
    if (problem.severity === "error") logger.error(problem.message, problemFields(problem));
    else logger.warn(problem.message, problemFields(problem));
  }
}

function duplicate(name: string): ProxyError {
  const message = `two providers are called ${JSON.stringify(name)}; the parts of one would be taken for the other's`;
  return new ProxyError(message, { code: "duplicate-provider", source: "internal", status: 500 });
}
